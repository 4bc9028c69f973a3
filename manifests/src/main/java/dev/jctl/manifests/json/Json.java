package dev.jctl.manifests.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * JSON text to trees and back, straight from Jackson's tokens: initialising an {@code ObjectMapper}
 * would make date formats for all locales, which takes a tenth of a command's time.
 */
public final class Json {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
  private static final JsonFactory FACTORY =
      JsonFactory.builder().disable(StreamReadFeature.AUTO_CLOSE_SOURCE).build();

  private Json() {}

  public static ObjectNode object() {
    return NODES.objectNode();
  }

  public static ArrayNode array() {
    return NODES.arrayNode();
  }

  public static JsonNode read(byte[] text) throws IOException {
    try (JsonParser parser = FACTORY.createParser(text)) {
      JsonNode tree = next(parser);
      return tree == null ? NullNode.getInstance() : tree;
    }
  }

  /** Reads one value after the other; see {@link #next}. */
  public static JsonParser values(InputStream text) throws IOException {
    return FACTORY.createParser(text);
  }

  /** The next value, or null at the end. Reads no further than its last character. */
  public static @Nullable JsonNode next(JsonParser parser) throws IOException {
    JsonToken token = parser.nextToken();
    return token == null ? null : value(parser, token);
  }

  private static JsonNode value(JsonParser parser, JsonToken token) throws IOException {
    return switch (token) {
      case START_OBJECT -> members(parser);
      case START_ARRAY -> items(parser);
      case VALUE_STRING -> NODES.textNode(parser.getText());
      case VALUE_NUMBER_INT -> integer(parser);
      case VALUE_NUMBER_FLOAT -> NODES.numberNode(parser.getDoubleValue());
      case VALUE_TRUE -> NODES.booleanNode(true);
      case VALUE_FALSE -> NODES.booleanNode(false);
      case VALUE_NULL -> NODES.nullNode();
      case END_OBJECT, END_ARRAY, FIELD_NAME, NOT_AVAILABLE, VALUE_EMBEDDED_OBJECT ->
          throw new IOException("unexpected " + token + " in JSON");
    };
  }

  private static JsonNode integer(JsonParser parser) throws IOException {
    return switch (parser.getNumberType()) {
      case INT -> NODES.numberNode(parser.getIntValue());
      case LONG -> NODES.numberNode(parser.getLongValue());
      case BIG_INTEGER, BIG_DECIMAL, FLOAT, DOUBLE -> NODES.numberNode(parser.getBigIntegerValue());
    };
  }

  private static ObjectNode members(JsonParser parser) throws IOException {
    ObjectNode object = NODES.objectNode();
    for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
      object.set(name, value(parser, parser.nextToken()));
    }
    return object;
  }

  private static ArrayNode items(JsonParser parser) throws IOException {
    ArrayNode array = NODES.arrayNode();
    for (JsonToken t = parser.nextToken(); t != JsonToken.END_ARRAY; t = parser.nextToken()) {
      array.add(value(parser, t));
    }
    return array;
  }

  public static byte[] bytes(JsonNode tree) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator generator = FACTORY.createGenerator(bytes)) {
      write(tree, generator);
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory", e);
    }
    return bytes.toByteArray();
  }

  /** Indented by four, as kubectl prints it. */
  public static String pretty(JsonNode tree) {
    StringBuilder text = new StringBuilder();
    indent(tree, "", text);
    return text.append('\n').toString();
  }

  /** On one line. */
  public static String compact(JsonNode tree) {
    return new String(bytes(tree), StandardCharsets.UTF_8);
  }

  private static void indent(JsonNode tree, String margin, StringBuilder text) {
    if (tree.isEmpty()) {
      text.append(compact(tree));
      return;
    }
    String inner = margin + "    ";
    String separator = "";
    text.append(tree.isObject() ? "{" : "[");
    if (tree.isObject()) {
      for (Map.Entry<String, JsonNode> e : tree.properties()) {
        text.append(separator).append('\n').append(inner);
        text.append(compact(NODES.textNode(e.getKey()))).append(": ");
        indent(e.getValue(), inner, text);
        separator = ",";
      }
    } else {
      for (JsonNode item : tree) {
        text.append(separator).append('\n').append(inner);
        indent(item, inner, text);
        separator = ",";
      }
    }
    text.append('\n').append(margin).append(tree.isObject() ? "}" : "]");
  }

  private static void write(JsonNode tree, JsonGenerator to) throws IOException {
    switch (tree.getNodeType()) {
      case OBJECT -> {
        to.writeStartObject();
        for (Map.Entry<String, JsonNode> e : tree.properties()) {
          to.writeFieldName(e.getKey());
          write(e.getValue(), to);
        }
        to.writeEndObject();
      }
      case ARRAY -> {
        to.writeStartArray();
        for (JsonNode item : tree) {
          write(item, to);
        }
        to.writeEndArray();
      }
      case STRING -> to.writeString(tree.textValue());
      case BOOLEAN -> to.writeBoolean(tree.booleanValue());
      case NUMBER -> to.writeNumber(tree.asText());
      case NULL, MISSING -> to.writeNull();
      case BINARY, POJO -> throw new IOException("not JSON: " + tree.getNodeType());
    }
  }
}
