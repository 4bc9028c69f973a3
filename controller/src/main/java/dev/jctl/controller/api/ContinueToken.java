package dev.jctl.controller.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.resources.ApiException;
import dev.jctl.controller.resources.ResourceCodec;
import dev.jctl.store.Key;
import java.io.IOException;
import java.util.Base64;

/** Where the next page of a list begins: after a key, as of a revision. */
record ContinueToken(long revision, Key after) {
  String encode() {
    ObjectNode json = ResourceCodec.MAPPER.createObjectNode();
    json.put("rv", revision).put("start", after.text());
    return Base64.getUrlEncoder().withoutPadding().encodeToString(ResourceCodec.bytes(json));
  }

  /** {@code within}: what the key must start with, so that a token cannot lead elsewhere. */
  static ContinueToken decode(String text, Key within) {
    try {
      JsonNode json = ResourceCodec.MAPPER.readTree(Base64.getUrlDecoder().decode(text));
      long revision = json.path("rv").asLong();
      String start = json.path("start").asText();
      if (revision > 0 && start.startsWith(within.text())) {
        return new ContinueToken(revision, Key.of(start));
      }
    } catch (IOException | IllegalArgumentException e) {
      throw malformed();
    }
    throw malformed();
  }

  private static ApiException malformed() {
    return ApiException.badRequest("continue: not a token that this server gave for this list");
  }
}
