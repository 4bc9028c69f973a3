package dev.jctl.controller.deployment;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.resources.StoredObject;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** Tells templates apart, in a name and in a label. Pure. */
final class PodTemplateHash {
  /** Without vowels and digits that could make words, as Kubernetes names things. */
  private static final String ALPHABET = "bcdfghjklmnpqrstvwxz2456789";

  private static final int LENGTH = 10;

  private PodTemplateHash() {}

  /**
   * @param config digest of its configuration; empty for none
   * @param collisions how often another ReplicaSet had the name already
   */
  static String of(JsonNode template, String config, int collisions) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256")
              .digest((template + config + "/" + collisions).getBytes(StandardCharsets.UTF_8));
      StringBuilder text = new StringBuilder();
      for (int i = 0; i < LENGTH; i++) {
        text.append(ALPHABET.charAt((hash[i] & 0xff) % ALPHABET.length()));
      }
      return text.toString();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Whether a ReplicaSet is of that template; the label that tells them apart is its own. */
  static boolean sameTemplate(StoredObject set, JsonNode template) {
    return without(set.tree().path("spec").path("template")).equals(without(template));
  }

  private static JsonNode without(JsonNode template) {
    if (!template.path("metadata").path("labels").has(Rollout.HASH)) {
      return template;
    }
    ObjectNode copy = template.deepCopy();
    copy.withObject("/metadata/labels").remove(Rollout.HASH);
    return copy;
  }
}
