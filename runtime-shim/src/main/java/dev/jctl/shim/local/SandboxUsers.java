package dev.jctl.shim.local;

import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.RuntimeFailure.Reason;
import dev.jctl.shim.exec.Launcher;
import dev.jctl.shim.exec.Users;
import dev.jctl.shim.spec.SandboxSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Users of sandboxes: a user namespace beside the others that it holds, and a link {@code ids} to
 * the first id that it has outside.
 */
final class SandboxUsers {
  private static final String IDS = "ids";

  private final Places places;
  private final Launcher launcher;
  private final UserRanges ranges;
  private @Nullable Boolean possible; // guarded by this

  SandboxUsers(Places places, Launcher launcher, UserRanges ranges) {
    this.places = places;
    this.launcher = launcher;
    this.ranges = ranges;
  }

  /** Whether the machine can, which is tried once. */
  synchronized boolean possible() {
    Boolean known = possible;
    if (known == null) {
      known = probe();
      possible = known;
    }
    return known;
  }

  private boolean probe() {
    Path scratch = places.usersProbe();
    int first = ranges.claim();
    try {
      RecordFiles.deleteTree(scratch);
      RecordFiles.makeDirectories(scratch);
      return launcher.canMapUsers(scratch, first);
    } finally {
      RecordFiles.deleteTree(scratch);
      ranges.giveBack(first);
    }
  }

  /**
   * Whether the sandbox is to have its own.
   *
   * @throws RuntimeFailure INVALID: it must, and cannot
   */
  boolean wanted(SandboxSpec sandbox) {
    return switch (sandbox.users()) {
      case HOST -> false;
      case OWN_WHERE_POSSIBLE -> sandbox.hostNamespaces().isEmpty() && possible();
      case OWN -> {
        if (!sandbox.hostNamespaces().isEmpty()) {
          throw new RuntimeFailure(
              Reason.INVALID,
              "sandbox "
                  + sandbox.id()
                  + " cannot have users of its own and the host's "
                  + sandbox.hostNamespaces());
        }
        if (!possible()) {
          throw new RuntimeFailure(
              Reason.INVALID,
              "sandbox "
                  + sandbox.id()
                  + " cannot have users of its own: the kernel (6.15 can) or the file system of "
                  + places.data()
                  + " does not map ids of overlays");
        }
        yield true;
      }
    };
  }

  /** Makes all namespaces of a sandbox in that directory, which exists. */
  void make(Path namespaces) {
    int first = ranges.claim();
    try {
      Files.createSymbolicLink(namespaces.resolve(IDS), Path.of(Integer.toString(first)));
      launcher.prepareNamespaces(namespaces, first);
    } catch (IOException | RuntimeException e) {
      RecordFiles.delete(namespaces.resolve(IDS));
      ranges.giveBack(first);
      throw e instanceof RuntimeException failure
          ? failure
          : Failures.of("make " + namespaces.resolve(IDS), (IOException) e);
    }
  }

  /** Those held in that directory, if there are. */
  Optional<Users> of(Path namespaces) {
    try {
      int first = Integer.parseInt(Files.readSymbolicLink(namespaces.resolve(IDS)).toString());
      return Optional.of(new Users(namespaces.resolve("user"), first));
    } catch (NoSuchFileException absent) {
      return Optional.empty();
    } catch (IOException e) {
      throw Failures.of("read " + namespaces.resolve(IDS), e);
    }
  }

  /** Removes namespaces, of users or not, and their directory. */
  void remove(Path namespaces) {
    Optional<Users> users = of(namespaces);
    launcher.removeNamespaces(namespaces);
    RecordFiles.deleteTree(namespaces);
    users.ifPresent(theirs -> ranges.giveBack(theirs.first()));
  }

  /** Gives back what was claimed for nothing that is there. */
  void sweep() {
    Set<Integer> held = new HashSet<>();
    RecordFiles.entries(places.allNamespaces())
        .forEach(directory -> of(directory).ifPresent(users -> held.add(users.first())));
    ranges.sweep(held);
  }
}
