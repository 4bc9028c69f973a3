package dev.jctl.manifests.schema;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.manifests.json.Base64Text;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** The data of ConfigMaps and Secrets: keys can be names of files, and all of it is small. */
final class DataRules {
  /** As in Kubernetes, whose store takes no larger values. */
  private static final int MAX_BYTES = 1 << 20;

  private static final Pattern KEY = Pattern.compile("[-._a-zA-Z0-9]{1,253}");

  /** What must be in a Secret of that type. */
  private static final Map<String, List<String>> KEYS_OF_TYPE =
      Map.of(
          "kubernetes.io/tls", List.of("tls.crt", "tls.key"),
          "kubernetes.io/dockerconfigjson", List.of(".dockerconfigjson"),
          "kubernetes.io/dockercfg", List.of(".dockercfg"),
          "kubernetes.io/ssh-auth", List.of("ssh-privatekey"));

  private static final String BASIC_AUTH = "kubernetes.io/basic-auth";
  private static final List<String> USER_OR_PASSWORD = List.of("username", "password");

  private DataRules() {}

  static void checkConfigMap(JsonNode configMap, Findings findings) {
    JsonNode data = configMap.path("data");
    JsonNode binary = configMap.path("binaryData");
    for (String key : keys("binaryData", binary, findings)) {
      if (data.has(key)) {
        findings.add(
            FieldPath.child("binaryData", key),
            FieldError.Type.DUPLICATE,
            "data has this key as well; remove one of the two");
      }
    }
    keys("data", data, findings);
    checkSize(texts(data) + bytes("binaryData", binary, findings), findings);
  }

  static void checkSecret(JsonNode secret, Findings findings) {
    JsonNode data = secret.path("data");
    JsonNode texts = secret.path("stringData");
    keys("data", data, findings);
    keys("stringData", texts, findings);
    checkSize(texts(texts) + bytes("data", data, findings), findings);
    String type = secret.path("type").asText();
    for (String key : KEYS_OF_TYPE.getOrDefault(type, List.of())) {
      if (!data.has(key) && !texts.has(key)) {
        findings.add(
            FieldPath.child("data", key),
            FieldError.Type.REQUIRED,
            "missing: a Secret of type " + type + " has it");
      }
    }
    if (type.equals(BASIC_AUTH)
        && USER_OR_PASSWORD.stream().noneMatch(k -> data.has(k) || texts.has(k))) {
      findings.add(
          "data",
          FieldError.Type.REQUIRED,
          "no username and no password: a Secret of type " + type + " has one of them");
    }
  }

  private static List<String> keys(String path, JsonNode data, Findings findings) {
    List<String> keys = data.properties().stream().map(Map.Entry::getKey).toList();
    for (String key : keys) {
      if (!isKey(key)) {
        findings.invalid(
            FieldPath.child(path, key),
            key,
            "a key of at most 253 letters, digits, -, _ and ., that does not begin with ..");
      }
    }
    return keys;
  }

  static boolean isKey(String key) {
    return KEY.matcher(key).matches() && !key.equals(".") && !key.startsWith("..");
  }

  private static long texts(JsonNode data) {
    return data.valueStream()
        .mapToLong(text -> text.asText().getBytes(StandardCharsets.UTF_8).length)
        .sum();
  }

  private static long bytes(String path, JsonNode data, Findings findings) {
    long size = 0;
    for (Map.Entry<String, JsonNode> entry : data.properties()) {
      Optional<byte[]> bytes = Base64Text.decode(entry.getValue().asText());
      if (bytes.isEmpty()) {
        // not the value: it may be a secret that somebody forgot to encode
        findings.add(
            FieldPath.child(path, entry.getKey()),
            FieldError.Type.INVALID,
            "not base64: encode the value, or write the text to "
                + (path.equals("data") ? "stringData" : "data"));
      }
      size += bytes.map(b -> b.length).orElse(0);
    }
    return size;
  }

  private static void checkSize(long bytes, Findings findings) {
    if (bytes > MAX_BYTES) {
      findings.add(
          "data",
          FieldError.Type.INVALID,
          "too long: expected at most " + MAX_BYTES + " bytes in all, found " + bytes);
    }
  }
}
