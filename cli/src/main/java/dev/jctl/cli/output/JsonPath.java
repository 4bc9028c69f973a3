package dev.jctl.cli.output;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * kubectl's JSONPath templates, the part that is used in practice: fields, {@code ['quoted']},
 * indices, {@code [*]}, {@code [?(@.type=="Ready")]}, {@code {range}…{end}}, quoted text.
 */
public final class JsonPath {
  private static final Pattern STEP =
      Pattern.compile(
          "\\.?\\[\\s*(?<index>-?\\d+)\\s*\\]|\\.?\\[\\s*(?<all>\\*)\\s*\\]|\\.?\\['(?<quoted>[^']*)'\\]"
              + "|\\.?\\[\\?\\(\\s*@(?<filter>\\.[^=!<> ]+)\\s*(?<op>==|!=)\\s*(?<value>\"[^\"]*\"|'[^']*'|[^)\\s]+)\\s*\\)\\]"
              + "|\\.(?<wild>\\*)|\\.(?<field>(?:\\\\.|[^.\\[\\\\])+)");

  private JsonPath() {}

  /** Fills in a template, {@code {.metadata.name}{"\n"}}. Throws on what it does not understand. */
  public static String render(String template, JsonNode object) {
    StringBuilder text = new StringBuilder();
    render(pieces(template), object, text);
    return text.toString();
  }

  /** The nodes at {@code .status.phase}, with or without braces and leading dot. */
  public static List<JsonNode> find(String expression, JsonNode object) {
    String path = expression.strip();
    if (path.startsWith("{") && path.endsWith("}")) {
      path = path.substring(1, path.length() - 1).strip();
    }
    return steps(path, object);
  }

  private sealed interface Piece {
    record Text(String text) implements Piece {}

    record Expression(String path) implements Piece {}

    record Range(String path, List<Piece> body) implements Piece {}
  }

  private static void render(List<Piece> pieces, JsonNode at, StringBuilder text) {
    for (Piece piece : pieces) {
      switch (piece) {
        case Piece.Text t -> text.append(t.text());
        case Piece.Expression e ->
            text.append(
                String.join(" ", steps(e.path(), at).stream().map(JsonPath::plain).toList()));
        case Piece.Range r -> steps(r.path(), at).forEach(item -> render(r.body(), item, text));
      }
    }
  }

  private static String plain(JsonNode node) {
    return node.isContainerNode() ? dev.jctl.manifests.json.Json.compact(node) : node.asText();
  }

  private static List<Piece> pieces(String template) {
    List<String> parts = split(template);
    List<Piece> pieces = new ArrayList<>();
    int end = block(parts, 0, pieces);
    if (end < parts.size()) {
      throw new IllegalArgumentException("{end} without {range} in " + template);
    }
    return pieces;
  }

  /** Reads up to {@code {end}} or the end; returns where that is. */
  private static int block(List<String> parts, int from, List<Piece> to) {
    int i = from;
    while (i < parts.size() && !parts.get(i).equals("{end}")) {
      String part = parts.get(i);
      String inner = part.startsWith("{") ? part.substring(1, part.length() - 1).strip() : part;
      if (!part.startsWith("{")) {
        to.add(new Piece.Text(part));
      } else if (inner.startsWith("range ")) {
        List<Piece> body = new ArrayList<>();
        i = block(parts, i + 1, body);
        if (i == parts.size()) {
          throw new IllegalArgumentException("{range} without {end}");
        }
        to.add(new Piece.Range(inner.substring(6).strip(), body));
      } else if (inner.startsWith("\"") || inner.startsWith("'")) {
        to.add(new Piece.Text(inner.substring(1, inner.length() - 1).translateEscapes()));
      } else {
        to.add(new Piece.Expression(inner));
      }
      i++;
    }
    return i;
  }

  private static List<String> split(String template) {
    List<String> parts = new ArrayList<>();
    int at = 0;
    while (at < template.length()) {
      int open = template.indexOf('{', at);
      if (open < 0) {
        parts.add(template.substring(at));
        break;
      }
      if (open > at) {
        parts.add(template.substring(at, open));
      }
      int close = template.indexOf('}', open);
      if (close < 0) {
        throw new IllegalArgumentException("unclosed { in " + template);
      }
      parts.add(template.substring(open, close + 1));
      at = close + 1;
    }
    return parts;
  }

  private static List<JsonNode> steps(String path, JsonNode start) {
    String rest = path.startsWith("$") || path.startsWith("@") ? path.substring(1) : path;
    if (!rest.isEmpty() && rest.charAt(0) != '.' && rest.charAt(0) != '[') {
      rest = "." + rest;
    }
    List<JsonNode> nodes = List.of(start);
    Matcher step = STEP.matcher(rest);
    int at = 0;
    while (at < rest.length() && !rest.substring(at).equals(".")) {
      if (!step.find(at) || step.start() != at) {
        throw new IllegalArgumentException("cannot read \"" + rest.substring(at) + "\" in " + path);
      }
      List<JsonNode> next = new ArrayList<>();
      nodes.forEach(n -> step(step, n, next));
      nodes = next;
      at = step.end();
    }
    return nodes;
  }

  private static void step(Matcher step, JsonNode node, List<JsonNode> to) {
    if (step.group("index") != null) {
      int index = Integer.parseInt(step.group("index"));
      add(node.path(index < 0 ? node.size() + index : index), to);
    } else if (step.group("all") != null || step.group("wild") != null) {
      node.forEach(to::add);
    } else if (step.group("filter") != null) {
      node.forEach(item -> filter(step, item, to));
    } else if (step.group("quoted") != null) {
      add(node.path(step.group("quoted")), to);
    } else {
      add(node.path(step.group("field").replaceAll("\\\\(.)", "$1")), to);
    }
  }

  private static void filter(Matcher step, JsonNode item, List<JsonNode> to) {
    String wanted = step.group("value").replaceAll("^['\"]|['\"]$", "");
    boolean equal =
        steps(step.group("filter"), item).stream().anyMatch(n -> n.asText().equals(wanted));
    if (equal == step.group("op").equals("==")) {
      to.add(item);
    }
  }

  private static void add(JsonNode node, List<JsonNode> to) {
    if (!node.isMissingNode()) {
      to.add(node);
    }
  }
}
