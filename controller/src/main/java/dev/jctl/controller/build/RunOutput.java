package dev.jctl.controller.build;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;

/** Follows a container's log file in CRI format, and keeps its last lines. */
final class RunOutput {
  private static final int KEPT = 10;
  private static final int FIELDS = 4; // time, stream, P or F, text

  private final Path file;
  private final Consumer<String> lines;
  private final Deque<String> last = new ArrayDeque<>();
  private final ByteArrayOutputStream rest = new ByteArrayOutputStream();
  private final StringBuilder partial = new StringBuilder();
  private long position;

  RunOutput(Path file, Consumer<String> lines) {
    this.file = file;
    this.lines = lines;
  }

  /** Takes what was added since it was last called. */
  void read() {
    try (InputStream in = Files.newInputStream(file)) {
      in.skipNBytes(position);
      byte[] buffer = new byte[1 << 14];
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        position += n;
        take(buffer, n);
      }
    } catch (NoSuchFileException e) {
      return; // it has said nothing yet
    } catch (IOException e) {
      lines.accept("(its output cannot be read: " + e + ")");
    }
  }

  private void take(byte[] bytes, int length) {
    for (int i = 0; i < length; i++) {
      if (bytes[i] == '\n') {
        entry(rest.toString(StandardCharsets.UTF_8));
        rest.reset();
      } else {
        rest.write(bytes[i]);
      }
    }
  }

  private void entry(String entry) {
    String[] fields = entry.split(" ", FIELDS);
    if (fields.length < FIELDS - 1) {
      return;
    }
    partial.append(fields.length == FIELDS ? fields[FIELDS - 1] : "");
    if (!fields[2].startsWith("P")) {
      String line = partial.toString();
      partial.setLength(0);
      last.addLast(line);
      if (last.size() > KEPT) {
        last.removeFirst();
      }
      lines.accept(line);
    }
  }

  List<String> lastLines() {
    return List.copyOf(last);
  }
}
