package dev.jctl.shim.log;

import java.util.List;

/** What was written to a log in the CRI format of {@link CriFraming}. Pure. */
public final class CriText {
  private static final int FIELDS = 4;

  private CriText() {}

  /**
   * @param log whole lines of it
   * @param most of these, counted from the end
   */
  public static String last(List<String> log, int most) {
    StringBuilder text = new StringBuilder();
    for (String line : log.subList(Math.max(0, log.size() - most), log.size())) {
      String[] fields = line.split(" ", FIELDS);
      if (fields.length == FIELDS) {
        text.append(fields[FIELDS - 1]).append(fields[FIELDS - 2].equals("P") ? "" : "\n");
      }
    }
    return text.toString();
  }
}
