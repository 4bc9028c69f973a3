package dev.jctl.manifests.codec;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.node.BigIntegerNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.TextNode;
import com.fasterxml.jackson.databind.node.ValueNode;
import dev.jctl.manifests.codec.Located.Entry;
import dev.jctl.manifests.codec.Located.Scalar;
import dev.jctl.manifests.codec.Located.Sequence;
import dev.jctl.manifests.codec.ManifestDocument.Position;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * JSON to located trees. Most JSON is YAML, but not all: SnakeYAML refuses tabs between tokens and
 * keys of more than 1024 characters.
 */
final class JsonDocuments {
  private static final JsonFactory FACTORY = new JsonFactory();
  private final JsonParser parser;
  private int depth;

  private JsonDocuments(JsonParser parser) {
    this.parser = parser;
  }

  /** Empty when it is not JSON: a YAML text may start with a brace too. */
  static Optional<YamlDocuments.Parsed> parse(String text) {
    if (!text.stripLeading().startsWith("{")) {
      return Optional.empty();
    }
    List<Located> documents = new ArrayList<>();
    try (JsonParser parser = FACTORY.createParser(text)) {
      JsonDocuments json = new JsonDocuments(parser);
      for (JsonToken t = parser.nextToken(); t != null; t = parser.nextToken()) {
        documents.add(json.value(t));
      }
      return Optional.of(new YamlDocuments.Parsed(documents, List.of()));
    } catch (TextError e) {
      return Optional.of(new YamlDocuments.Parsed(documents, List.of(e)));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private Located value(JsonToken token) throws IOException {
    return switch (token) {
      case START_OBJECT -> object(position());
      case START_ARRAY -> array(position());
      default -> new Scalar(position(), scalar(token));
    };
  }

  private Located object(Position start) throws IOException {
    enter(start);
    MappingBuilder mapping = new MappingBuilder();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      Position at = position();
      mapping.put(parser.currentName(), new Entry(at, value(parser.nextToken())));
    }
    depth--;
    return mapping.build(start);
  }

  private Located array(Position start) throws IOException {
    enter(start);
    List<Located> items = new ArrayList<>();
    for (JsonToken t = parser.nextToken(); t != JsonToken.END_ARRAY; t = parser.nextToken()) {
      items.add(value(t));
    }
    depth--;
    return new Sequence(start, items);
  }

  private ValueNode scalar(JsonToken token) throws IOException {
    return switch (token) {
      case VALUE_TRUE -> BooleanNode.TRUE;
      case VALUE_FALSE -> BooleanNode.FALSE;
      case VALUE_NULL -> NullNode.getInstance();
      case VALUE_NUMBER_FLOAT -> decimal();
      case VALUE_NUMBER_INT ->
          switch (parser.getNumberType()) {
            case INT -> IntNode.valueOf(parser.getIntValue());
            case LONG -> LongNode.valueOf(parser.getLongValue());
            default -> BigIntegerNode.valueOf(parser.getBigIntegerValue());
          };
      default -> TextNode.valueOf(parser.getText());
    };
  }

  private ValueNode decimal() throws IOException {
    String text = parser.getText();
    return PlainScalars.decimal(parser.getDoubleValue())
        .orElseThrow(() -> new TextError(position(), text + " is too large for a number"));
  }

  private void enter(Position position) {
    if (++depth > Limits.MAX_DEPTH) {
      throw new TextError(position, "nested deeper than " + Limits.MAX_DEPTH + " levels");
    }
  }

  private Position position() {
    JsonLocation at = parser.currentTokenLocation();
    return new Position(at.getLineNr(), at.getColumnNr());
  }
}
