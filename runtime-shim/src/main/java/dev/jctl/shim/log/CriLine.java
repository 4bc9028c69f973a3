package dev.jctl.shim.log;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.Optional;

/**
 * One line of a log in CRI format: {@code <RFC 3339 time> <stdout|stderr> <F|P> <text>}.
 *
 * @param partial the text goes on in the next line
 * @param text without the end of line
 */
@SuppressWarnings("ArrayRecordComponent") // bytes are passed on, not compared
public record CriLine(String time, boolean partial, byte[] text) {
  /** {@code line}: without its end of line. Empty for what is no such line. */
  public static Optional<CriLine> parse(byte[] line) {
    int time = indexOf(line, 0);
    int stream = time < 0 ? -1 : indexOf(line, time + 1);
    if (stream < 0 || line.length < stream + 2) {
      return Optional.empty();
    }
    int text = Math.min(line.length, stream + 3);
    return Optional.of(
        new CriLine(
            new String(line, 0, time, StandardCharsets.US_ASCII),
            line[stream + 1] == 'P',
            Arrays.copyOfRange(line, text, line.length)));
  }

  private static int indexOf(byte[] line, int from) {
    for (int i = from; i < line.length; i++) {
      if (line[i] == ' ') {
        return i;
      }
    }
    return -1;
  }

  public boolean isBefore(Instant instant) {
    try {
      return Instant.parse(time).isBefore(instant);
    } catch (DateTimeParseException e) {
      return false;
    }
  }
}
