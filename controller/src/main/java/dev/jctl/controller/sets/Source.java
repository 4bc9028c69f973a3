package dev.jctl.controller.sets;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.manifests.model.Annotations;
import dev.jctl.manifests.model.ResourceKind;
import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The object that says that others be there; as text {@code Kind/namespace/name}. */
public record Source(String kind, String namespace, String name) {
  private static final Pattern TEXT = Pattern.compile("(\\w+)/([^/]+)/([^/]+)");

  /** Empty: no object says that this one be there. */
  public static Optional<Source> of(JsonNode object) {
    String text = object.path("metadata").path("annotations").path(Annotations.SOURCE).asText("");
    Matcher m = TEXT.matcher(text);
    return m.matches()
        ? Optional.of(new Source(m.group(1), m.group(2), m.group(3)))
        : Optional.empty();
  }

  public static Source of(ObjectRef ref) {
    return new Source(ref.kind().kind(), ref.namespace(), ref.name());
  }

  /** Empty for a kind that is not served. */
  public Optional<ObjectRef> ref() {
    return Arrays.stream(ResourceKind.values())
        .filter(k -> k.kind().equals(kind))
        .findFirst()
        .map(k -> new ObjectRef(k, namespace, name));
  }

  @Override
  public String toString() {
    return kind + "/" + namespace + "/" + name;
  }
}
