package dev.jctl.manifests.codec;

import com.fasterxml.jackson.databind.node.TextNode;
import com.fasterxml.jackson.databind.node.ValueNode;
import dev.jctl.manifests.codec.Located.Entry;
import dev.jctl.manifests.codec.Located.Scalar;
import dev.jctl.manifests.codec.Located.Sequence;
import dev.jctl.manifests.codec.ManifestDocument.Position;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.events.AliasEvent;
import org.yaml.snakeyaml.events.CollectionStartEvent;
import org.yaml.snakeyaml.events.Event;
import org.yaml.snakeyaml.events.NodeEvent;
import org.yaml.snakeyaml.events.ScalarEvent;
import org.yaml.snakeyaml.events.SequenceStartEvent;
import org.yaml.snakeyaml.parser.Parser;
import org.yaml.snakeyaml.parser.ParserImpl;
import org.yaml.snakeyaml.reader.ReaderException;
import org.yaml.snakeyaml.reader.StreamReader;

/**
 * YAML to located trees, one a document. It composes from the parser's events and not from
 * SnakeYAML's nodes, so that depth, duplicate keys and tags are refused where they stand, before
 * anything is built of them.
 *
 * <p>In this package and for schemas, what kind a thing is is asked with {@code instanceof} where a
 * command passes: the JVM generates code for each {@code switch} over types, at each start.
 */
final class YamlDocuments {
  private final Parser parser;
  private final Map<String, Located> anchors = new HashMap<>();
  private int depth;
  private int merged;

  private YamlDocuments(Parser parser) {
    this.parser = parser;
  }

  /** What could be read of a text, and what stopped the reading of some documents. */
  record Parsed(List<Located> documents, List<TextError> errors) {}

  /**
   * A document that cannot be read ends at the next line that starts with {@code ---}, from where
   * the reading goes on.
   */
  static Parsed parse(String text) {
    Parsed parsed = new Parsed(new ArrayList<>(), new ArrayList<>());
    int start = 1;
    while (start != 0 && parsed.errors().size() < Limits.MAX_ERRORS) {
      Optional<TextError> error = parse(fromLine(text, start), parsed.documents());
      error.ifPresent(parsed.errors()::add);
      int failed = start;
      start =
          error.map(e -> nextDocument(text, Math.max(e.position().line(), failed + 1))).orElse(0);
    }
    return parsed;
  }

  /** The text with all lines before the given one emptied, so that positions stay true. */
  private static String fromLine(String text, int line) {
    int at = 0;
    for (int i = 1; i < line; i++) {
      at = text.indexOf('\n', at) + 1;
    }
    return "\n".repeat(line - 1) + text.substring(at);
  }

  /** The first line not before {@code from} that starts a document; 0 for none. */
  private static int nextDocument(String text, int from) {
    int line = 1;
    for (int at = 0; at >= 0 && at < text.length(); line++) {
      if (line >= from && text.startsWith("---", at)) {
        return line;
      }
      int end = text.indexOf('\n', at);
      at = end < 0 ? -1 : end + 1;
    }
    return 0;
  }

  private static Optional<TextError> parse(String text, List<Located> documents) {
    try {
      LoaderOptions options = new LoaderOptions();
      options.setCodePointLimit(2 * Limits.MAX_CHARS);
      new YamlDocuments(new ParserImpl(new StreamReader(text), options)).all(documents);
      return Optional.empty();
    } catch (TextError e) {
      return Optional.of(e);
    } catch (MarkedYAMLException e) {
      return Optional.of(syntax(e));
    } catch (ReaderException e) {
      return Optional.of(character(text, e));
    } catch (YAMLException e) {
      return Optional.of(new TextError(new Position(1, 1), "not valid YAML: " + e.getMessage()));
    }
  }

  private static TextError syntax(MarkedYAMLException e) {
    Mark mark = e.getProblemMark() != null ? e.getProblemMark() : e.getContextMark();
    Position position = mark == null ? new Position(1, 1) : position(mark);
    String context = e.getContext() == null ? "" : " " + e.getContext();
    return new TextError(position, "not valid YAML" + context + ": " + problem(e));
  }

  private static String problem(MarkedYAMLException e) {
    String problem = String.valueOf(e.getProblem());
    return problem.contains("TAB")
        ? "a tab where no tab may be; indent with spaces"
        : problem.replaceFirst("\\. \\(Do not use .* for indentation\\)$", "");
  }

  private static TextError character(String text, ReaderException e) {
    int end =
        text.offsetByCodePoints(
            0, Math.min(e.getPosition(), text.codePointCount(0, text.length())));
    String before = text.substring(0, end);
    int line = (int) before.chars().filter(c -> c == '\n').count() + 1;
    Position position = new Position(line, end - before.lastIndexOf('\n'));
    return new TextError(
        position,
        String.format(
            "character U+%04X is not allowed; remove it, or write it as an escape in quotes",
            e.getCodePoint()));
  }

  private void all(List<Located> documents) {
    parser.getEvent();
    while (!parser.checkEvent(Event.ID.StreamEnd)) {
      parser.getEvent();
      anchors.clear();
      documents.add(node());
      parser.getEvent();
    }
  }

  private Located node() {
    Event event = parser.getEvent();
    Position position = position(event.getStartMark());
    if (event instanceof AliasEvent alias) {
      return aliased(alias.getAnchor(), position);
    }
    refuseTag(event, position);
    Located node = value(event, position);
    String anchor = ((NodeEvent) event).getAnchor();
    if (anchor != null) {
      anchors.put(anchor, node);
    }
    return node;
  }

  private Located value(Event event, Position position) {
    if (event instanceof ScalarEvent scalar) {
      return new Scalar(position, value(scalar, position));
    }
    return event instanceof SequenceStartEvent ? sequence(position) : mapping(position);
  }

  private Located aliased(String anchor, Position position) {
    Located node = anchors.get(anchor);
    if (node == null) {
      throw new TextError(
          position, "alias *" + anchor + " names no anchor that is complete before it");
    }
    return node;
  }

  private static void refuseTag(Event event, Position position) {
    String tag =
        event instanceof ScalarEvent scalar
            ? scalar.getTag()
            : ((CollectionStartEvent) event).getTag();
    if (tag != null) {
      String written = tag.replace("tag:yaml.org,2002:", "!!");
      throw new TextError(
          position, "tag " + written + " is not allowed; remove it, and quote what is a string");
    }
  }

  private static ValueNode value(ScalarEvent scalar, Position position) {
    if (!scalar.isPlain()) {
      return TextNode.valueOf(scalar.getValue());
    }
    if (PlainScalars.isNotFinite(scalar.getValue())) {
      throw new TextError(
          position, scalar.getValue() + " is no number of JSON; quote it if it is a string");
    }
    return PlainScalars.resolve(scalar.getValue());
  }

  private Located sequence(Position position) {
    enter(position);
    List<Located> items = new ArrayList<>();
    while (!parser.checkEvent(Event.ID.SequenceEnd)) {
      items.add(node());
    }
    leave();
    return new Sequence(position, items);
  }

  private Located mapping(Position position) {
    enter(position);
    MappingBuilder mapping = new MappingBuilder();
    while (!parser.checkEvent(Event.ID.MappingEnd)) {
      Event event = parser.peekEvent();
      Position at = position(event.getStartMark());
      if (event instanceof ScalarEvent key && key.isPlain() && key.getValue().equals("<<")) {
        parser.getEvent();
        merge(mapping, at);
      } else {
        mapping.put(key(event, at), new Entry(at, node()));
      }
    }
    leave();
    return mapping.build(position);
  }

  private void merge(MappingBuilder mapping, Position at) {
    mapping.merge(at, node());
    merged += mapping.mergedEntries();
    if (merged > Limits.MAX_ALIASED_NODES) {
      throw new TextError(
          at, "\"<<\" merges more than " + Limits.MAX_ALIASED_NODES + " entries; write them out");
    }
  }

  private String key(Event event, Position position) {
    if (!(event instanceof ScalarEvent scalar)) {
      throw new TextError(position, "a key must be a string; quote it, or give it a value");
    }
    node();
    String text = scalar.getValue();
    boolean read = scalar.isPlain() && !PlainScalars.resolve(text).asText().equals(text);
    if (read || (scalar.isPlain() && PlainScalars.resolve(text).isNull())) {
      throw new TextError(
          position, "key " + text + " is read as a boolean, number or null; put it in quotes");
    }
    return text;
  }

  private void enter(Position position) {
    if (++depth > Limits.MAX_DEPTH) {
      throw new TextError(position, "nested deeper than " + Limits.MAX_DEPTH + " levels");
    }
  }

  private void leave() {
    depth--;
    parser.getEvent();
  }

  private static Position position(Mark mark) {
    return new Position(mark.getLine() + 1, mark.getColumn() + 1);
  }
}
