package dev.jctl.shim.cgroup;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Where this host's hierarchies are.
 *
 * @param v1 controller name to the root of its hierarchy; several may share one
 * @param unified root of the v2 hierarchy. On a hybrid host it carries no controllers of use, but
 *     kills and freezes
 */
public record CgroupLayout(Map<String, Path> v1, Optional<Path> unified) {
  private static final Set<String> CONTROLLERS =
      Set.of(
          "cpu",
          "cpuacct",
          "cpuset",
          "memory",
          "devices",
          "freezer",
          "pids",
          "blkio",
          "hugetlb",
          "net_cls",
          "net_prio",
          "rdma");

  public CgroupLayout {
    v1 = Map.copyOf(v1);
  }

  public enum Mode {
    V1,
    V2,
    HYBRID
  }

  public Mode mode() {
    if (v1.isEmpty()) {
      return Mode.V2;
    }
    return unified.isPresent() ? Mode.HYBRID : Mode.V1;
  }

  /**
   * @param mountinfo lines of {@code /proc/self/mountinfo}, proc_pid_mountinfo(5)
   */
  public static CgroupLayout parse(List<String> mountinfo) {
    Map<String, Path> v1 = new TreeMap<>();
    @Nullable Path unified = null;
    for (String line : mountinfo) {
      int separator = line.indexOf(" - ");
      if (separator < 0) {
        continue;
      }
      Path mountPoint = Path.of(line.split(" ", 6)[4]);
      String[] rest = line.substring(separator + 3).split(" ", 3);
      if (rest[0].equals("cgroup2") && unified == null) {
        unified = mountPoint;
      } else if (rest[0].equals("cgroup")) {
        for (String option : rest[2].split(",", -1)) {
          if (CONTROLLERS.contains(option)) {
            v1.putIfAbsent(option, mountPoint);
          }
        }
      }
    }
    return new CgroupLayout(v1, Optional.ofNullable(unified));
  }
}
