package dev.jctl.controller.resources;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.jctl.manifests.model.Resource;

/** Trees to records and back. */
public final class ResourceCodec {
  /** Thread-safe. */
  public static final ObjectMapper MAPPER =
      JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

  private ResourceCodec() {}

  static <R extends Resource> R decode(JsonNode tree, Class<R> type) {
    try {
      return MAPPER.treeToValue(tree, type);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "cannot decode " + type.getSimpleName() + ": " + e.getOriginalMessage(), e);
    }
  }
}
