package dev.jctl.shim.observe;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Parts of {@code /proc/PID/stat}, proc_pid_stat(5).
 *
 * @param state field 3: {@code R}, {@code S}, {@code Z} …
 * @param startTicks field 22: with the boot id it tells a process from a later one of the same pid
 * @param waitStatus field 52, in the form of wait(2); of use only when it has ended
 */
public record ProcessStat(char state, long startTicks, int waitStatus) {
  /** Empty when there is no such process. */
  public static Optional<ProcessStat> of(int pid) {
    try {
      return Optional.of(parse(Files.readString(Path.of("/proc", Integer.toString(pid), "stat"))));
    } catch (IOException gone) {
      return Optional.empty();
    }
  }

  static ProcessStat parse(String line) {
    // the name (field 2) may contain anything, also spaces and parentheses
    String[] fields = line.substring(line.lastIndexOf(')') + 2).strip().split(" ", -1);
    return new ProcessStat(
        fields[0].charAt(0), Long.parseLong(fields[22 - 3]), Integer.parseInt(fields[52 - 3]));
  }
}
