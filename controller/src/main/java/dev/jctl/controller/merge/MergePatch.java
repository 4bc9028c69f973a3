package dev.jctl.controller.merge;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;

/** JSON Merge Patch, RFC 7396. */
public final class MergePatch {
  private MergePatch() {}

  /** {@code target} is not changed. */
  public static JsonNode apply(JsonNode target, JsonNode patch) {
    if (!(patch instanceof ObjectNode fields)) {
      return patch.deepCopy();
    }
    ObjectNode merged = target instanceof ObjectNode old ? old.deepCopy() : Trees.object();
    for (Map.Entry<String, JsonNode> field : fields.properties()) {
      String name = field.getKey();
      if (field.getValue().isNull()) {
        merged.remove(name);
      } else {
        merged.set(name, apply(merged.path(name), field.getValue()));
      }
    }
    return merged;
  }
}
