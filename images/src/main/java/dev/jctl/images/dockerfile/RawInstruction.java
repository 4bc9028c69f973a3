package dev.jctl.images.dockerfile;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * One instruction taken apart into name, flags and the rest.
 *
 * @param name in upper case
 * @param flags {@code --name=value} each
 */
record RawInstruction(
    Position at,
    String name,
    List<String> flags,
    String rest,
    List<Heredoc> heredocs,
    String text,
    char escape) {

  static RawInstruction of(Position at, String line, List<Heredoc> heredocs, char escape) {
    String text = line.strip();
    int end = 0;
    while (end < text.length() && !Character.isWhitespace(text.charAt(end))) {
      end++;
    }
    List<String> flags = new ArrayList<>();
    String rest = takeFlags(text.substring(end).strip(), flags);
    return new RawInstruction(
        at, text.substring(0, end).toUpperCase(Locale.ROOT), flags, rest, heredocs, text, escape);
  }

  private static String takeFlags(String text, List<String> flags) {
    String rest = text;
    while (rest.startsWith("--")) {
      int end = 0;
      char quote = 0;
      while (end < rest.length() && (quote != 0 || !Character.isWhitespace(rest.charAt(end)))) {
        char c = rest.charAt(end);
        if (quote == 0 && (c == '"' || c == '\'')) {
          quote = c;
        } else if (c == quote) {
          quote = 0;
        }
        end++;
      }
      if (end == 2) {
        return rest.substring(2).strip();
      }
      flags.add(rest.substring(2, end));
      rest = rest.substring(end).strip();
    }
    return rest;
  }

  DockerfileException wrong(String message) {
    return new DockerfileException(at, name + ": " + message);
  }

  /** All values of a flag; one without a value is {@code true}. */
  List<String> all(String flag) {
    return flags.stream()
        .filter(f -> f.equals(flag) || f.startsWith(flag + "="))
        .map(f -> f.equals(flag) ? "true" : f.substring(flag.length() + 1))
        .toList();
  }

  Optional<String> value(String flag) {
    return all(flag).stream().reduce((first, second) -> second);
  }

  boolean isOn(String flag) {
    return value(flag).filter(v -> !v.equals("false")).isPresent();
  }

  /** Refuses flags that the instruction does not have. */
  void onlyFlags(List<String> known) {
    for (String flag : flags) {
      String word = flag.contains("=") ? flag.substring(0, flag.indexOf('=')) : flag;
      if (!known.contains(word)) {
        throw wrong(
            "unknown flag --"
                + word
                + (known.isEmpty() ? "" : "; it has --" + String.join(", --", known)));
      }
    }
  }
}
