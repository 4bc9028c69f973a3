package dev.jctl.images.dockerfile;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Quotes and variables as in a shell's words: {@code $NAME}, {@code ${NAME:-word}} and the like.
 * Dockerfile reference, "Environment replacement".
 */
public final class ShellWords {
  /** The value of a variable, or null. */
  public interface Variables extends Function<String, @Nullable String> {}

  private final String text;
  private final char escape;
  private final Variables variables;
  private int at;

  private ShellWords(String text, char escape, Variables variables) {
    this.text = text;
    this.escape = escape;
    this.variables = variables;
  }

  /**
   * Variables replaced and quotes removed.
   *
   * @throws IllegalArgumentException saying what is wrong in the text
   */
  public static String expand(String text, char escape, Variables variables) {
    ShellWords words = new ShellWords(text, escape, variables);
    StringBuilder out = new StringBuilder();
    words.until(out, (char) 0);
    return out.toString();
  }

  /** Variables replaced, quotes kept: for documents. */
  public static String expandDocument(String text, char escape, Variables variables) {
    ShellWords words = new ShellWords(text, escape, variables);
    StringBuilder out = new StringBuilder();
    while (words.at < text.length()) {
      char c = text.charAt(words.at);
      if (c == escape && words.at + 1 < text.length() && text.charAt(words.at + 1) == '$') {
        out.append('$');
        words.at += 2;
      } else if (c == '$') {
        words.dollar(out);
      } else {
        out.append(c);
        words.at++;
      }
    }
    return out.toString();
  }

  /** Words between white space that is not quoted, as they are. */
  public static List<String> split(String text, char escape) {
    List<String> words = new ArrayList<>();
    StringBuilder word = new StringBuilder();
    boolean inWord = false;
    char quote = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (quote == 0 && Character.isWhitespace(c)) {
        if (inWord) {
          words.add(word.toString());
        }
        word.setLength(0);
        inWord = false;
        continue;
      }
      inWord = true;
      word.append(c);
      if (c == escape && quote != '\'' && i + 1 < text.length()) {
        word.append(text.charAt(++i));
      } else if (quote == 0 && (c == '"' || c == '\'')) {
        quote = c;
      } else if (c == quote) {
        quote = 0;
      }
    }
    if (inWord) {
      words.add(word.toString());
    }
    return words;
  }

  /** Up to {@code end}, which is passed, or up to the end of the text for 0. */
  private void until(StringBuilder out, char end) {
    while (at < text.length()) {
      char c = text.charAt(at);
      if (c == end && end != 0) {
        at++;
        return;
      }
      switch (c) {
        case '\'' -> single(out);
        case '"' -> twice(out);
        case '$' -> dollar(out);
        default -> {
          at++;
          if (c == escape) {
            if (at < text.length()) {
              out.append(text.charAt(at++));
            }
          } else {
            out.append(c);
          }
        }
      }
    }
    if (end != 0) {
      throw new IllegalArgumentException("'" + end + "' is missing in " + text);
    }
  }

  private void single(StringBuilder out) {
    int end = text.indexOf('\'', at + 1);
    if (end < 0) {
      throw new IllegalArgumentException("a single quote is not closed in " + text);
    }
    out.append(text, at + 1, end);
    at = end + 1;
  }

  private void twice(StringBuilder out) {
    at++;
    while (at < text.length()) {
      char c = text.charAt(at);
      if (c == '"') {
        at++;
        return;
      }
      if (c == '$') {
        dollar(out);
      } else if (c == escape && at + 1 < text.length() && isSpecial(text.charAt(at + 1))) {
        out.append(text.charAt(at + 1));
        at += 2;
      } else {
        out.append(c);
        at++;
      }
    }
    throw new IllegalArgumentException("a double quote is not closed in " + text);
  }

  private boolean isSpecial(char c) {
    return c == '"' || c == '$' || c == escape;
  }

  private void dollar(StringBuilder out) {
    at++;
    if (at < text.length() && text.charAt(at) == '{') {
      at++;
      out.append(braced());
      return;
    }
    String name = name();
    if (name.isEmpty()) {
      out.append('$');
      return;
    }
    out.append(orEmpty(variables.apply(name)));
  }

  private String name() {
    int start = at;
    while (at < text.length() && isNameCharacter(text.charAt(at), at == start)) {
      at++;
    }
    return text.substring(start, at);
  }

  private static boolean isNameCharacter(char c, boolean first) {
    boolean letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    return c == '_' || letter || (!first && c >= '0' && c <= '9');
  }

  private String braced() {
    String name = name();
    if (name.isEmpty() || at >= text.length()) {
      throw new IllegalArgumentException("bad substitution in " + text);
    }
    String value = variables.apply(name);
    char operator = text.charAt(at++);
    return switch (operator) {
      case '}' -> orEmpty(value);
      case ':' -> conditional(name, value == null || value.isEmpty() ? null : value, next());
      case '-', '+', '?' -> conditional(name, value, operator);
      case '#', '%' -> trimmed(orEmpty(value), operator);
      case '/' -> replaced(orEmpty(value));
      default -> throw new IllegalArgumentException("unsupported modifier in " + text);
    };
  }

  private char next() {
    return at < text.length() ? text.charAt(at++) : 0;
  }

  private String word() {
    StringBuilder word = new StringBuilder();
    until(word, '}');
    return word.toString();
  }

  private String conditional(String name, @Nullable String value, char operator) {
    String word = word();
    return switch (operator) {
      case '-' -> value == null ? word : value;
      case '+' -> value == null ? "" : word;
      case '?' -> {
        if (value == null) {
          throw new IllegalArgumentException(name + ": " + (word.isEmpty() ? "not set" : word));
        }
        yield value;
      }
      default -> throw new IllegalArgumentException("unsupported modifier in " + text);
    };
  }

  private String trimmed(String value, char operator) {
    boolean longest = at < text.length() && text.charAt(at) == operator;
    if (longest) {
      at++;
    }
    Pattern pattern = Globs.pattern(word());
    return operator == '#'
        ? withoutPrefix(value, pattern, longest)
        : withoutSuffix(value, pattern, longest);
  }

  private static String withoutPrefix(String value, Pattern pattern, boolean longest) {
    for (int i = 0; i <= value.length(); i++) {
      int length = longest ? value.length() - i : i;
      if (pattern.matcher(value.substring(0, length)).matches()) {
        return value.substring(length);
      }
    }
    return value;
  }

  private static String withoutSuffix(String value, Pattern pattern, boolean longest) {
    for (int i = 0; i <= value.length(); i++) {
      int start = longest ? i : value.length() - i;
      if (pattern.matcher(value.substring(start)).matches()) {
        return value.substring(0, start);
      }
    }
    return value;
  }

  private String replaced(String value) {
    boolean all = at < text.length() && text.charAt(at) == '/';
    if (all) {
      at++;
    }
    StringBuilder pattern = new StringBuilder();
    until(pattern, '/');
    String replacement = java.util.regex.Matcher.quoteReplacement(word());
    Pattern glob = Globs.pattern(pattern.toString());
    return all
        ? glob.matcher(value).replaceAll(replacement)
        : glob.matcher(value).replaceFirst(replacement);
  }

  private static String orEmpty(@Nullable String value) {
    return value == null ? "" : value;
  }
}
