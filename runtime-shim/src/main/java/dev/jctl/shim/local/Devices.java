package dev.jctl.shim.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Whether something is mounted somewhere, as seen by device numbers. */
final class Devices {
  private Devices() {}

  static boolean isMounted(Path path) {
    return differ(path, path.resolveSibling("."));
  }

  /** False when one of them is not there. */
  static boolean differ(Path one, Path other) {
    try {
      return !Files.getAttribute(one, "unix:dev").equals(Files.getAttribute(other, "unix:dev"));
    } catch (IOException absent) {
      return false;
    }
  }
}
