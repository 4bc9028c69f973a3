package dev.jctl.cli;

import dev.jctl.cli.client.Patience;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The processes of an instance, as their pid files and {@code /proc} show them.
 *
 * @param socket of the controller
 * @param isLocal whether the socket is that of the instance at these directories
 */
record Engine(Path dataDir, Path runDir, Path socket, boolean isLocal) {
  /** Enough for a controller that opens a large store on a busy machine. */
  private static final Duration START_PATIENCE = Duration.ofSeconds(60);

  static final List<String> PROCESSES = List.of("supervisor", "controller", "shim");

  /**
   * @param build directory it was started from
   * @param startTicks since boot, by which a recycled pid is told apart
   */
  record Running(int pid, long startTicks, String build) {}

  /** Patience while the supervisor lives: what it supervises comes back. */
  Patience patience() {
    return waited ->
        isLocal && waited.compareTo(START_PATIENCE) < 0 && running("supervisor").isPresent();
  }

  /** Empty when it is not running. */
  Optional<Running> running(String process) {
    try {
      String[] words = Files.readString(runDir.resolve(process + ".pid")).strip().split(" ", 3);
      Running r =
          new Running(
              Integer.parseInt(words[0]),
              Long.parseLong(words[1]),
              words.length > 2 ? words[2] : "");
      return startTicks(r.pid()) == r.startTicks() ? Optional.of(r) : Optional.empty();
    } catch (IOException | NumberFormatException | ArrayIndexOutOfBoundsException e) {
      return Optional.empty(); // no pid file, or one half written: as good as not running
    }
  }

  /** Field 22 of {@code /proc/PID/stat}, proc(5); -1 for a process that is no more. */
  private static long startTicks(int pid) throws IOException {
    String stat = Files.readString(Path.of("/proc", Integer.toString(pid), "stat"));
    String[] afterName = stat.substring(stat.lastIndexOf(')') + 2).split(" ", 21);
    return afterName[0].equals("Z") ? -1 : Long.parseLong(afterName[19]);
  }

  /** Resident set size. */
  static long residentKilobytes(int pid) {
    try (var lines = Files.lines(Path.of("/proc", Integer.toString(pid), "status"))) {
      return lines
          .filter(l -> l.startsWith("VmRSS:"))
          .mapToLong(l -> Long.parseLong(l.replaceAll("\\D", "")))
          .findFirst()
          .orElse(0);
    } catch (IOException e) {
      return 0;
    }
  }

  Path log(String process) {
    return dataDir.resolve("log").resolve(process + ".log");
  }

  /** The last lines of a log; empty when there is none. */
  List<String> logTail(String process, int count) {
    try {
      byte[] bytes = Files.readAllBytes(log(process));
      List<String> lines = new String(bytes, StandardCharsets.UTF_8).lines().toList();
      return lines.subList(Math.max(0, lines.size() - count), lines.size());
    } catch (IOException e) {
      return List.of();
    }
  }
}
