package dev.jctl.cli.why;

import java.util.List;

/**
 * One link of the chain.
 *
 * @param object what it is about, such as {@code container.jctl.dev/web}
 * @param fact a sentence
 * @param advice what to do about it; empty when a cause below says it, or nothing is wrong
 * @param causes what it follows from
 */
public record Cause(String object, String fact, String advice, List<Cause> causes) {
  public Cause {
    causes = List.copyOf(causes);
  }

  static Cause of(String object, String fact) {
    return new Cause(object, fact, "", List.of());
  }

  public List<String> lines() {
    List<String> lines = new java.util.ArrayList<>();
    add("", "", lines);
    return lines;
  }

  private void add(String first, String margin, List<String> lines) {
    lines.add(first + object + " " + fact);
    if (!advice.isEmpty()) {
      lines.add(margin + (causes.isEmpty() ? "   " : "│  ") + advice);
    }
    for (int i = 0; i < causes.size(); i++) {
      boolean last = i == causes.size() - 1;
      causes.get(i).add(margin + (last ? "└─ " : "├─ "), margin + (last ? "   " : "│  "), lines);
    }
  }
}
