package dev.jctl.controller.usage;

import dev.jctl.shim.spec.Observed.Pressure;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The machine's own counters, proc(5). */
public final class ProcStat {
  /** USER_HZ, which is the same on all architectures of today. */
  private static final long NANOS_PER_TICK = 10_000_000;

  private static final int IDLE = 3;
  private static final int IO_WAIT = 4;

  /** Guest time is in user time already. */
  private static final int FIELDS = 8;

  private ProcStat() {}

  /** Of all processors together, since boot. */
  static long busyNanos() {
    return busyNanos(text("/proc/stat"));
  }

  static long busyNanos(String stat) {
    long[] ticks =
        Arrays.stream(stat.lines().findFirst().orElse("").split(" +", -1))
            .skip(1)
            .limit(FIELDS)
            .mapToLong(Long::parseLong)
            .toArray();
    return (Arrays.stream(ticks).sum() - ticks[IDLE] - ticks[IO_WAIT]) * NANOS_PER_TICK;
  }

  /** Bytes. */
  public static long totalMemory() {
    return kilobytes(text("/proc/meminfo"), "MemTotal:") << 10;
  }

  /** Bytes that this process has in memory. */
  static long ownMemory() {
    return kilobytes(text("/proc/self/status"), "VmRSS:") << 10;
  }

  static long usedMemory() {
    return usedMemory(text("/proc/meminfo"));
  }

  static long usedMemory(String meminfo) {
    return (kilobytes(meminfo, "MemTotal:") - kilobytes(meminfo, "MemAvailable:")) << 10;
  }

  /** By resource; empty where the kernel does not tell. */
  static Map<String, Pressure> pressure() {
    Map<String, Pressure> pressure = new TreeMap<>();
    for (String resource : List.of("cpu", "memory", "io")) {
      try {
        Path file = Path.of("/proc/pressure", resource);
        pressure.put(resource, Pressure.parse(Files.readString(file)));
      } catch (IOException unsupported) {
        return Map.of();
      }
    }
    return pressure;
  }

  private static long kilobytes(String file, String field) {
    return file.lines()
        .filter(line -> line.startsWith(field))
        .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
        .findFirst()
        .orElse(0);
  }

  private static String text(String file) {
    try {
      return Files.readString(Path.of(file));
    } catch (IOException e) {
      throw new UncheckedIOException(file, e);
    }
  }
}
