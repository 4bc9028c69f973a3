package dev.jctl.shim.observe;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Mount points of a mount namespace, proc_pid_mountinfo(5). */
public final class Mounts {
  private Mounts() {}

  /** As seen by that process, from its root. */
  public static Set<String> of(int pid) throws IOException {
    return read(Path.of("/proc", Integer.toString(pid), "mountinfo")).stream()
        .collect(Collectors.toUnmodifiableSet());
  }

  /** The device, or whatever the file system calls its source, of what is mounted last there. */
  public static String source(Path mountPoint) throws IOException {
    try (var lines = Files.lines(Path.of("/proc/self/mountinfo"))) {
      return lines
          .filter(line -> unescape(line.split(" ", 6)[4]).equals(mountPoint.toString()))
          .map(line -> line.substring(line.indexOf(" - ") + 3).split(" ", 3)[1])
          .map(Mounts::unescape)
          .reduce((first, last) -> last)
          .orElseThrow(() -> new IOException("nothing is mounted on " + mountPoint));
    }
  }

  /** Below (or at) that directory on the host, innermost first. */
  public static List<String> below(Path directory) throws IOException {
    String prefix = directory + "/";
    List<String> found =
        new ArrayList<>(
            read(Path.of("/proc/self/mountinfo")).stream()
                .filter(point -> point.startsWith(prefix))
                .toList());
    return found.reversed();
  }

  private static List<String> read(Path mountinfo) throws IOException {
    try (var lines = Files.lines(mountinfo)) {
      return lines.map(line -> unescape(line.split(" ", 6)[4])).toList();
    }
  }

  /** Blanks, tabs, newlines and backslashes are octal there. */
  static String unescape(String text) {
    if (text.indexOf('\\') < 0) {
      return text;
    }
    StringBuilder plain = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) == '\\' && i + 3 < text.length()) {
        plain.append((char) Integer.parseInt(text.substring(i + 1, i + 4), 8));
        i += 3;
      } else {
        plain.append(text.charAt(i));
      }
    }
    return plain.toString();
  }
}
