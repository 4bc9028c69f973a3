package dev.jctl.shim.local;

import dev.jctl.shim.exec.Launcher.ResolvedUser;
import dev.jctl.shim.spec.ContainerSpec;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code container.json}: all that is needed to take a container over. Written before its process
 * runs, and again when its limits change.
 *
 * @param user that was found in the image
 * @param startTicks with {@code bootId}, tells its process from a later one of the same pid
 * @param mountPoints where {@code spec.volumes} ended up inside, in their order, after symbolic
 *     links
 * @param startedAt null until it was let run; on disk it has a file of its own, unless it was made
 *     to be run at once
 */
record ContainerRecord(
    ContainerSpec spec,
    ResolvedUser user,
    int pid,
    long startTicks,
    String bootId,
    List<String> mountPoints,
    Instant createdAt,
    @Nullable Instant startedAt) {
  ContainerRecord {
    mountPoints = List.copyOf(mountPoints);
  }

  ContainerRecord withStartedAt(Instant time) {
    return new ContainerRecord(spec, user, pid, startTicks, bootId, mountPoints, createdAt, time);
  }

  ContainerRecord withSpec(ContainerSpec changed) {
    return new ContainerRecord(
        changed, user, pid, startTicks, bootId, mountPoints, createdAt, startedAt);
  }
}
