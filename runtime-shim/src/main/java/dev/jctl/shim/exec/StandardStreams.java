package dev.jctl.shim.exec;

import dev.jctl.shim.plan.Argument.Name;
import dev.jctl.shim.spec.OciSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Descriptors 0, 1 and 2 of a process. */
final class StandardStreams {
  private static final int S_IFMT = 0170000;
  private static final int S_IFIFO = 0010000;

  private StandardStreams() {}

  private static List<Integer> of(Launcher.Stdio stdio) {
    return switch (stdio) {
      case Launcher.Stdio.Descriptors d -> List.of(d.stdin(), d.stdout(), d.stderr());
      case Launcher.Stdio.Pty(int slave) -> List.of(slave, slave, slave);
    };
  }

  static Map<Name, Long> externals(Launcher.Stdio stdio, Descriptors open) {
    List<Integer> fds = of(stdio);
    Map<Name, Long> externals = new EnumMap<>(Name.class);
    externals.put(Name.STDIN, (long) open.given(fds.get(0)));
    externals.put(Name.STDOUT, (long) open.given(fds.get(1)));
    externals.put(Name.STDERR, (long) open.given(fds.get(2)));
    return externals;
  }

  /** Of the first process of a container. */
  static List<Integer> owned(Launcher.Stdio stdio, OciSpec oci) {
    List<OciSpec.Namespace> users =
        oci.linux().namespaces().stream().filter(n -> n.type().equals("user")).toList();
    // in a new user namespace it may not, and who made that has thought of it
    return users.stream().anyMatch(n -> n.path() == null)
        ? List.of()
        : owned(stdio, oci.process(), !users.isEmpty());
  }

  /**
   * Those that only this process has, so that its user may reopen them as {@code /dev/stdout}:
   * pipes and the terminal, but not {@code /dev/null}.
   *
   * @param joinsUsers its root is not ours
   */
  static List<Integer> owned(Launcher.Stdio stdio, OciSpec.Process process, boolean joinsUsers) {
    if (process.user().uid() == 0 && !joinsUsers) {
      return List.of();
    }
    List<Integer> fds = of(stdio);
    return switch (stdio) {
      case Launcher.Stdio.Pty pty -> List.of(0);
      case Launcher.Stdio.Descriptors all ->
          IntStream.range(0, fds.size()).filter(i -> isPipe(fds.get(i))).boxed().toList();
    };
  }

  /** Where the terminal is on the host; empty without one. */
  static String terminal(Launcher.Stdio stdio) {
    try {
      return stdio instanceof Launcher.Stdio.Pty(int slave)
          ? Files.readSymbolicLink(Path.of("/proc/self/fd/" + slave)).toString()
          : "";
    } catch (IOException e) {
      throw new UncheckedIOException("look at the terminal", e);
    }
  }

  private static boolean isPipe(int fd) {
    try {
      Object mode = Files.getAttribute(Path.of("/proc/self/fd/" + fd), "unix:mode");
      return mode instanceof Integer bits && (bits & S_IFMT) == S_IFIFO;
    } catch (IOException e) {
      throw new UncheckedIOException("look at descriptor " + fd, e);
    }
  }
}
