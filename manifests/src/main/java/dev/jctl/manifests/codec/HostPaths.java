package dev.jctl.manifests.codec;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.manifests.model.ResourceKind;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/** Paths on the host that a manifest gives relative to itself. */
public final class HostPaths {
  private HostPaths() {}

  /**
   * The document with {@code spec.archive.path}, {@code spec.rootfs.path}, {@code
   * spec.build.context}, {@code spec.build.contexts[].path} and {@code spec.files[].hostPath} of an
   * Image made absolute and normal; others as they are.
   *
   * @param baseDir where the manifest is, or the working directory for standard input; absolute
   */
  public static ManifestDocument absolute(ManifestDocument document, Path baseDir) {
    ObjectNode tree = absolute(document.kind(), document.tree(), baseDir);
    return new ManifestDocument(document.source(), document.kind(), tree, document.positions());
  }

  static ObjectNode absolute(ResourceKind kind, ObjectNode tree, Path baseDir) {
    if (kind != ResourceKind.IMAGE) {
      return tree;
    }
    ObjectNode copy = tree.deepCopy();
    JsonNode spec = copy.path("spec");
    resolve(spec.path("archive"), "path", baseDir);
    resolve(spec.path("rootfs"), "path", baseDir);
    resolve(spec.path("build"), "context", baseDir);
    spec.at("/build/contexts").forEach(context -> resolve(context, "path", baseDir));
    spec.path("files").forEach(file -> resolve(file, "hostPath", baseDir));
    return copy;
  }

  /** Left alone: what is no text, empty, or cannot be a path, which validation reports. */
  private static void resolve(JsonNode object, String field, Path baseDir) {
    if (object instanceof ObjectNode node
        && node.path(field).isTextual()
        && !node.path(field).textValue().isEmpty()) {
      try {
        node.put(field, baseDir.resolve(node.path(field).textValue()).normalize().toString());
      } catch (InvalidPathException e) {
        return;
      }
    }
  }
}
