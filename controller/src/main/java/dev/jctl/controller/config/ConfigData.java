package dev.jctl.controller.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.manifests.json.Base64Text;
import dev.jctl.manifests.model.ResourceKind;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** What some ConfigMaps and Secrets hold. Nothing here prints it. */
public final class ConfigData {
  private static final int DIGEST_BYTES = 12;
  public static final ConfigData NONE = new ConfigData(List.of());

  private final Map<ObjectRef, Map<String, byte[]>> byRef = new HashMap<>();
  private final Map<ObjectRef, String> uids = new HashMap<>();

  /** Of those that there are. */
  public ConfigData(List<StoredObject> objects) {
    for (StoredObject object : objects) {
      byRef.put(object.ref(), content(object));
      uids.put(object.ref(), object.uid());
    }
  }

  /**
   * Another one when any of them has other content. The random uids are in it: from what is known
   * of it nobody can try out which password it is of.
   */
  public String digest(Set<ObjectRef> refs) {
    MessageDigest digest = sha256();
    refs.stream()
        .sorted(Comparator.comparing(ObjectRef::toString))
        .forEach(
            ref -> {
              add(digest, ref + " " + uids.getOrDefault(ref, "absent"));
              new TreeMap<>(byRef.getOrDefault(ref, Map.of()))
                  .forEach(
                      (key, value) -> {
                        add(digest, key + " " + value.length);
                        digest.update(value);
                      });
            });
    return HexFormat.of().formatHex(digest.digest(), 0, DIGEST_BYTES);
  }

  private static void add(MessageDigest digest, String text) {
    digest.update((text + "\n").getBytes(StandardCharsets.UTF_8));
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
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
