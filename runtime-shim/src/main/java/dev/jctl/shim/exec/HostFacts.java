package dev.jctl.shim.exec;

import dev.jctl.shim.cgroup.CgroupLayout;
import dev.jctl.shim.kernel.SyscallNumbers;
import dev.jctl.shim.kernel.ThisProcess;
import dev.jctl.shim.observe.SecurityModules;
import dev.jctl.shim.plan.LaunchContext;
import dev.jctl.shim.plan.Limits;
import dev.jctl.shim.spec.OciSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What this process may give to others, which does not change while it lives.
 *
 * @param capabilities bit set
 * @param hardLimits that cannot be raised; empty when they can
 * @param cgroupHierarchies of v1, by their controllers; empty where there is only v2
 * @param cgroups where they are
 * @param securityModules those of {@code apparmor} and {@code selinux} that are in force
 */
record HostFacts(
    long capabilities,
    Map<String, Long> hardLimits,
    List<String> cgroupHierarchies,
    CgroupLayout cgroups,
    Set<String> securityModules) {
  private static final long CAP_SYS_RESOURCE = 1L << 24;
  private static final String CPUSET = "cpuset";

  /** What a plan must know of the machine and of this one start. */
  LaunchContext context(
      List<LaunchContext.HeldTree> volumes,
      List<OciSpec.Mount> mounts,
      List<Path> cgroupFiles,
      List<Integer> ownedDescriptors,
      String terminal,
      int preserved) {
    Map<String, String> groups = ownGroups(cgroupFiles);
    return new LaunchContext(
        volumes,
        files(mounts),
        cgroupFiles.stream().map(Path::toString).toList(),
        cgroupHierarchies.stream().filter(h -> h.equals(CPUSET) || groups.containsKey(h)).toList(),
        groups,
        capabilities,
        hardLimits,
        SyscallNumbers.all(),
        ownedDescriptors,
        terminal,
        preserved,
        List.of(),
        securityModules,
        false,
        false);
  }

  /**
   * By hierarchy. Where a process is in no group of its own it would see the names of all, so that
   * is not shown; only that of cpuset is, from its root: without it the JVM before 15 heeds no
   * limit at all.
   */
  private Map<String, String> ownGroups(List<Path> cgroupFiles) {
    Map<String, String> groups = new HashMap<>();
    for (String hierarchy : cgroupHierarchies) {
      Path root = cgroups.v1().get(hierarchy.split(",", 2)[0]);
      if (root != null) {
        cgroupFiles.stream()
            .filter(file -> file.startsWith(root))
            .findFirst()
            .map(Path::getParent)
            .or(() -> Optional.of(root).filter(_ -> hierarchy.equals(CPUSET)))
            .ifPresent(group -> groups.put(hierarchy, group.toString()));
      }
    }
    return groups;
  }

  private static Set<String> files(List<OciSpec.Mount> mounts) {
    Set<String> files = new HashSet<>();
    for (OciSpec.Mount mount : mounts) {
      String source = mount.source();
      if (source != null && source.startsWith("/") && !Files.isDirectory(Path.of(source))) {
        files.add(source);
      }
    }
    return files;
  }

  static HostFacts read() {
    try {
      long capabilities = 0xffff_ffff_ffff_ffffL;
      for (String line : Files.readAllLines(Path.of("/proc/thread-self/status"))) {
        if (line.startsWith("CapPrm:") || line.startsWith("CapBnd:")) {
          capabilities &= Long.parseUnsignedLong(line.substring(7).strip(), 16);
        }
      }
      boolean raises = (capabilities & CAP_SYS_RESOURCE) != 0;
      return new HostFacts(
          capabilities,
          raises ? Map.of() : readHardLimits(),
          hierarchies(),
          CgroupLayout.parse(Files.readAllLines(Path.of("/proc/self/mountinfo"))),
          Set.copyOf(SecurityModules.inForce()));
    } catch (IOException e) {
      throw new UncheckedIOException("read /proc", e);
    }
  }

  private static Map<String, Long> readHardLimits() {
    Map<String, Long> limits = new HashMap<>();
    Limits.NUMBERS.forEach((name, number) -> limits.put(name, ThisProcess.hardLimit(number)));
    return Map.copyOf(limits);
  }

  /** Lines {@code 4:memory:/path}; {@code 0::/path} is v2. */
  private static List<String> hierarchies() throws IOException {
    return Files.readAllLines(Path.of("/proc/self/cgroup")).stream()
        .map(line -> line.split(":", 3)[1])
        .filter(controllers -> !controllers.isEmpty())
        .sorted()
        .toList();
  }
}
