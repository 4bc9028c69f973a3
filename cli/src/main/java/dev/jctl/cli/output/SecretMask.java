package dev.jctl.cli.output;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.manifests.model.Annotations;
import java.util.Map;

/** Two versions of a Secret without what is secret: only whether it differs. As kubectl diff. */
public final class SecretMask {
  private static final String SAME = "***";

  private SecretMask() {}

  /** {@code object} as it is to be shown beside {@code other}; itself when it is no Secret. */
  public static JsonNode of(JsonNode object, JsonNode other, String which) {
    if (!object.path("kind").asText("").equals("Secret")) {
      return object;
    }
    JsonNode masked = object.deepCopy();
    if (masked.get("data") instanceof ObjectNode data) {
      for (Map.Entry<String, JsonNode> entry : data.properties()) {
        boolean same = entry.getValue().equals(other.path("data").path(entry.getKey()));
        data.put(entry.getKey(), same ? SAME : SAME + " (" + which + ")");
      }
    }
    if (masked.path("metadata").get("annotations") instanceof ObjectNode annotations
        && annotations.has(Annotations.LAST_APPLIED)) {
      annotations.put(Annotations.LAST_APPLIED, SAME);
    }
    return masked;
  }
}
