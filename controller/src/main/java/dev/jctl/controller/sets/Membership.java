package dev.jctl.controller.sets;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.manifests.model.Annotations;
import java.util.Optional;

/** The marks on each member of a set. */
public final class Membership {
  private static final String KEPT = "disabled";

  private final String set;
  private final Optional<Source> source;

  private Membership(String set, Optional<Source> source) {
    this.set = set;
    this.source = source;
  }

  /** {@code set}: its name, a label's value. Whoever applies it says what is in it. */
  public static Membership of(String set) {
    return new Membership(set, Optional.empty());
  }

  /** {@code source}: which object says what is in it. */
  public static Membership of(String set, Source source) {
    return new Membership(set, Optional.of(source));
  }

  public void mark(ObjectNode object) {
    ObjectNode metadata = object.withObject("/metadata");
    metadata.withObject("/labels").put(Annotations.SET, set);
    source.ifPresent(
        s -> metadata.withObject("/annotations").put(Annotations.SOURCE, s.toString()));
  }

  /** Whether the object is a member that goes when the set no longer names it. */
  public boolean isPrunable(JsonNode object) {
    JsonNode metadata = object.path("metadata");
    return set.equals(metadata.path("labels").path(Annotations.SET).asText())
        && source.equals(Source.of(object))
        // what another object owns goes with its owner
        && metadata.path("ownerReferences").isEmpty()
        && !KEPT.equals(metadata.path("annotations").path(Annotations.PRUNE).asText());
  }
}
