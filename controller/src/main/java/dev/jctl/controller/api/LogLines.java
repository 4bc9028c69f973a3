package dev.jctl.controller.api;

import dev.jctl.shim.log.CriLine;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Turns lines of a log file into what the client sees. */
final class LogLines {
  private final LogQuery query;
  private boolean inTime;
  private boolean continues;
  private long written;
  private long linesLeft;

  LogLines(LogQuery query) {
    this.query = query;
    // those written while the tail is read are no part of it
    this.linesLeft = query.follow() ? Long.MAX_VALUE : query.tailLines().orElse(Long.MAX_VALUE);
    this.inTime = query.since().isEmpty();
  }

  byte[] shown(List<byte[]> lines) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] line : lines) {
      CriLine.parse(line)
          .filter(this::isOneOfTheAsked)
          .filter(this::isInTime)
          .ifPresent(cri -> show(cri, out));
    }
    byte[] bytes = out.toByteArray();
    long left = query.limitBytes().orElse(Long.MAX_VALUE) - written;
    if (bytes.length > left) {
      bytes = java.util.Arrays.copyOf(bytes, (int) left);
    }
    written += bytes.length;
    return bytes;
  }

  boolean isFull() {
    return linesLeft == 0 || written >= query.limitBytes().orElse(Long.MAX_VALUE);
  }

  private boolean isOneOfTheAsked(CriLine line) {
    boolean asked = linesLeft > 0;
    linesLeft -= asked && !line.partial() ? 1 : 0;
    return asked;
  }

  private boolean isInTime(CriLine line) {
    // times in a log do not go back
    inTime = inTime || !query.since().map(line::isBefore).orElse(false);
    return inTime;
  }

  private void show(CriLine line, ByteArrayOutputStream out) {
    if (query.timestamps() && !continues) {
      out.writeBytes((line.time() + " ").getBytes(StandardCharsets.US_ASCII));
    }
    out.writeBytes(line.text());
    if (!line.partial()) {
      out.write('\n');
    }
    continues = line.partial();
  }
}
