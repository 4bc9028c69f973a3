package dev.jctl.controller.sets;

import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.manifests.model.ResourceKind;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** The objects of a set as texts: {@code Kind/namespace/name}, or {@code Kind/name}. Pure. */
public final class Members {
  private Members() {}

  public static String text(ObjectRef ref) {
    return ref.kind().kind()
        + "/"
        + (ref.namespace().isEmpty() ? "" : ref.namespace() + "/")
        + ref.name();
  }

  static List<String> texts(Collection<ObjectRef> refs) {
    return refs.stream().map(Members::text).sorted().toList();
  }

  /** Empty for a kind that is not served. */
  public static Optional<ObjectRef> ref(String text) {
    String[] parts = text.split("/", 3);
    return Arrays.stream(ResourceKind.values())
        .filter(kind -> kind.kind().equals(parts[0]))
        .filter(kind -> parts.length == (kind.namespaced() ? 3 : 2))
        .findFirst()
        .map(
            kind ->
                new ObjectRef(kind, kind.namespaced() ? parts[1] : "", parts[parts.length - 1]));
  }
}
