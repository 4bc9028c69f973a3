package dev.jctl.shim.layer;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The file mode creation mask. proc_pid_status(5). */
final class Umask {
  private static final String KEY = "Umask:";

  private Umask() {}

  static int ofThisProcess() {
    try {
      return Files.readAllLines(Path.of("/proc/self/status")).stream()
          .filter(line -> line.startsWith(KEY))
          .findFirst()
          .map(line -> Integer.parseInt(line.substring(KEY.length()).strip(), 8))
          .orElse(0777);
    } catch (IOException e) {
      throw new UncheckedIOException("read /proc/self/status", e);
    }
  }
}
