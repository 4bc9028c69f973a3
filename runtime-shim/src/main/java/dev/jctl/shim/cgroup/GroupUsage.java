package dev.jctl.shim.cgroup;

import static dev.jctl.shim.cgroup.GroupFiles.field;
import static dev.jctl.shim.cgroup.GroupFiles.number;

import dev.jctl.shim.spec.Observed;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What the kernel has counted for one group.
 *
 * @param relative of the group, in each hierarchy
 */
record GroupUsage(CgroupLayout layout, String relative) {
  private static final List<String> PRESSURED = List.of("cpu", "memory", "io");

  /**
   * Empty when it has gone.
   *
   * @param processes in the group, where only v2 counts them
   */
  Optional<Observed.Usage> read(int processes) {
    try {
      return Optional.of(
          layout.mode() == CgroupLayout.Mode.V2
              ? v2Usage(layout.unified().orElseThrow().resolve(relative))
              : v1Usage(processes));
    } catch (NoSuchFileException gone) {
      return Optional.empty();
    } catch (IOException e) {
      throw GroupFiles.failure("read usage of " + relative, e);
    }
  }

  private static Observed.Usage v2Usage(Path group) throws IOException {
    return new Observed.Usage(
        field(Files.readString(group.resolve("cpu.stat")), "usage_usec") * 1000,
        workingSet(group, "memory.current", "inactive_file"),
        number(group.resolve("pids.current")),
        pressure(Optional.of(group)));
  }

  private Observed.Usage v1Usage(int processes) throws IOException {
    Path cpu = layout.v1().get("cpuacct");
    Path memory = layout.v1().get("memory");
    return new Observed.Usage(
        cpu == null ? 0 : number(cpu.resolve(relative).resolve("cpuacct.usage")),
        memory == null
            ? 0
            : workingSet(memory.resolve(relative), "memory.usage_in_bytes", "total_inactive_file"),
        processes,
        pressure(layout.unified().map(root -> root.resolve(relative))));
  }

  /** Only v2 has it; also where v1 has the controllers. */
  private static Map<String, Observed.Pressure> pressure(Optional<Path> group) throws IOException {
    Map<String, Observed.Pressure> pressure = new TreeMap<>();
    for (String resource : group.isPresent() ? PRESSURED : List.<String>of()) {
      pressureOf(group.get().resolve(resource + ".pressure"))
          .ifPresent(of -> pressure.put(resource, of));
    }
    return pressure;
  }

  /** Empty with a kernel that cannot tell, or was told not to. */
  private static Optional<Observed.Pressure> pressureOf(Path file) throws IOException {
    try {
      return Optional.of(Observed.Pressure.parse(Files.readString(file)));
    } catch (FileSystemException notSupported) {
      return Optional.empty();
    }
  }

  private static long workingSet(Path group, String used, String inactive) throws IOException {
    long cache = field(Files.readString(group.resolve("memory.stat")), inactive);
    return Math.max(0, number(group.resolve(used)) - cache);
  }

  /** How many of its processes the kernel has killed for memory. */
  long memoryKills() {
    Path v1 = layout.v1().get("memory");
    try {
      if (v1 != null) {
        return field(
            Files.readString(v1.resolve(relative).resolve("memory.oom_control")), "oom_kill");
      }
      Path unified = layout.unified().orElseThrow();
      return field(
          Files.readString(unified.resolve(relative).resolve("memory.events")), "oom_kill");
    } catch (IOException e) {
      return 0;
    }
  }
}
