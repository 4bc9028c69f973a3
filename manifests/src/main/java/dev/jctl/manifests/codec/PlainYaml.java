package dev.jctl.manifests.codec;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/** YAML or JSON that is no manifest, to trees; bounded like manifests. Pure. */
public final class PlainYaml {
  private PlainYaml() {}

  /**
   * The documents of a text; empty ones are left out.
   *
   * @param source the text's name for messages
   * @throws ManifestException with file, line and column
   */
  public static List<JsonNode> read(String source, String text) {
    ManifestReader.Errors errors = new ManifestReader.Errors();
    YamlDocuments.Parsed parsed =
        JsonDocuments.parse(text).orElseGet(() -> YamlDocuments.parse(text));
    for (TextError e : parsed.errors()) {
      errors.add(source, e.position(), String.valueOf(e.getMessage()));
    }
    errors.endOfSource();
    errors.throwIfAny();
    try {
      return parsed.documents().stream()
          .map(TreeBuilder::build)
          .filter(tree -> !tree.isNull())
          .toList();
    } catch (TextError e) {
      errors.add(source, e.position(), String.valueOf(e.getMessage()));
      errors.endOfSource();
      errors.throwIfAny();
      throw e;
    }
  }
}
