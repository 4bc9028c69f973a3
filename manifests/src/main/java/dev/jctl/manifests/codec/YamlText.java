package dev.jctl.manifests.codec;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.regex.Pattern;

/** JSON trees to YAML as kubectl prints it. What is written reads back as the same tree. */
public final class YamlText {
  private static final String INDENT = "  ";

  /** Words that need no quotes as far as their characters go; more may be, but this is safe. */
  private static final Pattern PLAIN =
      Pattern.compile(
          "[A-Za-z0-9_./$(+^<~;\\\\-][-A-Za-z0-9_./$()+=^<>~;,@*&!?'\"{}|%:\\\\\\[\\] ]*");

  private final StringBuilder out = new StringBuilder();

  private YamlText() {}

  /** Block style, ends with a line feed. */
  public static String write(JsonNode tree) {
    YamlText text = new YamlText();
    if (isBlock(tree)) {
      text.block(tree, "");
    } else {
      text.inline(tree, "");
    }
    return text.out.toString();
  }

  private static boolean isBlock(JsonNode node) {
    return node.isContainerNode() && !node.isEmpty();
  }

  private void block(JsonNode node, String indent) {
    if (node.isArray()) {
      array(node, indent);
    } else {
      object(node, indent, indent);
    }
  }

  /** {@code first}: what stands before the first key, which is on the line of a list's dash. */
  private void object(JsonNode object, String first, String indent) {
    String before = first;
    for (Map.Entry<String, JsonNode> field : object.properties()) {
      out.append(before).append(key(field.getKey())).append(':');
      value(field.getValue(), indent);
      before = indent;
    }
  }

  /** After a key: lists are not indented, objects are. */
  private void value(JsonNode value, String indent) {
    if (!isBlock(value)) {
      out.append(' ');
      inline(value, indent);
    } else {
      out.append('\n');
      block(value, value.isArray() ? indent : indent + INDENT);
    }
  }

  private void array(JsonNode array, String indent) {
    array(array, indent, indent);
  }

  private void array(JsonNode array, String first, String indent) {
    String before = first;
    for (JsonNode item : array) {
      String inner = indent + INDENT;
      out.append(before).append("- ");
      if (!isBlock(item)) {
        inline(item, indent);
      } else if (item.isArray()) {
        array(item, "", inner);
      } else {
        object(item, "", inner);
      }
      before = indent;
    }
  }

  private void inline(JsonNode node, String indent) {
    if (node.isArray()) {
      out.append("[]\n");
    } else if (node.isObject()) {
      out.append("{}\n");
    } else if (node.isTextual()) {
      text(node.textValue(), indent);
    } else {
      out.append(node.asText()).append('\n');
    }
  }

  private void text(String text, String indent) {
    if (isLiteral(text)) {
      literal(text, indent + INDENT);
    } else {
      out.append(isPlain(text) ? text : quoted(text)).append('\n');
    }
  }

  private static String key(String key) {
    return isPlain(key) && !key.equals("<<") && key.length() < 128 ? key : quoted(key);
  }

  /**
   * Several lines of printable text, which read best as they are. A literal cannot start with a
   * space (that would be its indentation), nor say how many of several line feeds end it without a
   * sign of its own.
   */
  private static boolean isLiteral(String text) {
    return text.indexOf('\n') > 0
        && !text.startsWith(" ")
        && !text.endsWith("\n\n")
        && text.chars().allMatch(c -> c == '\n' || isPrintable(c))
        && text.lines().noneMatch(line -> !line.isEmpty() && line.isBlank());
  }

  private void literal(String text, String indent) {
    out.append(text.endsWith("\n") ? "|\n" : "|-\n");
    text.lines()
        .forEach(line -> out.append(line.isEmpty() ? "" : indent).append(line).append('\n'));
  }

  /** A dash may start a text unless a space follows; a colon ends a key only before a space. */
  private static boolean isPlain(String text) {
    return PLAIN.matcher(text).matches()
        && !text.equals("-")
        && !text.startsWith("- ")
        && !text.startsWith("---")
        && !text.startsWith("...")
        && !text.endsWith(":")
        && !text.endsWith(" ")
        && !text.contains(": ")
        && PlainScalars.resolve(text).isTextual()
        && !PlainScalars.isNotFinite(text);
  }

  /** Printable as YAML has it, without what would count as a line break or a byte order mark. */
  private static boolean isPrintable(int c) {
    return (c >= 0x20 && c <= 0x7E)
        || (c >= 0xA0 && c <= 0xD7FF && c != 0x2028 && c != 0x2029)
        || (c >= 0xE000 && c <= 0xFFFD && c != 0xFEFF);
  }

  /** As kubectl does: double quotes for what would be another type, or has escapes; else single. */
  private static String quoted(String text) {
    boolean printable = text.chars().allMatch(YamlText::isPrintable);
    boolean otherType = !PlainScalars.resolve(text).isTextual();
    return printable && !otherType
        ? "'" + text.replace("'", "''") + "'"
        : "\"" + escaped(text) + "\"";
  }

  private static String escaped(String text) {
    StringBuilder escaped = new StringBuilder();
    text.codePoints()
        .forEach(
            c -> {
              switch (c) {
                case '"', '\\' -> escaped.append('\\').appendCodePoint(c);
                case '\n' -> escaped.append("\\n");
                case '\t' -> escaped.append("\\t");
                case '\r' -> escaped.append("\\r");
                default -> {
                  if (isPrintable(c)) {
                    escaped.appendCodePoint(c);
                  } else if (c > 0xFFFF) {
                    escaped.append(String.format("\\U%08x", c));
                  } else {
                    escaped.append(String.format("\\u%04x", c));
                  }
                }
              }
            });
    return escaped.toString();
  }
}
