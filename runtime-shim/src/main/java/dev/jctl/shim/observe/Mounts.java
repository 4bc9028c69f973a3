package dev.jctl.shim.observe;

import dev.jctl.shim.kernel.Kernel;
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

  /** Whether something is mounted there, on this machine. */
  public static boolean isPoint(Path path) throws IOException {
    Path directory = path.resolveSibling("");
    return Files.isDirectory(directory)
        && read(Path.of("/proc/self/mountinfo"))
            .contains(directory.toRealPath().resolve(path.getFileName()).toString());
  }

  /** Whether what is mounted beneath is seen by others, and what they mount there by it. */
  public static boolean isShared(Path path) throws IOException {
    String mount = mountId(path);
    try (var lines = Files.lines(Path.of("/proc/self/mountinfo"))) {
      return lines
          .filter(line -> line.startsWith(mount + " "))
          .anyMatch(line -> line.substring(0, line.indexOf(" - ")).contains(" shared:"));
    }
  }

  /** Of what a path is on, proc_pid_fdinfo(5). */
  private static String mountId(Path path) throws IOException {
    int fd = Kernel.open(path.toString(), Kernel.O_PATH, 0);
    try (var lines = Files.lines(Path.of("/proc/self/fdinfo/" + fd))) {
      return lines
          .filter(line -> line.startsWith("mnt_id:"))
          .map(line -> line.substring("mnt_id:".length()).strip())
          .findFirst()
          .orElseThrow(() -> new IOException("no mount is known of " + path));
    } finally {
      Kernel.close(fd);
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
