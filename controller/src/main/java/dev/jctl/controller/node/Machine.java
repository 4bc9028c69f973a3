package dev.jctl.controller.node;

import dev.jctl.controller.usage.ProcStat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What a machine is made of, read anew each time.
 *
 * @param memoryBytes all of it
 * @param machineId machine-id(5), empty when there is none
 * @param osImage {@code PRETTY_NAME} of os-release(5)
 */
record Machine(int processors, long memoryBytes, String machineId, String osImage) {
  static Machine read() {
    return new Machine(
        Runtime.getRuntime().availableProcessors(),
        ProcStat.totalMemory(),
        text(Path.of("/etc/machine-id")).strip(),
        prettyName(text(Path.of("/etc/os-release"))));
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException absent) {
      return "";
    }
  }

  static String prettyName(String osRelease) {
    return osRelease
        .lines()
        .filter(line -> line.startsWith("PRETTY_NAME="))
        .map(line -> line.substring(line.indexOf('=') + 1).replace("\"", ""))
        .findFirst()
        .orElse("Linux");
  }
}
