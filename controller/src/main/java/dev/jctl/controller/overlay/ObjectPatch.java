package dev.jctl.controller.overlay;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.merge.JsonPatch;
import dev.jctl.controller.merge.PatchException;
import dev.jctl.controller.merge.StrategicMergePatch;
import dev.jctl.manifests.codec.ManifestDocument;
import dev.jctl.manifests.codec.ManifestException;
import dev.jctl.manifests.codec.PlainYaml;
import dev.jctl.manifests.schema.Schemas;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A change to objects: a strategic merge patch, or a JSON patch (RFC 6902) when it is a list.
 *
 * @param where where it is written, for messages
 * @param target which objects; null: the one of the patch's own kind and name
 */
public record ObjectPatch(String where, JsonNode patch, @Nullable Target target) {
  /**
   * As in kustomize: names are regular expressions that match as a whole; null matches all.
   *
   * @param labels each must be so
   */
  public record Target(
      @Nullable String kind,
      @Nullable String name,
      @Nullable String namespace,
      List<String> labels) {
    public Target {
      labels = List.copyOf(labels);
    }

    boolean matches(ManifestDocument document) {
      JsonNode metadata = document.tree().path("metadata");
      return (kind == null || kind.equals(document.kind().kind()))
          && matches(name, metadata.path("name").asText())
          && matches(namespace, metadata.path("namespace").asText())
          && labels.stream().allMatch(label -> hasLabel(metadata.path("labels"), label));
    }

    private static boolean matches(@Nullable String pattern, String text) {
      return pattern == null || Pattern.compile("(?:" + pattern + ")").matcher(text).matches();
    }

    private static boolean hasLabel(JsonNode labels, String label) {
      String[] words = label.split("==?", 2);
      return words.length == 2
          ? labels.path(words[0].strip()).asText().equals(words[1].strip())
          : labels.has(words[0].strip());
    }
  }

  /**
   * The patches of a text.
   *
   * @throws ManifestException when it is none
   */
  public static List<ObjectPatch> parse(String where, String text, @Nullable Target target) {
    List<ObjectPatch> patches = new ArrayList<>();
    for (JsonNode patch : PlainYaml.read(where, text)) {
      if (target == null && !patch.isObject()) {
        throw wrong(where, "a JSON patch needs a target: which kind and name it is for");
      }
      patches.add(new ObjectPatch(where, patch, target));
    }
    return patches;
  }

  /** All documents, those changed that it is for. */
  List<ManifestDocument> apply(List<ManifestDocument> documents) {
    Target to = target == null ? own() : target;
    if (documents.stream().noneMatch(to::matches)) {
      throw wrong(where, "no object is " + to + ", so that the patch changes nothing");
    }
    return documents.stream().map(d -> to.matches(d) ? patched(d) : d).toList();
  }

  private Target own() {
    String name = patch.path("metadata").path("name").asText();
    if (patch.path("kind").asText().isEmpty() || name.isEmpty()) {
      throw wrong(where, "a patch names kind and metadata.name, or has a target");
    }
    return new Target(patch.path("kind").asText(), Pattern.quote(name), null, List.of());
  }

  private ManifestDocument patched(ManifestDocument document) {
    try {
      JsonNode tree =
          patch.isArray()
              ? JsonPatch.apply(document.tree(), patch)
              : StrategicMergePatch.apply(
                  Schemas.of(document.kind()), document.tree().deepCopy(), nameless());
      if (tree instanceof ObjectNode object) {
        return new ManifestDocument(
            document.source(), document.kind(), object, document.positions());
      }
      throw wrong(where, "the patch leaves no object");
    } catch (PatchException e) {
      throw wrong(where, String.valueOf(e.getMessage()));
    }
  }

  /** What a patch for several objects is named does not rename them. */
  private ObjectNode nameless() {
    ObjectNode copy = patch.deepCopy();
    copy.remove(List.of("apiVersion", "kind"));
    if (copy.path("metadata") instanceof ObjectNode metadata) {
      metadata.remove(List.of("name", "namespace"));
    }
    return copy;
  }

  static ManifestException wrong(String where, String message) {
    return new ManifestException(List.of(where + ": " + message));
  }
}
