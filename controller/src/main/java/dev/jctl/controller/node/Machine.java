package dev.jctl.controller.node;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

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
        memory(text(Path.of("/proc/meminfo"))),
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

  /** {@code MemTotal: 24685488 kB}. */
  static long memory(String meminfo) {
    return meminfo
        .lines()
        .filter(line -> line.startsWith("MemTotal:"))
        .findFirst()
        .map(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) << 10)
        .orElse(0L);
  }

  static String prettyName(String osRelease) {
    Stream<String> names =
        osRelease
            .lines()
            .filter(line -> line.startsWith("PRETTY_NAME="))
            .map(line -> line.substring(line.indexOf('=') + 1).replace("\"", ""));
    return names.findFirst().orElse("Linux");
  }
}
