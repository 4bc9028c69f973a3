package dev.jctl.controller.sets;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.manifests.model.Annotations;

/** The marks on each member of a set. */
public final class Membership {
  private static final String KEPT = "disabled";

  private final String set;
  private final Source source;

  private Membership(String set, Source source) {
    this.set = set;
    this.source = source;
  }

  /** {@code source}: which object says what is in it. */
  public static Membership of(String set, Source source) {
    return new Membership(set, source);
  }

  public void mark(ObjectNode object) {
    ObjectNode metadata = object.withObject("/metadata");
    metadata.withObject("/labels").put(Annotations.SET, set);
    metadata.withObject("/annotations").put(Annotations.SOURCE, source.toString());
  }

  /** Whether the object is a member that goes when the set no longer names it. */
  public boolean isPrunable(JsonNode object) {
    JsonNode metadata = object.path("metadata");
    return set.equals(metadata.path("labels").path(Annotations.SET).asText())
        && Source.of(object).filter(source::equals).isPresent()
        // what another object owns goes with its owner
        && metadata.path("ownerReferences").isEmpty()
        && !KEPT.equals(metadata.path("annotations").path(Annotations.PRUNE).asText());
  }
}
