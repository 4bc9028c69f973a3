package dev.jctl.controller.plan;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.controller.resources.ObjectRef;
import java.util.List;

/**
 * What an apply does to one object.
 *
 * @param changes fields that differ
 * @param because other objects whose change makes it
 * @param waitsFor objects of the same apply that must be done first
 * @param unavailable how long what runs is away, in words; empty: not at all
 * @param state stands for the object as it is and as it will be
 */
public record PlannedObject(
    ObjectRef ref,
    Action action,
    List<Change> changes,
    List<ObjectRef> because,
    List<ObjectRef> waitsFor,
    String unavailable,
    String state) {
  public PlannedObject {
    changes = List.copyOf(changes);
    because = List.copyOf(because);
    waitsFor = List.copyOf(waitsFor);
  }

  public enum Action {
    NONE("none"),
    CREATE("create"),
    /** What runs takes the change. */
    IN_PLACE("in place"),
    /**
     * Pods of another template or configuration take the place of its own, as its strategy says.
     */
    ROLL("roll"),
    /** Containers are made anew; addresses stay. */
    RESTART("restart"),
    /** All of it is made anew. */
    RECREATE("recreate"),
    DELETE("delete");

    private final String text;

    Action(String text) {
      this.text = text;
    }

    public String text() {
      return text;
    }
  }

  /**
   * @param before missing: it was not there
   * @param forces whether it is the reason for more than a change in place
   */
  public record Change(String path, JsonNode before, JsonNode after, boolean forces) {}
}
