package dev.jctl.controller.admission;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.manifests.model.ResourceKind;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;

/** {@code stringData} of a Secret, which is there to be written only. */
public final class SecretTexts {
  private SecretTexts() {}

  /**
   * Its texts take the place of {@code data} of the same key. Done to what is applied before it is
   * merged, so that who applies owns the data, and to every object before it is stored. What has
   * the wrong type is left to be refused.
   */
  public static void intoData(ResourceKind kind, ObjectNode object) {
    JsonNode texts = object.path("stringData");
    boolean foldable =
        kind == ResourceKind.SECRET
            && texts.isObject()
            && texts.valueStream().allMatch(JsonNode::isTextual)
            && (object.path("data").isObject() || !object.hasNonNull("data"));
    if (!foldable) {
      return;
    }
    object.remove("stringData");
    ObjectNode data = object.withObject("/data");
    for (Map.Entry<String, JsonNode> text : texts.properties()) {
      byte[] bytes = text.getValue().textValue().getBytes(StandardCharsets.UTF_8);
      data.put(text.getKey(), Base64.getEncoder().encodeToString(bytes));
    }
  }
}
