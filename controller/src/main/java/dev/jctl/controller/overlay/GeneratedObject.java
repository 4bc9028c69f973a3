package dev.jctl.controller.overlay;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.overlay.Kustomization.Generator;
import dev.jctl.manifests.codec.ManifestDocument;
import dev.jctl.manifests.codec.ManifestDocument.Position;
import dev.jctl.manifests.model.ResourceKind;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * A ConfigMap or Secret of a kustomization's generator. Its name has no hash of the content: a
 * change of content is a change of the object here, which those who use it are told of. Pure.
 */
final class GeneratedObject {
  private GeneratedObject() {}

  /** {@code files}: the text of a file beside the kustomization. */
  static ManifestDocument of(String where, Generator generator, UnaryOperator<String> files) {
    if (generator.name().isEmpty()) {
      throw ObjectPatch.wrong(where, "a generator needs a name");
    }
    Map<String, String> data = new LinkedHashMap<>();
    for (String literal : generator.literals()) {
      put(where, data, literal, value -> value);
    }
    for (String file : generator.files()) {
      put(where, data, file.contains("=") ? file : named(file) + "=" + file, files);
    }
    for (String file : generator.envs()) {
      files
          .apply(file)
          .lines()
          .map(String::strip)
          .filter(line -> !line.isEmpty() && !line.startsWith("#"))
          .forEach(line -> put(where + ": " + file, data, line, value -> value));
    }
    ObjectNode tree = JsonNodeFactory.instance.objectNode();
    tree.put("apiVersion", "v1").put("kind", generator.kind());
    ObjectNode metadata = tree.putObject("metadata").put("name", generator.name());
    if (generator.namespace() != null) {
      metadata.put("namespace", generator.namespace());
    }
    boolean secret = generator.kind().equals("Secret");
    ObjectNode content = tree.putObject(secret ? "stringData" : "data");
    data.forEach(content::put);
    return new ManifestDocument(
        where,
        secret ? ResourceKind.SECRET : ResourceKind.CONFIG_MAP,
        tree,
        path -> new Position(1, 1));
  }

  private static String named(String file) {
    return file.substring(file.lastIndexOf('/') + 1);
  }

  private static void put(
      String where, Map<String, String> data, String pair, UnaryOperator<String> value) {
    int equals = pair.indexOf('=');
    if (equals <= 0) {
      throw ObjectPatch.wrong(where, "expected KEY=value in a generator, found " + pair);
    }
    data.put(pair.substring(0, equals), value.apply(pair.substring(equals + 1)));
  }
}
