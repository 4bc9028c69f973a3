package dev.jctl.images.dockerfile;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Text → instructions: comments, parser directives, continuation lines, heredocs. */
final class LogicalLines {
  private static final Pattern DIRECTIVE =
      Pattern.compile("#\\s*([a-zA-Z][a-zA-Z0-9]*)\\s*=\\s*(.+?)\\s*");
  private static final Pattern HEREDOC =
      Pattern.compile("(?<![^\\s])\\d*<<(-?)\\s*([\"']?)([A-Za-z_][A-Za-z0-9_.]*)\\2(?![^\\s])");
  private static final List<String> WITH_HEREDOCS = List.of("RUN", "COPY", "ADD");

  private final String source;
  private final List<String> lines;
  private char escape = '\\';
  private int next;

  private LogicalLines(String source, String text) {
    this.source = source;
    this.lines = text.replace("\uFEFF", "").replace("\r\n", "\n").lines().toList();
  }

  static List<RawInstruction> of(String source, String text) {
    LogicalLines reader = new LogicalLines(source, text);
    reader.directives();
    List<RawInstruction> instructions = new ArrayList<>();
    while (reader.skipBlank()) {
      instructions.add(reader.instruction());
    }
    return instructions;
  }

  private void directives() {
    for (; next < lines.size(); next++) {
      Matcher directive = DIRECTIVE.matcher(lines.get(next).strip());
      if (!directive.matches()) {
        return;
      }
      if (directive.group(1).toLowerCase(Locale.ROOT).equals("escape")) {
        escape = escapeCharacter(directive.group(2));
      }
    }
  }

  private char escapeCharacter(String value) {
    if (!value.equals("\\") && !value.equals("`")) {
      throw new DockerfileException(
          new Position(source, next + 1), "escape is \\ or `, not " + value);
    }
    return value.charAt(0);
  }

  private boolean skipBlank() {
    while (next < lines.size() && isBlankOrComment(lines.get(next))) {
      next++;
    }
    return next < lines.size();
  }

  private static boolean isBlankOrComment(String line) {
    String text = line.strip();
    return text.isEmpty() || text.startsWith("#");
  }

  private RawInstruction instruction() {
    Position at = new Position(source, next + 1);
    StringBuilder whole = new StringBuilder();
    boolean goesOn = true;
    while (goesOn && next < lines.size()) {
      String line = lines.get(next++);
      if (!whole.isEmpty() && isBlankOrComment(line)) {
        continue;
      }
      goesOn = isContinued(line);
      whole.append(goesOn ? withoutContinuation(line) : line);
    }
    String line = whole.toString();
    return RawInstruction.of(at, line, heredocs(at, line), escape);
  }

  /** An escape at the end that is not itself escaped. */
  private boolean isContinued(String line) {
    String text = line.stripTrailing();
    return text.endsWith(String.valueOf(escape))
        && !(text.length() > 1 && text.charAt(text.length() - 2) == escape);
  }

  private static String withoutContinuation(String line) {
    String text = line.stripTrailing();
    return text.substring(0, text.length() - 1);
  }

  private List<Heredoc> heredocs(Position at, String line) {
    String words = line.strip().toUpperCase(Locale.ROOT);
    if (words.startsWith("ONBUILD")) {
      words = words.substring("ONBUILD".length()).strip();
    }
    if (WITH_HEREDOCS.stream().noneMatch(words::startsWith)) {
      return List.of();
    }
    List<Heredoc> documents = new ArrayList<>();
    Matcher start = HEREDOC.matcher(line);
    while (start.find()) {
      documents.add(document(at, start));
    }
    return documents;
  }

  private Heredoc document(Position at, Matcher start) {
    boolean stripTabs = !start.group(1).isEmpty();
    StringBuilder content = new StringBuilder();
    while (next < lines.size()) {
      String line = lines.get(next++);
      String text = stripTabs ? line.replaceFirst("^\t+", "") : line;
      if (text.equals(start.group(3))) {
        return new Heredoc(start.group(3), start.group(2).isEmpty(), content.toString());
      }
      content.append(text).append('\n');
    }
    throw new DockerfileException(at, "the document <<" + start.group(3) + " has no end");
  }
}
