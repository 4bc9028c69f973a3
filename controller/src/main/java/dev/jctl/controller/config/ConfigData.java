package dev.jctl.controller.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.manifests.json.Base64Text;
import dev.jctl.manifests.model.ResourceKind;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What some ConfigMaps and Secrets hold. Nothing here prints it. */
public final class ConfigData {
  public static final ConfigData NONE = new ConfigData(List.of());

  private final Map<ObjectRef, Map<String, byte[]>> byRef = new HashMap<>();

  /** Of those that there are. */
  public ConfigData(List<StoredObject> objects) {
    objects.forEach(object -> byRef.put(object.ref(), content(object)));
  }

  private static Map<String, byte[]> content(StoredObject object) {
    Map<String, byte[]> content = new LinkedHashMap<>();
    ObjectNode tree = object.tree();
    if (object.ref().kind() == ResourceKind.SECRET) {
      addBytes(tree.path("data"), content);
    } else {
      for (Map.Entry<String, JsonNode> entry : tree.path("data").properties()) {
        content.put(entry.getKey(), entry.getValue().asText().getBytes(StandardCharsets.UTF_8));
      }
      addBytes(tree.path("binaryData"), content);
    }
    return content;
  }

  private static void addBytes(JsonNode data, Map<String, byte[]> content) {
    for (Map.Entry<String, JsonNode> entry : data.properties()) {
      Base64Text.decode(entry.getValue().asText())
          .ifPresent(bytes -> content.put(entry.getKey(), bytes));
    }
  }

  /** Empty when there is none; by key, in its order. */
  Optional<Map<String, byte[]>> find(ObjectRef ref) {
    return Optional.ofNullable(byRef.get(ref));
  }

  Optional<byte[]> find(ObjectRef ref, String key) {
    return find(ref).flatMap(content -> Optional.ofNullable(content.get(key)));
  }
}
