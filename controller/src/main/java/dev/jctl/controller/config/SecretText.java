package dev.jctl.controller.config;

import dev.jctl.controller.resources.StoredObject;
import dev.jctl.manifests.json.Base64Text;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/** What a Secret holds, for parts of the controller that it is meant for. */
public final class SecretText {
  private SecretText() {}

  /** Texts by key. */
  public static Map<String, String> of(StoredObject secret) {
    Map<String, String> texts = new LinkedHashMap<>();
    secret
        .tree()
        .path("data")
        .properties()
        .forEach(
            entry ->
                Base64Text.decode(entry.getValue().asText())
                    .ifPresent(
                        bytes ->
                            texts.put(entry.getKey(), new String(bytes, StandardCharsets.UTF_8))));
    return texts;
  }
}
