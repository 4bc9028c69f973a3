package dev.jctl.shim.plan;

import dev.jctl.shim.spec.OciSpec.Mount;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * {@code /dev/shm} as a directory of the file system that {@code /dev} is, with a mount of its own.
 * A file system less for each container: with a thousand, each costs 16 kB in every memory group
 * (kernel 6.18: {@code alloc_shrinker_info}).
 */
final class SharedMemory {
  static final String NAME = "shm";
  private static final List<String> DEVICES = List.of("dev");
  private static final List<String> PATH = List.of("dev", NAME);

  private SharedMemory() {}

  /**
   * Whether both may become as large, and all can write there: then together they may become so.
   *
   * @param earlier mounts of the container, before this one
   */
  static boolean isPartOfDevices(List<Mount> earlier, Mount mount) {
    if (!isTmpfs(mount, PATH)) {
      return false;
    }
    Set<String> wanted = data(mount);
    for (Mount devices : earlier) {
      if (isTmpfs(devices, DEVICES)) {
        for (String option : data(devices)) {
          if (option.startsWith("size=") && wanted.equals(Set.of("mode=1777", option))) {
            return true;
          }
        }
      }
    }
    return false;
  }

  private static boolean isTmpfs(Mount mount, List<String> path) {
    return "tmpfs".equals(mount.type())
        && ProgramBuilder.names(mount.destination()).equals(path)
        && !MountOptions.parse(mount).bind();
  }

  private static Set<String> data(Mount mount) {
    return Set.copyOf(Arrays.asList(MountOptions.parse(mount).data().split(",", -1)));
  }
}
