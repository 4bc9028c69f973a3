package dev.jctl.images.dockerfile;

import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** Wildcards as regular expressions. */
public final class Globs {
  private Globs() {}

  /** Of a shell's variable: {@code *} and {@code ?} match anything. */
  static Pattern pattern(String glob) {
    return Pattern.compile(translate(glob, ".*", "."), Pattern.DOTALL);
  }

  /**
   * Of a path: {@code *} and {@code ?} stay within a name, {@code **} goes through directories.
   * Go's filepath.Match with Docker's extension.
   *
   * @throws IllegalArgumentException for a class without an end
   */
  public static Pattern path(String glob) {
    return Pattern.compile(translate(glob, "[^/]*", "[^/]"), Pattern.DOTALL);
  }

  public static boolean isGlob(String text) {
    return text.chars().anyMatch(c -> c == '*' || c == '?' || c == '[');
  }

  private static String translate(String glob, String many, String one) {
    StringBuilder regex = new StringBuilder();
    int i = 0;
    while (i < glob.length()) {
      char c = glob.charAt(i);
      if (glob.startsWith("**/", i)) {
        regex.append("(?:.*/)?");
        i += 3;
        continue;
      }
      if (glob.startsWith("**", i)) {
        regex.append(".*");
        i += 2;
        continue;
      }
      switch (c) {
        case '*' -> regex.append(many);
        case '?' -> regex.append(one);
        case '[' -> i = characterClass(glob, i, regex);
        case '\\' -> {
          i++;
          regex.append(Pattern.quote(i < glob.length() ? glob.substring(i, i + 1) : "\\"));
        }
        default -> regex.append(Pattern.quote(String.valueOf(c)));
      }
      i++;
    }
    return regex.toString();
  }

  /** Returns where it ends. */
  private static int characterClass(String glob, int start, StringBuilder regex) {
    int end = glob.indexOf(']', start + 2);
    if (end < 0) {
      throw new IllegalArgumentException("'[' without ']' in the pattern " + glob);
    }
    String body = glob.substring(start + 1, end);
    boolean negated = body.startsWith("^") || body.startsWith("!");
    String set = (negated ? body.substring(1) : body).replaceAll("([\\[&~])", "\\\\$1");
    String expression = "[" + (negated ? "^" : "") + set + "]";
    try {
      Pattern.compile(expression);
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException("the pattern " + glob + " has a bad class", e);
    }
    regex.append(expression);
    return end;
  }
}
