package dev.jctl.cli.output;

import java.util.ArrayList;
import java.util.List;

/** The unified form of a difference between two texts, three lines around each change. */
public final class UnifiedDiff {
  private static final int CONTEXT = 3;

  private UnifiedDiff() {}

  private record Line(char mark, String text, int before, int after) {}

  /** Empty when the texts are the same. */
  public static List<String> of(String oldName, String newName, String oldText, String newText) {
    List<Line> script = script(oldText.lines().toList(), newText.lines().toList());
    List<String> lines = new ArrayList<>();
    int at = 0;
    while (at < script.size()) {
      int first = firstChange(script, at);
      if (first == script.size()) {
        break;
      }
      if (lines.isEmpty()) {
        lines.add("--- " + oldName);
        lines.add("+++ " + newName);
      }
      int from = Math.max(at, first - CONTEXT);
      int to = endOfHunk(script, first);
      hunk(script.subList(from, to), lines);
      at = to;
    }
    return lines;
  }

  private static int firstChange(List<Line> script, int from) {
    int i = from;
    while (i < script.size() && script.get(i).mark() == ' ') {
      i++;
    }
    return i;
  }

  /** Past the context after the last change that is not further than two contexts from the next. */
  private static int endOfHunk(List<Line> script, int firstChange) {
    int last = firstChange;
    for (int i = firstChange; i < script.size() && i - last <= 2 * CONTEXT; i++) {
      last = script.get(i).mark() == ' ' ? last : i;
    }
    return Math.min(script.size(), last + 1 + CONTEXT);
  }

  private static void hunk(List<Line> hunk, List<String> lines) {
    long removed = hunk.stream().filter(l -> l.mark() != '+').count();
    long added = hunk.stream().filter(l -> l.mark() != '-').count();
    Line first = hunk.get(0);
    lines.add(
        "@@ -"
            + (first.before() + 1)
            + ","
            + removed
            + " +"
            + (first.after() + 1)
            + ","
            + added
            + " @@");
    hunk.forEach(l -> lines.add(l.mark() + l.text()));
  }

  /** By the longest common subsequence; texts are objects, so a table is small enough. */
  private static List<Line> script(List<String> a, List<String> b) {
    int[][] common = new int[a.size() + 1][b.size() + 1];
    for (int i = a.size() - 1; i >= 0; i--) {
      for (int j = b.size() - 1; j >= 0; j--) {
        common[i][j] =
            a.get(i).equals(b.get(j))
                ? common[i + 1][j + 1] + 1
                : Math.max(common[i + 1][j], common[i][j + 1]);
      }
    }
    List<Line> script = new ArrayList<>();
    int i = 0;
    int j = 0;
    while (i < a.size() || j < b.size()) {
      if (i < a.size() && j < b.size() && a.get(i).equals(b.get(j))) {
        script.add(new Line(' ', a.get(i), i++, j++));
      } else if (j == b.size() || (i < a.size() && common[i + 1][j] >= common[i][j + 1])) {
        script.add(new Line('-', a.get(i), i++, j));
      } else {
        script.add(new Line('+', b.get(j), i, j++));
      }
    }
    return script;
  }
}
