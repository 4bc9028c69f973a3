package dev.jctl.cli.output;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A block of lines, one a key, that is kept current: overwritten on a terminal, else each line
 * printed when it changes.
 */
public final class LiveLines {
  private static final int MAX_LINES = 20;
  private static final String UP_AND_CLEAR = "\u001b[1A\u001b[2K";

  private final Console console;
  private final Map<String, String> printed = new HashMap<>();
  private int shown;

  public LiveLines(Console console) {
    this.console = console;
  }

  /** {@code lines}: key to text, in the order to be shown; the first that fit are. */
  public void show(Map<String, String> lines) {
    if (console.outIsTerminal()) {
      overwrite(List.copyOf(new LinkedHashMap<>(lines).values()));
    } else {
      lines.forEach(this::printWhenChanged);
    }
    console.flush();
  }

  /** Takes the block off a terminal. */
  public void clear() {
    console.out().print(UP_AND_CLEAR.repeat(shown));
    shown = 0;
    console.flush();
  }

  private void overwrite(List<String> lines) {
    console.out().print(UP_AND_CLEAR.repeat(shown));
    List<String> fitting = lines.subList(0, Math.min(lines.size(), MAX_LINES));
    fitting.forEach(console::line);
    shown = fitting.size();
    if (lines.size() > shown) {
      console.line("… and " + (lines.size() - shown) + " more");
      shown++;
    }
  }

  private void printWhenChanged(String key, String line) {
    if (!line.equals(printed.put(key, line))) {
      console.line(line);
    }
  }
}
