package dev.jctl.shim.local;

import dev.jctl.shim.cgroup.Cgroups;
import dev.jctl.shim.exec.Launcher;
import dev.jctl.shim.kernel.InodeFlags;
import dev.jctl.shim.log.LogPump;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/** What of sandboxes and containers can be made before they are known. */
final class Prepared implements AutoCloseable {
  /** Of each at most; namespaces take a few hundred kB of the kernel's memory. */
  private static final int SLOTS = 32;

  private final Path sandboxSlots;
  private final Path containerSlots;
  private final SandboxUsers users;
  private final Chores chores;
  private final PreparedDirectories namespaces;
  private final PreparedDirectories userNamespaces;
  private final PreparedDirectories sandboxes;
  private final PreparedDirectories containers;
  private final PreparedDirectories groups;

  Prepared(Places places, Launcher launcher, Cgroups cgroups, SandboxUsers users, Chores chores) {
    this.users = users;
    this.chores = chores;
    this.sandboxSlots = places.preparedSandboxes();
    this.containerSlots = places.preparedContainers();
    this.namespaces = prepared(slots(places::preparedNamespaces), new Namespaces(launcher));
    this.userNamespaces = prepared(slots(places::preparedUsers), new UserNamespaces(users));
    this.sandboxes = prepared(slots(sandboxSlots), new Sandbox());
    this.containers = prepared(slots(containerSlots), new Container(launcher));
    List<Path> names =
        cgroups.canPrepare() ? slots(slot -> Path.of(".prepared-" + slot)) : List.of();
    this.groups = prepared(names, new Groups(cgroups));
  }

  private PreparedDirectories prepared(List<Path> slots, PreparedDirectories.Content content) {
    return new PreparedDirectories(slots, content, chores, PreparedDirectories.Pace.USUAL);
  }

  private static List<Path> slots(Path parent) {
    return slots(slot -> parent.resolve(Integer.toString(slot)));
  }

  private static List<Path> slots(IntFunction<Path> place) {
    return IntStream.range(0, SLOTS).mapToObj(place).toList();
  }

  /**
   * Making a network namespace waits for locks that the kernel holds while it takes others down.
   */
  private record Namespaces(Launcher launcher) implements PreparedDirectories.Content {
    @Override
    public void make(Path directory) {
      RecordFiles.makeDirectories(directory);
      launcher.prepareNamespaces(directory);
    }

    @Override
    public void release(Path directory) {
      launcher.removeNamespaces(directory);
    }
  }

  /** The same, with users of their own. */
  private record UserNamespaces(SandboxUsers users) implements PreparedDirectories.Content {
    @Override
    public void make(Path directory) {
      RecordFiles.makeDirectories(directory);
      users.make(directory);
    }

    @Override
    public void release(Path directory) {
      users.remove(directory);
    }
  }

  /** Files are made empty; to fill one takes a tenth of the time. */
  private record Sandbox() implements PreparedDirectories.Content {
    @Override
    public void make(Path directory) {
      RecordFiles.makeDirectories(directory);
      SandboxLife.prepare(directory);
    }

    @Override
    public void release(Path directory) {}
  }

  /** A dozen directories, FIFOs and files that are empty at first: a tenth of a start. */
  private record Container(Launcher launcher) implements PreparedDirectories.Content {
    @Override
    public void make(Path directory) {
      RecordFiles.makeDirectories(directory);
      launcher.prepareRootfs(directory);
      Stdio.prepare(directory);
      LogPump.prepare(directory);
      RecordFiles.prepare(directory.resolve(Places.CONTAINER_RECORD));
      RecordFiles.prepare(directory.resolve(Places.EXIT_RECORD));
    }

    @Override
    public void release(Path directory) {}
  }

  /** One in each hierarchy of v1, a tenth of a start. Their names stand for paths. */
  private record Groups(Cgroups cgroups) implements PreparedDirectories.Content {
    @Override
    public void make(Path name) {
      cgroups.prepareSandbox(name.toString());
    }

    @Override
    public void release(Path name) {
      cgroups.removePrepared(name.toString());
    }

    @Override
    public void move(Path name, Path sandboxId) {
      cgroups.takePrepared(name.toString(), sandboxId.toString());
    }
  }

  /** Begins to fill, when what an earlier process left of namespaces is gone. */
  void start() {
    RecordFiles.deleteTree(sandboxSlots);
    RecordFiles.makeDirectories(sandboxSlots);
    RecordFiles.deleteTree(containerSlots);
    RecordFiles.makePrivateDirectory(containerSlots);
    List.of(sandboxSlots, containerSlots).forEach(InodeFlags::spread);
    namespaces.start();
    chores.after(Duration.ZERO, this::startUsers);
    sandboxes.start();
    containers.start();
    groups.start();
  }

  private void startUsers() {
    if (users.possible()) {
      userNamespaces.start();
    }
  }

  PreparedDirectories namespaces() {
    return namespaces;
  }

  /** Of sandboxes with users of their own. */
  PreparedDirectories userNamespaces() {
    return userNamespaces;
  }

  PreparedDirectories sandboxes() {
    return sandboxes;
  }

  /** Of containers without a terminal, which has no FIFOs. */
  PreparedDirectories containers() {
    return containers;
  }

  /** Those of sandboxes, named by their ids. */
  PreparedDirectories groups() {
    return groups;
  }

  @Override
  public void close() {
    groups.close();
    namespaces.close();
    userNamespaces.close();
    sandboxes.close();
    containers.close();
  }
}
