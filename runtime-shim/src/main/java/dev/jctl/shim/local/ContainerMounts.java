package dev.jctl.shim.local;

import dev.jctl.shim.RuntimeEvent;
import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.exec.Launcher.ResolvedVolume;
import dev.jctl.shim.kernel.KernelException;
import dev.jctl.shim.observe.FileIdentity;
import dev.jctl.shim.observe.Mounts;
import dev.jctl.shim.spec.ContainerSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A container's volumes as they are mounted in there: watched, missed, put back. */
final class ContainerMounts {
  private static final Logger LOG = LoggerFactory.getLogger(ContainerMounts.class);

  /** All that mounts and unmounts when it starts has done so by then. */
  private static final Duration SETTLED = Duration.ofSeconds(1);

  private final Services services;

  // all below: guarded by this
  private @Nullable HeldMounts held;
  private MountWatch.@Nullable Watch watch;
  private boolean ended;

  ContainerMounts(Services services) {
    this.services = services;
  }

  void watch(ContainerRecord running) {
    synchronized (this) {
      held = HeldMounts.of(running.pid());
    }
    if (!running.mountPoints().isEmpty()) {
      services.chores().after(SETTLED, () -> beginWatch(running));
    }
  }

  /** As others see them in there; looked at once more, as they may have changed before. */
  private void beginWatch(ContainerRecord running) {
    synchronized (this) {
      if (ended || watch != null) {
        return;
      }
      try {
        watch =
            services
                .mounts()
                .watch(Path.of("/proc/" + running.pid() + "/mountinfo"), () -> tellLost(running));
      } catch (KernelException gone) {
        return;
      }
    }
    tellLost(running);
  }

  private void tellLost(ContainerRecord running) {
    if (!missing(running).isEmpty()) {
      services.events().accept(new RuntimeEvent.SandboxChanged(running.spec().sandboxId()));
    }
  }

  /** Its processes have ended; what they had mounted is there until {@link #release}. */
  synchronized void end() {
    ended = true;
    if (watch != null) {
      watch.close();
      watch = null;
    }
  }

  void release() {
    HeldMounts last;
    synchronized (this) {
      last = held;
      held = null;
    }
    if (last != null) {
      last.release();
    }
  }

  /** Destinations of the volumes that are not mounted any more; none when it has ended. */
  List<String> missing(ContainerRecord running) {
    synchronized (this) {
      if (ended || running.mountPoints().isEmpty()) {
        return List.of();
      }
    }
    Set<String> present;
    try {
      present = Mounts.of(running.pid());
    } catch (IOException gone) {
      return List.of();
    }
    List<String> missing = new ArrayList<>();
    for (int i = 0; i < running.mountPoints().size(); i++) {
      if (!present.contains(running.mountPoints().get(i))) {
        missing.add(running.spec().volumes().get(i).destination());
      }
    }
    return missing;
  }

  void repair(ContainerRecord running, VolumePaths.Sources sources) {
    Set<String> missing = Set.copyOf(missing(running));
    List<ContainerSpec.VolumeMount> wanted =
        running.spec().volumes().stream().filter(v -> missing.contains(v.destination())).toList();
    try (VolumePaths paths = VolumePaths.resolve(wanted, sources)) {
      List<ResolvedVolume> resolved = paths.resolved();
      if (!resolved.isEmpty()) {
        LOG.info("container {}: mounting {} again", running.spec().id(), missing);
        services.launcher().repairMounts(running.pid(), resolved);
      }
    } catch (KernelException e) {
      throw Failures.of("mount volumes of container " + running.spec().id(), e);
    }
  }

  /** Mounts a volume where it was, as this container still has it; false if it does not. */
  boolean giveBack(
      ContainerRecord running, ContainerSpec.Source volume, Path path, FileIdentity root) {
    try {
      return running.spec().volumes().stream()
          .filter(mount -> mount.source().equals(volume) && mount.subPath().isEmpty())
          .anyMatch(
              mount ->
                  services.launcher().takeBack(running.pid(), mount.destination(), path, root));
    } catch (RuntimeFailure e) {
      LOG.warn("container {}: {}", running.spec().id(), e.getMessage());
      return false;
    }
  }
}
