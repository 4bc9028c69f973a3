package dev.jctl.controller.resources;

import dev.jctl.manifests.model.ResourceKind;
import dev.jctl.store.Key;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where objects are in the store: {@code /registry/<group or core>/<plural>/<namespace>/<name>},
 * without the namespace for kinds that have none.
 */
public final class Keys {
  /** Of all objects. */
  public static final Key ROOT = Key.of("/registry/");

  private Keys() {}

  public static Key of(ObjectRef ref) {
    return Key.of(
        collection(ref.kind(), ref.kind().namespaced() ? ref.namespace() : null).text()
            + ref.name());
  }

  /** Prefix of the objects of a kind; {@code namespace} null: in all namespaces. */
  public static Key collection(ResourceKind kind, @Nullable String namespace) {
    String group = kind.group().isEmpty() ? "core" : kind.group();
    String all = ROOT.text() + group + "/" + kind.plural() + "/";
    return Key.of(namespace == null ? all : all + namespace + "/");
  }

  /** Empty for a key that names no object of a kind that is served. */
  public static Optional<ObjectRef> ref(Key key) {
    String[] parts = key.text().split("/", -1);
    if (parts.length < 5) {
      return Optional.empty();
    }
    String group = parts[2].equals("core") ? "" : parts[2];
    return ResourceKind.ofPlural(group, "v1", parts[3])
        .filter(kind -> parts.length == (kind.namespaced() ? 6 : 5))
        .map(
            kind ->
                new ObjectRef(kind, kind.namespaced() ? parts[4] : "", parts[parts.length - 1]));
  }
}
