package dev.jctl.shim.exec;

import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.kernel.Errno;
import dev.jctl.shim.kernel.Kernel;
import dev.jctl.shim.kernel.KernelException;
import dev.jctl.shim.spec.OciSpec;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Users and groups of a root file system, passwd(5) and group(5). The files are the image's: opened
 * beneath it, and bounded.
 */
final class Users {
  private static final int MAX_BYTES = 1 << 20;

  private final List<String[]> passwd;
  private final List<String[]> group;

  private Users(List<String[]> passwd, List<String[]> group) {
    this.passwd = passwd;
    this.group = group;
  }

  static Users of(Path rootfs) {
    int root = Kernel.open(rootfs.toString(), Kernel.O_PATH | Kernel.O_DIRECTORY, 0);
    try {
      return new Users(lines(root, "etc/passwd", 7), lines(root, "etc/group", 4));
    } finally {
      Kernel.close(root);
    }
  }

  /**
   * Non-blocking, so that a FIFO in the place of the file does not hold us up; it then has nothing
   * to read.
   */
  private static List<String[]> lines(int root, String file, int fields) {
    int fd;
    try {
      fd =
          Kernel.openat2(
              root,
              file,
              Kernel.O_RDONLY | Kernel.O_NONBLOCK,
              0,
              Kernel.RESOLVE_IN_ROOT | Kernel.RESOLVE_NO_MAGICLINKS);
    } catch (KernelException e) {
      return List.of();
    }
    try {
      StringBuilder text = new StringBuilder();
      byte[] buffer = new byte[8192];
      for (int n = read(fd, buffer); n > 0 && text.length() < MAX_BYTES; n = read(fd, buffer)) {
        text.append(new String(buffer, 0, n, StandardCharsets.ISO_8859_1));
      }
      return text.toString()
          .lines()
          .map(l -> l.split(":", -1))
          .filter(l -> l.length >= fields)
          .toList();
    } finally {
      Kernel.close(fd);
    }
  }

  private static int read(int fd, byte[] buffer) {
    try {
      return Kernel.read(fd, buffer);
    } catch (KernelException e) {
      if (e.is(Errno.EAGAIN) || e.is(Errno.EISDIR)) {
        return 0;
      }
      throw e;
    }
  }

  /** {@code user}: {@code name[:group]} or {@code uid[:gid]}; nothing: root. */
  Launcher.ResolvedUser resolve(String user) {
    String[] parts = user.split(":", 2);
    Optional<String[]> entry = find(passwd, parts[0].isEmpty() ? "0" : parts[0]);
    int uid =
        entry.map(e -> number(e[2], "user", user)).orElseGet(() -> number(parts[0], "user", user));
    int gid =
        parts.length == 2 && !parts[1].isEmpty()
            ? gid(parts[1], user)
            : entry.map(e -> number(e[3], "group", user)).orElse(0);
    List<Integer> more =
        parts.length == 2 ? List.of() : entry.map(e -> memberships(e[0], gid)).orElse(List.of());
    String home = entry.map(e -> e[5]).filter(h -> !h.isEmpty()).orElse(null);
    return new Launcher.ResolvedUser(new OciSpec.User(uid, gid, null, more), home);
  }

  private int gid(String name, String user) {
    return find(group, name)
        .map(e -> number(e[2], "group", user))
        .orElseGet(() -> number(name, "group", user));
  }

  private List<Integer> memberships(String name, int primary) {
    List<Integer> gids = new ArrayList<>();
    for (String[] entry : group) {
      boolean member = Arrays.asList(entry[3].split(",")).contains(name);
      if (member && entry[2].matches("\\d{1,9}") && Integer.parseInt(entry[2]) != primary) {
        gids.add(Integer.parseInt(entry[2]));
      }
    }
    return gids;
  }

  /** By name, or by number. */
  private static Optional<String[]> find(List<String[]> entries, String word) {
    return entries.stream().filter(e -> e[0].equals(word) || e[2].equals(word)).findFirst();
  }

  private static int number(String text, String what, String user) {
    if (text.isEmpty()) {
      return 0;
    }
    if (!text.matches("\\d{1,9}")) {
      throw new RuntimeFailure(
          RuntimeFailure.Reason.INVALID,
          what
              + " of \""
              + user
              + "\" is not in the image's /etc/passwd or /etc/group; use a number");
    }
    return Integer.parseInt(text);
  }
}
