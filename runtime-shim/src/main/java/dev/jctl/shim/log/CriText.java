package dev.jctl.shim.log;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.List;

/** What was written to a log of {@link CriLine}s. Pure. */
public final class CriText {
  private CriText() {}

  /**
   * @param log whole lines of it
   * @param most of these, counted from the end
   */
  public static String last(List<String> log, int most) {
    StringBuilder text = new StringBuilder();
    for (String line : log.subList(Math.max(0, log.size() - most), log.size())) {
      CriLine.parse(line.getBytes(UTF_8))
          .ifPresent(
              cri -> text.append(new String(cri.text(), UTF_8)).append(cri.partial() ? "" : "\n"));
    }
    return text.toString();
  }
}
