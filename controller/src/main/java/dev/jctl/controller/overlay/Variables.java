package dev.jctl.controller.overlay;

import dev.jctl.manifests.codec.ManifestException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code ${NAME}} and {@code ${NAME:-default}} in manifests; {@code $${NAME}} stands for the text
 * itself. Values are of one line, so that places in the text stay true. Pure.
 */
final class Variables {
  private static final Pattern USE =
      Pattern.compile("(\\$?)\\$\\{([A-Za-z_][A-Za-z0-9_]*)(?::?[-=]([^}\\n]*))?\\}");

  private final Map<String, String> values;

  Variables(Map<String, String> values) {
    this.values = Map.copyOf(values);
  }

  /**
   * @param source the text's name for messages
   * @throws ManifestException for each that has neither a value nor a default
   */
  String substitute(String source, String text) {
    List<String> errors = new ArrayList<>();
    StringBuilder out = new StringBuilder();
    Matcher m = USE.matcher(text);
    while (m.find()) {
      m.appendReplacement(out, Matcher.quoteReplacement(value(source, text, m, errors)));
    }
    if (!errors.isEmpty()) {
      throw new ManifestException(errors);
    }
    return m.appendTail(out).toString();
  }

  private String value(String source, String text, Matcher m, List<String> errors) {
    if (!m.group(1).isEmpty()) {
      return m.group().substring(1);
    }
    String name = m.group(2);
    String value = values.get(name);
    if (value == null) {
      value = m.group(3);
    }
    if (value == null) {
      errors.add(
          place(source, text, m.start())
              + "variable "
              + name
              + " has no value; known are "
              + known()
              + "; give it one in spec.substitute, write ${"
              + name
              + ":-default}, or $${"
              + name
              + "} for the text itself");
      return "";
    }
    if (value.indexOf('\n') >= 0) {
      errors.add(place(source, text, m.start()) + "the value of " + name + " has several lines");
      return "";
    }
    return value;
  }

  private Set<String> known() {
    return new TreeSet<>(values.keySet());
  }

  private static String place(String source, String text, int at) {
    String before = text.substring(0, at);
    int line = (int) before.chars().filter(c -> c == '\n').count() + 1;
    return source + ":" + line + ":" + (at - before.lastIndexOf('\n')) + ": ";
  }
}
