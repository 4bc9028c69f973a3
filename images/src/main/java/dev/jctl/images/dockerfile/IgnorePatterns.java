package dev.jctl.images.dockerfile;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * What of a context is left out: {@code .dockerignore}. The last pattern that matches decides.
 * Dockerfile reference, ".dockerignore file".
 */
public final class IgnorePatterns {
  private record Rule(Pattern pattern, boolean keeps) {}

  private final List<Rule> rules;

  private IgnorePatterns(List<Rule> rules) {
    this.rules = rules;
  }

  /**
   * @throws DockerfileException naming the line of a bad pattern
   */
  public static IgnorePatterns parse(String source, String text) {
    List<Rule> rules = new ArrayList<>();
    int number = 0;
    for (String line : text.replace("\uFEFF", "").lines().toList()) {
      number++;
      if (line.startsWith("#") || line.isBlank()) {
        continue;
      }
      rules.add(rule(new Position(source, number), line.strip()));
    }
    return new IgnorePatterns(List.copyOf(rules));
  }

  private static Rule rule(Position at, String line) {
    boolean keeps = line.startsWith("!");
    String pattern = (keeps ? line.substring(1) : line).strip();
    String clean = pattern.replaceFirst("^(\\.?/)+", "").replaceFirst("/+$", "");
    try {
      return new Rule(Globs.path(clean), keeps);
    } catch (IllegalArgumentException e) {
      throw new DockerfileException(at, String.valueOf(e.getMessage()));
    }
  }

  /**
   * @param path relative, without {@code ./}
   */
  public boolean ignores(String path) {
    boolean ignored = false;
    for (Rule rule : rules) {
      if (ignored == rule.keeps() && matches(rule.pattern(), path)) {
        ignored = !rule.keeps();
      }
    }
    return ignored;
  }

  /** Whether nothing below an ignored directory can be kept. */
  public boolean keepsNothingAgain() {
    return rules.stream().noneMatch(Rule::keeps);
  }

  /** A pattern that matches a directory covers all below it. */
  private static boolean matches(Pattern pattern, String path) {
    for (int end = path.length(); end > 0; end = path.lastIndexOf('/', end - 1)) {
      if (pattern.matcher(path.substring(0, end)).matches()) {
        return true;
      }
    }
    return false;
  }
}
