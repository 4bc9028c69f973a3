package dev.jctl.shim.exec;

import dev.jctl.shim.spec.OciSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What a child cannot do for itself. */
final class ParentSteps {
  private ParentSteps() {}

  /** A user namespace's id maps, and cgroups, which its root may not write to. */
  static void map(int pid, OciSpec.Linux linux, List<Path> cgroupFiles) {
    Path process = Path.of("/proc", Integer.toString(pid));
    try {
      Files.writeString(process.resolve("uid_map"), text(linux.uidMappings()));
      Files.writeString(process.resolve("gid_map"), text(linux.gidMappings()));
      for (Path file : cgroupFiles) {
        Files.writeString(file, Integer.toString(pid));
      }
    } catch (IOException e) {
      throw new UncheckedIOException("map users of process " + pid, e);
    }
  }

  private static String text(List<OciSpec.IdMapping> mappings) {
    StringBuilder text = new StringBuilder();
    for (OciSpec.IdMapping m : mappings) {
      text.append(m.containerID()).append(' ').append(m.hostID()).append(' ').append(m.size());
      text.append('\n');
    }
    return text.toString();
  }

  static boolean hasOwnUsers(int pid) {
    try {
      Path theirs = Path.of("/proc", Integer.toString(pid), "ns/user");
      return !Files.readSymbolicLink(theirs)
          .equals(Files.readSymbolicLink(Path.of("/proc/self/ns/user")));
    } catch (IOException e) {
      throw new UncheckedIOException("look at the namespaces of process " + pid, e);
    }
  }
}
