package dev.jctl.shim.exec;

import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.RuntimeFailure.Reason;
import dev.jctl.shim.exec.ProgramLoader.Externals;
import dev.jctl.shim.kernel.Kernel;
import dev.jctl.shim.kernel.Transfer;
import dev.jctl.shim.observe.ProcessStat;
import dev.jctl.shim.plan.LaunchContext;
import dev.jctl.shim.plan.LaunchPlanner;
import dev.jctl.shim.plan.SyscallProgram;
import dev.jctl.shim.spec.OciSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.IntConsumer;

/**
 * Makes processes that outlive this one. A container's first one waits at a FIFO, which it holds
 * open for reading and writing itself: so it notices neither that its maker ends nor that nobody
 * has come yet. It shares its maker's memory, which stays until its {@code execve}.
 */
public final class BundleLauncher {
  private final Machinery machinery = Machinery.ofCommand();

  /**
   * @param oci complete: absolute {@code root.path}, numeric user
   * @param cgroupFiles to write to, to join its groups
   * @param preserved number of our descriptors from 3 on that it keeps
   * @param fifo where it waits
   * @param listeners get that of its filter, if it has one
   */
  public record Request(
      String id,
      OciSpec oci,
      List<Path> cgroupFiles,
      Launcher.Stdio stdio,
      int preserved,
      Path fifo,
      ListenerTaker listeners) {
    public Request {
      cgroupFiles = List.copyOf(cgroupFiles);
    }
  }

  /**
   * @param startTicks field 22 of {@code /proc/PID/stat}
   */
  public record Standing(int pid, long startTicks) {}

  /**
   * Makes the process; returns when it waits right before its {@code execve}. When this fails it is
   * gone.
   *
   * @param hooks are given its pid when its namespaces and mounts are there, but not yet its root
   */
  public Standing create(Request request, Optional<IntConsumer> hooks) {
    SharedRoot.mount(machinery, request.oci());
    try {
      return createBelow(request, hooks);
    } catch (RuntimeException e) {
      removeRoot(request.oci());
      throw e;
    }
  }

  /** What is mounted elsewhere than in a mount namespace of its own goes. */
  public void removeRoot(OciSpec oci) {
    SharedRoot.unmount(machinery, oci);
  }

  private Standing createBelow(Request request, Optional<IntConsumer> hooks) {
    OciSpec oci = request.oci();
    try (ParentMounts mounts = ParentMounts.make(machinery, oci)) {
      LaunchContext context =
          machinery
              .facts()
              .context(
                  List.of(),
                  oci.mounts(),
                  request.cgroupFiles(),
                  StandardStreams.owned(request.stdio(), oci),
                  StandardStreams.terminal(request.stdio()),
                  request.preserved())
              .withTrees(mounts.made());
      SyscallProgram program =
          LaunchPlanner.standing(
              oci,
              context,
              hooks.isPresent() ? LaunchPlanner.Stop.FOR_HOOKS : LaunchPlanner.Stop.NEVER);
      RunningProgram running = begin(request, program, mounts);
      hooks.ifPresent(run -> stopFor(run, running));
      running.handListenerTo(request.listeners());
      running.awaitReady();
      return settled(request, running);
    }
  }

  private RunningProgram begin(Request request, SyscallProgram program, ParentMounts mounts) {
    try (Descriptors open =
        new Descriptors(machinery.numbers(), request.preserved() + mounts.made().size())) {
      int fifo = Kernel.open(request.fifo().toString(), Kernel.O_RDWR, 0);
      return RunningProgram.start(
          machinery,
          request.id(),
          program,
          new Externals(
              StandardStreams.externals(request.stdio(), open),
              mounts.descriptors(open),
              request.preserved()),
          pid -> ParentSteps.map(pid, request.oci().linux(), request.cgroupFiles()),
          () -> {},
          new int[] {fifo, Transfer.duplicate(fifo)});
    }
  }

  private static void stopFor(IntConsumer hooks, RunningProgram running) {
    running.awaitMounted();
    try {
      hooks.accept(running.pid());
    } catch (RuntimeException e) {
      running.endUnseen();
      throw e;
    }
    running.proceed();
  }

  private static Standing settled(Request request, RunningProgram running) {
    int pid = running.pid();
    OciSpec.Process process = request.oci().process();
    try {
      CommandCheck.check(request.id(), pid, process);
      Integer oomScoreAdj = process.oomScoreAdj();
      if (oomScoreAdj != null) {
        adjustOomScore(pid, oomScoreAdj);
      }
    } catch (RuntimeException e) {
      running.endUnseen();
      throw e;
    }
    running.leave();
    Kernel.close(running.pidfd());
    return new Standing(pid, ProcessStat.of(pid).map(ProcessStat::startTicks).orElse(0L));
  }

  /** Ours is changed with it, as long as memory is shared; it will not be needed any more. */
  private static void adjustOomScore(int pid, int score) {
    Path file = Path.of("/proc", Integer.toString(pid), "oom_score_adj");
    try {
      int now = Integer.parseInt(Files.readString(file).strip());
      // to go below what was once set takes CAP_SYS_RESOURCE
      if (now != score) {
        Files.writeString(file, Integer.toString(score));
      }
    } catch (IOException e) {
      throw new UncheckedIOException("process.oomScoreAdj: write " + score + " to " + file, e);
    }
  }

  /** With {@code HOME} by the passwd file of the root file system, unless there is one. */
  public static OciSpec.Process withHome(OciSpec.Process process, Path rootfs) {
    if (process.user().uid() < 0 || process.has("HOME")) {
      return process;
    }
    String home = UserFiles.of(rootfs).resolve(Integer.toString(process.user().uid())).home();
    return home == null ? process : process.withDefault("HOME", home);
  }

  /**
   * Lets a process that waits at {@code fifo} execute its command; returns when it has, or has
   * ended.
   *
   * @throws dev.jctl.shim.kernel.KernelException ENXIO: nobody waits there
   */
  public static void start(Path fifo) {
    int writer = Kernel.open(fifo.toString(), Kernel.O_WRONLY | Kernel.O_NONBLOCK, 0);
    try {
      Kernel.write(writer, new byte[1]);
      // execve closes the other end, and so does death
      if (!Kernel.awaitNoReader(writer, 60)) {
        throw new RuntimeFailure(Reason.TIMEOUT, "execve takes more than a minute");
      }
    } finally {
      Kernel.close(writer);
    }
  }

  /**
   * Starts a further process in a running container; returns when its {@code execve} has succeeded.
   * It is our child.
   */
  public Launcher.Launched exec(
      int containerPid,
      String id,
      OciSpec oci,
      OciSpec.Process process,
      List<Path> cgroupFiles,
      Launcher.Stdio stdio,
      int preserved,
      ListenerTaker listeners) {
    return FurtherProcess.start(
        machinery, containerPid, id, oci, process, cgroupFiles, stdio, preserved, listeners);
  }

  /**
   * Starts a program of the host, in none of a container's namespaces; returns when its {@code
   * execve} has succeeded. It is our child.
   *
   * @param args the first is the name by which it is called
   */
  public Launcher.Launched hostProgram(
      String name, String path, List<String> args, List<String> env, Launcher.Stdio stdio) {
    try (Descriptors open = new Descriptors(machinery.numbers(), 0)) {
      Externals externals = new Externals(StandardStreams.externals(stdio, open), List.of(), 0);
      LaunchContext context =
          machinery.facts().context(List.of(), List.of(), List.of(), List.of(), "", 0);
      RunningProgram running =
          RunningProgram.start(
              machinery,
              name,
              LaunchPlanner.hostProgram(path, args, env, context),
              externals,
              pid -> {});
      LaunchedProgram launched = new LaunchedProgram(running, null);
      launched.startOrEnd();
      return launched;
    }
  }
}
