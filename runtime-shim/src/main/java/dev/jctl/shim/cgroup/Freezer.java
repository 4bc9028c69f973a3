package dev.jctl.shim.cgroup;

import static dev.jctl.shim.cgroup.GroupFiles.put;
import static dev.jctl.shim.cgroup.GroupFiles.read;

import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.RuntimeFailure.Reason;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The one file by which a container's processes are held and let go: cgroup.freeze of v2, or
 * freezer.state of v1, see cgroups(7).
 *
 * @param group of the container, in the hierarchy that has it
 */
record Freezer(Path group, Version version) {
  private static final Duration FREEZING = Duration.ofSeconds(10);

  private enum Version {
    V1("freezer.state"),
    V2("cgroup.freeze");

    private final String file;

    Version(String file) {
      this.file = file;
    }
  }

  /**
   * @param groups of one container
   */
  static Optional<Freezer> of(List<Path> groups) {
    for (Path group : groups) {
      for (Version version : List.of(Version.V2, Version.V1)) {
        if (Files.exists(group.resolve(version.file))) {
          return Optional.of(new Freezer(group, version));
        }
      }
    }
    return Optional.empty();
  }

  void freeze() {
    put(file(), version == Version.V2 ? "1" : "FROZEN");
  }

  void thaw() {
    put(file(), version == Version.V2 ? "0" : "THAWED");
  }

  /** Whether it is wanted, not whether it has come to be. */
  boolean isFrozen() {
    return !read(file()).equals(version == Version.V2 ? "0" : "THAWED");
  }

  /**
   * Waits until none of its processes runs, wherever in the kernel it was.
   *
   * @throws RuntimeFailure TIMEOUT
   */
  void awaitStill() {
    long deadline = System.nanoTime() + FREEZING.toNanos();
    while (!standsStill()) {
      if (System.nanoTime() > deadline) {
        throw new RuntimeFailure(
            Reason.TIMEOUT,
            "container %s does not stand still after %d s"
                .formatted(group.getFileName(), FREEZING.toSeconds()));
      }
      GroupFiles.pause(1);
    }
  }

  private boolean standsStill() {
    return version == Version.V2
        ? read(group.resolve("cgroup.events")).contains("frozen 1")
        : read(file()).equals("FROZEN");
  }

  private Path file() {
    return group.resolve(version.file);
  }
}
