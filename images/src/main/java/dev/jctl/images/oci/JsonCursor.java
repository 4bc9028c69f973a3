package dev.jctl.images.oci;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.jctl.images.ImageException;
import dev.jctl.images.ImageException.Reason;
import dev.jctl.images.reference.Digest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A place in a JSON document that knows its path, so that whatever is wrong there can be named.
 *
 * @param document what the bytes are, for messages: {@code manifest sha256:…}
 * @param path {@code $.layers[2].digest}
 */
public record JsonCursor(String document, String path, JsonNode node) {
  private static final int MAX_DEPTH = 64;
  private static final JsonMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(MAX_DEPTH)
                          .maxStringLength(Documents.MAX_BYTES)
                          .build())
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  public static JsonCursor parse(String document, byte[] content) {
    if (content.length > Documents.MAX_BYTES) {
      throw new ImageException(
          Reason.CORRUPT, document + ": larger than " + Documents.MAX_BYTES + " bytes");
    }
    try {
      return new JsonCursor(document, "$", MAPPER.readTree(content));
    } catch (JsonProcessingException e) {
      throw new ImageException(
          Reason.CORRUPT, document + ": not valid JSON: " + e.getOriginalMessage(), e);
    } catch (IOException e) {
      throw new ImageException(Reason.CORRUPT, document + ": not valid JSON", e);
    }
  }

  boolean isArray() {
    return node.isArray();
  }

  /** The field, unless it is absent or null. */
  public Optional<JsonCursor> field(String name) {
    requireObject();
    JsonNode child = node.get(name);
    return child == null || child.isNull()
        ? Optional.empty()
        : Optional.of(new JsonCursor(document, path + "." + name, child));
  }

  public JsonCursor required(String name) {
    return field(name).orElseThrow(() -> wrong(path + "." + name + " is missing"));
  }

  String text(String name) {
    return field(name).map(JsonCursor::text).orElse("");
  }

  public String text() {
    if (!node.isTextual()) {
      throw expected("a string");
    }
    return node.textValue();
  }

  public Digest digest() {
    try {
      return Digest.parse(text());
    } catch (ImageException e) {
      throw new ImageException(e.reason(), document + ": " + path + ": " + e.getMessage(), e);
    }
  }

  /** A size in bytes. */
  public long size() {
    if (!node.isIntegralNumber() || !node.canConvertToLong() || node.longValue() < 0) {
      throw expected("a size in bytes");
    }
    return node.longValue();
  }

  public List<JsonCursor> elements() {
    if (!node.isArray()) {
      throw expected("a list");
    }
    List<JsonCursor> elements = new ArrayList<>(node.size());
    for (int i = 0; i < node.size(); i++) {
      elements.add(new JsonCursor(document, path + "[" + i + "]", node.get(i)));
    }
    return elements;
  }

  public List<JsonCursor> elements(String name) {
    return field(name).map(JsonCursor::elements).orElse(List.of());
  }

  List<String> texts(String name) {
    return elements(name).stream().map(JsonCursor::text).toList();
  }

  /** The keys of an object whose values say nothing, such as {@code ExposedPorts}. */
  List<String> keys(String name) {
    return field(name).map(JsonCursor::keys).orElse(List.of());
  }

  Map<String, String> textMap(String name) {
    Map<String, String> map = new LinkedHashMap<>();
    field(name)
        .ifPresent(child -> child.keys().forEach(key -> map.put(key, child.required(key).text())));
    return map;
  }

  public List<String> keys() {
    requireObject();
    List<String> keys = new ArrayList<>();
    node.fieldNames().forEachRemaining(keys::add);
    return keys;
  }

  /**
   * @throws ImageException CORRUPT when there is any other field
   */
  public void allow(String... names) {
    for (String name : keys()) {
      if (!List.of(names).contains(name)) {
        throw wrong(
            path + ": unknown field \"" + name + "\"; known are " + String.join(", ", names));
      }
    }
  }

  private void requireObject() {
    if (!node.isObject()) {
      throw expected("an object");
    }
  }

  private ImageException expected(String what) {
    return wrong(path + ": expected " + what + ", found " + found());
  }

  private String found() {
    return switch (node.getNodeType()) {
      case ARRAY -> "a list";
      case OBJECT, POJO -> "an object";
      case STRING -> "a string";
      case NUMBER -> "the number " + node;
      case BOOLEAN -> "the boolean " + node;
      case BINARY, MISSING, NULL -> "null";
    };
  }

  private ImageException wrong(String what) {
    return new ImageException(Reason.CORRUPT, document + ": " + what);
  }
}
