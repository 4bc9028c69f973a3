package dev.jctl.shim.exec;

import dev.jctl.shim.plan.IdMaps;
import dev.jctl.shim.plan.LaunchPlanner;
import dev.jctl.shim.spec.OciSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** What a child cannot do for itself. */
final class ParentSteps {
  private ParentSteps() {}

  /** A user namespace's id maps, and cgroups, which its root may not write to. */
  static void map(int pid, OciSpec.Linux linux, List<Path> cgroupFiles) {
    map(pid, linux.uidMappings(), linux.gidMappings());
    try {
      if (!linux.timeOffsets().isEmpty()) {
        Files.writeString(process(pid).resolve("timens_offsets"), LaunchPlanner.clocks(linux));
      }
      for (Path file : cgroupFiles) {
        Files.writeString(file, Integer.toString(pid));
      }
    } catch (IOException e) {
      throw new UncheckedIOException("set clocks and groups of process " + pid, e);
    }
  }

  static void map(int pid, List<OciSpec.IdMapping> users, List<OciSpec.IdMapping> groups) {
    try {
      Files.writeString(process(pid).resolve("uid_map"), text(users));
      Files.writeString(process(pid).resolve("gid_map"), text(groups));
    } catch (IOException e) {
      throw new UncheckedIOException("map users of process " + pid, e);
    }
  }

  private static Path process(int pid) {
    return Path.of("/proc", Integer.toString(pid));
  }

  private static String text(List<OciSpec.IdMapping> mappings) {
    StringBuilder text = new StringBuilder();
    for (OciSpec.IdMapping m : mappings) {
      text.append(m.containerID()).append(' ').append(m.hostID()).append(' ').append(m.size());
      text.append('\n');
    }
    return text.toString();
  }

  /** Of a process that has a user namespace of its own. */
  static Optional<IdMaps> ownUsers(int pid) {
    try {
      Path theirs = process(pid);
      return Files.readSymbolicLink(theirs.resolve("ns/user"))
              .equals(Files.readSymbolicLink(Path.of("/proc/self/ns/user")))
          ? Optional.empty()
          : Optional.of(
              IdMaps.parse(
                  Files.readString(theirs.resolve("uid_map")),
                  Files.readString(theirs.resolve("gid_map"))));
    } catch (IOException e) {
      throw new UncheckedIOException("look at the namespaces of process " + pid, e);
    }
  }
}
