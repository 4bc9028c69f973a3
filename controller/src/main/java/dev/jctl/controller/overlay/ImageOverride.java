package dev.jctl.controller.overlay;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.manifests.codec.ManifestDocument;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Another image wherever one is named; kustomize's {@code images}.
 *
 * @param name of the image, without tag and digest
 */
public record ImageOverride(
    String name, @Nullable String newName, @Nullable String newTag, @Nullable String digest) {
  private static final Pattern REFERENCE =
      Pattern.compile("([^@]+?)(:[A-Za-z0-9_][A-Za-z0-9_.-]*)?(@[a-z0-9]+:[a-f0-9]+)?");

  /** Of Containers, Pods and Images. */
  ManifestDocument apply(ManifestDocument document) {
    ObjectNode tree = document.tree().deepCopy();
    JsonNode spec = tree.path("spec");
    switch (document.kind()) {
      case CONTAINER -> change(spec, "image");
      case IMAGE -> change(spec, "reference");
      case POD ->
          List.of("containers", "initContainers")
              .forEach(list -> spec.path(list).forEach(c -> change(c, "image")));
      default -> {
        return document;
      }
    }
    return new ManifestDocument(document.source(), document.kind(), tree, document.positions());
  }

  private void change(JsonNode holder, String field) {
    Matcher m = REFERENCE.matcher(holder.path(field).asText());
    if (holder instanceof ObjectNode object && m.matches() && m.group(1).equals(name)) {
      object.put(field, changed(m));
    }
  }

  private String changed(Matcher m) {
    String base = newName == null ? name : newName;
    if (digest != null) {
      return base + "@" + digest;
    }
    if (newTag != null) {
      return base + ":" + newTag;
    }
    return base + (m.group(2) == null ? "" : m.group(2)) + (m.group(3) == null ? "" : m.group(3));
  }
}
