package dev.jctl.manifests.schema;

import java.util.Set;

/** What may change of objects that are otherwise fixed once they are there. */
public final class MutableFields {
  /** What a running Pod's container can be told without making the Pod anew. */
  public static final Set<String> OF_CONTAINERS =
      Set.of(
          "image",
          "imagePullPolicy",
          "resources",
          "ports",
          "livenessProbe",
          "readinessProbe",
          "startupProbe");

  private MutableFields() {}
}
