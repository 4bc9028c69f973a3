package dev.jctl.controller.build;

import dev.jctl.shim.spec.ContainerSpec;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What was mounted over in a container: no part of what it has changed. Pure. */
public final class MountPoints {
  /** What the engine mounts beside what a spec says. */
  private static final List<String> OF_THE_ENGINE =
      List.of("/proc", "/sys", "/dev", "/etc/hosts", "/etc/hostname", "/etc/resolv.conf");

  private MountPoints() {}

  /** Absolute paths. */
  public static Set<String> of(ContainerSpec spec) {
    Set<String> points = new HashSet<>(OF_THE_ENGINE);
    spec.oci().mounts().forEach(mount -> points.add(mount.destination()));
    spec.volumes().forEach(volume -> points.add(volume.destination()));
    return points;
  }
}
