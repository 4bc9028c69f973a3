package dev.jctl.controller.resources;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.BufferRecycler;
import com.fasterxml.jackson.core.util.JsonRecyclerPools;
import com.fasterxml.jackson.core.util.RecyclerPool;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;

/** Trees to records and back. */
public final class ResourceCodec {
  /**
   * What JSON is read and written through. Not one of each thread: each connection has a thread, to
   * which its own would belong for as long as it is open.
   */
  public static final RecyclerPool<BufferRecycler> BUFFERS =
      JsonRecyclerPools.sharedConcurrentDequePool();

  /** Thread-safe. */
  public static final ObjectMapper MAPPER =
      JsonMapper.builder(JsonFactory.builder().recyclerPool(BUFFERS).build())
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .build();

  private static final ObjectReader TREES = MAPPER.readerFor(ObjectNode.class);

  private ResourceCodec() {}

  /** Bytes as they are stored. */
  public static ObjectNode tree(byte[] json) {
    try {
      return TREES.readValue(json);
    } catch (IOException e) {
      throw new UncheckedIOException("a stored object is no JSON object", e);
    }
  }

  public static byte[] bytes(JsonNode tree) {
    try {
      return MAPPER.writeValueAsBytes(tree);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException("cannot write a tree as JSON", e);
    }
  }

  static <R> R decode(JsonNode tree, Class<R> type) {
    try {
      return MAPPER.treeToValue(tree, type);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "cannot decode " + type.getSimpleName() + ": " + e.getOriginalMessage(), e);
    }
  }
}
