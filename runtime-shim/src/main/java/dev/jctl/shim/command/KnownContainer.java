package dev.jctl.shim.command;

import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.RuntimeFailure.Reason;
import dev.jctl.shim.cgroup.Cgroups;
import dev.jctl.shim.command.ContainerState.Status;
import dev.jctl.shim.command.StateDirectories.Directory;
import dev.jctl.shim.exec.BundleLauncher;
import dev.jctl.shim.kernel.Errno;
import dev.jctl.shim.kernel.Kernel;
import dev.jctl.shim.kernel.KernelException;
import dev.jctl.shim.observe.ProcessStat;
import dev.jctl.shim.plan.LaunchPlanner;
import dev.jctl.shim.plan.Signals;
import dev.jctl.shim.spec.OciSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** A container that was made before, by what is on disk and in the kernel. */
final class KnownContainer {
  private static final long PATIENCE_MILLIS = 10_000;

  private final Directory directory;
  private final ContainerState state;
  private final Cgroups cgroups;
  private final Consumer<String> warnings;

  private KnownContainer(
      Directory directory, ContainerState state, Cgroups cgroups, Consumer<String> warnings) {
    this.directory = directory;
    this.state = state;
    this.cgroups = cgroups;
    this.warnings = warnings;
  }

  /**
   * @param warnings take what goes wrong when nothing can be undone any more
   */
  static KnownContainer of(Directory directory, Cgroups cgroups, Consumer<String> warnings) {
    ContainerState state =
        directory
            .state()
            .orElseThrow(
                () ->
                    new RuntimeFailure(
                        Reason.NOT_RUNNING,
                        "container \""
                            + directory.id()
                            + "\" was not made whole; remove it by delete --force"));
    return new KnownContainer(directory, state, cgroups, warnings);
  }

  ContainerState state() {
    return state;
  }

  Bundle config() {
    return directory.config(state.bundle());
  }

  Status status() {
    if (state.pid() == 0) {
      return Status.CREATING;
    }
    boolean lives =
        ProcessStat.of(state.pid())
            .filter(p -> p.startTicks() == state.startTicks() && p.state() != 'Z')
            .isPresent();
    if (!lives) {
      return Status.STOPPED;
    }
    if (Files.exists(directory.fifo())) {
      return Status.CREATED;
    }
    return cgroups.isFrozen(above(), name()) ? Status.PAUSED : Status.RUNNING;
  }

  private String above() {
    return state.cgroups().above();
  }

  private String name() {
    return state.cgroups().name();
  }

  /** Fails unless it is in one of these. */
  private Status require(String what, Set<Status> wanted) {
    Status status = status();
    if (!wanted.contains(status)) {
      // engines know by these words of runc that there is nothing to be ended any more
      String words = status == Status.STOPPED ? "container not running: " : "";
      throw new RuntimeFailure(
          Reason.NOT_RUNNING,
          "cannot "
              + what
              + " container \""
              + state.id()
              + "\": "
              + words
              + "it is "
              + status.text());
    }
    return status;
  }

  String published() {
    return JsonTree.line(state.published(status()));
  }

  /**
   * @param launcher for hooks
   */
  void start(BundleLauncher launcher) {
    try (FileChannel _ = directory.lock()) {
      require("start", Set.of(Status.CREATED));
      Bundle bundle = config();
      HookRunner.inside(
          bundle.hooks().startContainer(),
          JsonTree.line(state.published(Status.CREATED)),
          launcher,
          state.pid(),
          bundle.spec(),
          "/",
          BundleLauncher.withHome(
                  bundle.spec().process(), Path.of("/proc", Integer.toString(state.pid()), "root"))
              .env());
      BundleLauncher.start(directory.fifo());
      Files.delete(directory.fifo());
      afterStart(bundle, launcher);
    } catch (KernelException e) {
      if (e.is(Errno.ENXIO)) {
        throw new RuntimeFailure(
            Reason.NOT_RUNNING, "container \"" + state.id() + "\" ended before it was started", e);
      }
      throw e;
    } catch (IOException e) {
      throw new UncheckedIOException("start container \"" + state.id() + "\"", e);
    }
  }

  /** The container goes when one of its hooks fails, as the specification has it. */
  private void afterStart(Bundle bundle, BundleLauncher launcher) {
    try {
      HookRunner.here(
          bundle.hooks().poststart(), JsonTree.line(state.published(Status.RUNNING)), launcher);
    } catch (RuntimeException e) {
      try {
        delete();
      } catch (RuntimeException further) {
        e.addSuppressed(further);
      }
      throw e;
    }
  }

  void kill(int signal) {
    require("kill", Set.of(Status.CREATED, Status.RUNNING, Status.PAUSED));
    int pidfd = Kernel.pidfdOpen(state.pid());
    try {
      Kernel.pidfdSendSignal(pidfd, signal);
    } finally {
      Kernel.close(pidfd);
    }
  }

  /** All that is in its groups, also when its first process has ended. */
  void killAll(int signal) {
    if (signal == Signals.SIGKILL) {
      cgroups.kill(above(), name());
      return;
    }
    for (int pid : processes()) {
      try {
        int pidfd = Kernel.pidfdOpen(pid);
        try {
          Kernel.pidfdSendSignal(pidfd, signal);
        } finally {
          Kernel.close(pidfd);
        }
      } catch (KernelException e) {
        if (!e.is(Errno.ESRCH)) {
          throw e;
        }
      }
    }
  }

  void pause() {
    require("pause", Set.of(Status.CREATED, Status.RUNNING));
    cgroups.freeze(above(), name());
  }

  void resume() {
    require("resume", Set.of(Status.PAUSED));
    cgroups.thaw(above(), name());
  }

  void update(OciSpec.Resources changes) {
    require("update", Set.of(Status.CREATED, Status.RUNNING, Status.PAUSED));
    cgroups.update(above(), name(), changes);
  }

  List<Integer> processes() {
    return cgroups.processes(above(), name());
  }

  Cgroups cgroups() {
    return cgroups;
  }

  void requireRunning(String what) {
    require(what, Set.of(Status.RUNNING, Status.CREATED));
  }

  void deleteStopped() {
    Status status = require("delete", Set.of(Status.STOPPED, Status.CREATED));
    if (status == Status.CREATED) {
      kill(Signals.SIGKILL);
    }
    delete();
  }

  /** Whatever it does. */
  void delete() {
    cgroups.thaw(above(), name());
    cgroups.kill(above(), name());
    awaitEnd();
    cgroups.remove(above(), name());
    Bundle bundle = config();
    if (state.pid() != 0 && !LaunchPlanner.ownsMounts(bundle.spec())) {
      new BundleLauncher().removeRoot(bundle.spec());
    }
    directory.delete();
    if (!bundle.hooks().poststop().isEmpty()) {
      HookRunner.allHere(
          bundle.hooks().poststop(),
          JsonTree.line(state.published(Status.STOPPED)),
          new BundleLauncher(),
          warnings);
    }
  }

  private void awaitEnd() {
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(PATIENCE_MILLIS);
    while (status() != Status.STOPPED && status() != Status.CREATING) {
      if (System.nanoTime() > deadline) {
        throw new RuntimeFailure(
            Reason.TIMEOUT,
            "container \"" + state.id() + "\": its process does not end after SIGKILL");
      }
      try {
        Thread.sleep(1);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new RuntimeFailure(Reason.TIMEOUT, "interrupted", e);
      }
    }
  }
}
