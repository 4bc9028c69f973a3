package dev.jctl.shim.exec;

import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.RuntimeFailure.Reason;
import dev.jctl.shim.exec.ProgramLoader.Externals;
import dev.jctl.shim.exec.RootMounts.Known;
import dev.jctl.shim.kernel.Errno;
import dev.jctl.shim.kernel.FirstProcess;
import dev.jctl.shim.kernel.Kernel;
import dev.jctl.shim.kernel.KernelException;
import dev.jctl.shim.kernel.MountTree;
import dev.jctl.shim.kernel.NamespaceThreads;
import dev.jctl.shim.kernel.NamespaceThreads.Afterwards;
import dev.jctl.shim.kernel.ThisProcess;
import dev.jctl.shim.observe.FileIdentity;
import dev.jctl.shim.plan.Argument.Name;
import dev.jctl.shim.plan.LaunchContext;
import dev.jctl.shim.plan.LaunchPlanner;
import dev.jctl.shim.plan.SyscallProgram;
import dev.jctl.shim.spec.ContainerSpec;
import dev.jctl.shim.spec.OciSpec;
import dev.jctl.shim.spec.SandboxSpec;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@link Launcher} on this kernel. Carries out what {@link LaunchPlanner} has written down. */
public final class LinuxLauncher implements Launcher {
  private static final Logger LOG = LoggerFactory.getLogger(LinuxLauncher.class);

  private final Machinery machinery = Machinery.ofDaemon();
  private final OptionalInt emptyRoot =
      EmptyRootNamespace.make(machinery.launches(), machinery.facts().cgroupHierarchies());
  private final int init = FirstProcess.init();
  private final int pause = FirstProcess.pause();

  /** Of where layers are, for as long as this process lives. */
  private final Map<Path, MountTree> bare = new ConcurrentHashMap<>();

  private final NamespaceThreads threads = new NamespaceThreads(Afterwards.COME_BACK, 1);

  public LinuxLauncher() {
    // a child that has joined a container, or has its user, shares our memory until its execve
    ThisProcess.forbidTracing();
  }

  @Override
  public void createNamespaces(SandboxSpec sandbox, Path directory) {
    makeNamespaces(
        "create namespaces of sandbox " + sandbox.id(),
        directory,
        () -> SandboxNamespaces.create(sandbox, directory));
  }

  @Override
  public void prepareNamespaces(Path directory) {
    makeNamespaces("prepare namespaces", directory, () -> SandboxNamespaces.prepare(directory));
  }

  @Override
  public void prepareNamespaces(Path directory, int first) {
    String what = "prepare namespaces";
    undone(
        what,
        directory,
        () -> {
          UserNamespaces.make(machinery, directory, first);
          threads.run(what, () -> SandboxNamespaces.prepare(directory, first));
        });
  }

  @Override
  public boolean canMapUsers(Path scratch, int first) {
    try {
      UserNamespaces.probe(machinery, scratch, first);
      return true;
    } catch (RuntimeException e) {
      LOG.info("no user namespaces of their own for sandboxes: {}", e.getMessage());
      return false;
    }
  }

  @Override
  public void settleNamespaces(SandboxSpec sandbox, Path directory) {
    settle(sandbox, directory, () -> SandboxNamespaces.configure(sandbox, directory));
  }

  @Override
  public void settleNamespaces(SandboxSpec sandbox, Path directory, Users users) {
    settle(sandbox, directory, () -> SandboxNamespaces.configure(sandbox, directory, users));
  }

  private void settle(SandboxSpec sandbox, Path directory, Runnable configure) {
    String what = "settle namespaces of sandbox " + sandbox.id();
    attempt(
        what,
        () -> {
          SandboxNamespaces.name(sandbox, directory);
          if (!sandbox.sysctls().isEmpty()) {
            threads.run(what, configure);
          }
          return directory;
        });
  }

  private void makeNamespaces(String what, Path directory, Runnable work) {
    undone(what, directory, () -> threads.run(what, work));
  }

  private static void undone(String what, Path directory, Runnable work) {
    try {
      work.run();
    } catch (RuntimeException e) {
      try {
        SandboxNamespaces.remove(directory);
      } catch (RuntimeException further) {
        e.addSuppressed(further);
      }
      throw failure(what, e);
    }
  }

  @Override
  public Launched createProcesses(Path directory, List<Path> cgroupFiles) {
    return attempt(
        "create a PID namespace in " + directory,
        () -> {
          if (emptyRoot.isEmpty()) {
            throw new RuntimeFailure(
                Reason.INVALID,
                "shared processes need an empty mount namespace for their first one, which this"
                    + " kernel did not let the runtime make (see its log); leave out"
                    + " shareProcessNamespace");
          }
          return PauseProcess.start(machinery, directory, cgroupFiles, pause, emptyRoot.getAsInt());
        });
  }

  @Override
  public void removeNamespaces(Path directory) {
    attempt(
        "remove namespaces in " + directory,
        () -> {
          SandboxNamespaces.remove(directory);
          return directory;
        });
  }

  @Override
  public void prepareRootfs(Path directory) {
    attempt(
        "prepare root file system",
        () -> {
          RootMounts.prepare(directory);
          return directory;
        });
  }

  @Override
  public void mountRootfs(List<Path> layers, Path directory, Path data) {
    attempt(
        "mount root file system",
        () -> {
          switch (Known.MAPPED) {
            case AS_TREES ->
                RootMounts.mount(
                    layers,
                    directory,
                    data,
                    bare.computeIfAbsent(data, RootMounts::bare),
                    Known.LAYERS);
            case BY_OWN_MOUNTS -> RootMounts.mount(layers, directory, Known.LAYERS);
          }
          return directory;
        });
  }

  @Override
  public void mountRootfs(List<Path> layers, Path directory, Path data, Users users) {
    attempt(
        "mount root file system",
        () -> {
          RootMounts.mount(layers, directory, data, users, Known.MAPPED, Known.LAYERS);
          return directory;
        });
  }

  @Override
  public void unmountRootfs(Path directory) {
    attempt(
        "unmount root file system",
        () -> {
          RootMounts.unmount(directory);
          return directory;
        });
  }

  @Override
  public ResolvedUser resolveUser(Path rootfs, String user) {
    return attempt("look up user " + user, () -> UserFiles.of(rootfs).resolve(user));
  }

  @Override
  public Launched create(LaunchRequest request) {
    return attempt(
        "create container " + request.containerId(),
        () -> {
          try (HeldVolumes volumes = hold(request)) {
            return create(request, volumes);
          }
        });
  }

  private static HeldVolumes hold(LaunchRequest request) {
    return request.oci().linux().namespaces().stream()
        .filter(n -> n.type().equals("user") && n.path() != null)
        .findFirst()
        .map(users -> HeldVolumes.take(request.volumes(), String.valueOf(users.path())))
        .orElseGet(() -> HeldVolumes.take(request.volumes()));
  }

  private Launched create(LaunchRequest request, HeldVolumes volumes) {
    OciSpec oci = request.oci();
    LaunchContext context =
        machinery
            .facts()
            .context(
                volumes.planned(),
                oci.mounts(),
                request.cgroupFiles(),
                StandardStreams.owned(request.stdio(), oci),
                StandardStreams.terminal(request.stdio()),
                0)
            .withEmptyRoot(emptyRoot.isPresent())
            .withInit(request.init());
    SyscallProgram program = LaunchPlanner.create(oci, context);
    try (Descriptors open = new Descriptors(machinery.numbers(), volumes.planned().size())) {
      Externals externals =
          new Externals(
              StandardStreams.externals(request.stdio(), open), volumes.descriptors(open), 0);
      if (request.init()) {
        externals = externals.with(Name.FIRST_PROCESS, open.given(init));
      }
      if (emptyRoot.isPresent()) {
        externals = externals.with(Name.EMPTY_ROOT, open.given(emptyRoot.getAsInt()));
      }
      RunningProgram running =
          RunningProgram.start(
              machinery,
              request.containerId(),
              program,
              externals,
              pid -> ParentSteps.map(pid, oci.linux(), request.cgroupFiles()),
              request.groundwork(),
              Kernel.pipe());
      return new LaunchedProgram(running, oci.process().oomScoreAdj());
    }
  }

  @Override
  public Launched exec(
      int containerPid,
      ContainerSpec container,
      OciSpec.Process process,
      List<Path> cgroupFiles,
      Stdio stdio) {
    return attempt(
        "exec in container " + container.id(),
        () ->
            FurtherProcess.start(
                machinery,
                containerPid,
                container.id(),
                container.oci(),
                process,
                cgroupFiles,
                stdio,
                0,
                ListenerTaker.NOBODY));
  }

  @Override
  public void showImage(List<Path> layers, String path, Consumer<Path> viewer) {
    attempt(
        "look at " + path + " of an image",
        () -> {
          ImageTrees.show(layers, path, viewer);
          return layers;
        });
  }

  @Override
  public void repairMounts(int containerPid, List<ResolvedVolume> missing) {
    String what = "mount volumes into process " + containerPid;
    attempt(
        what,
        () -> {
          machinery.launches().run(what, () -> LateMounts.add(containerPid, missing));
          return missing;
        });
  }

  @Override
  public boolean takeBack(int containerPid, String destination, Path target, FileIdentity wanted) {
    String what = "mount %s of process %d on %s".formatted(destination, containerPid, target);
    return attempt(
        what,
        () -> {
          AtomicBoolean same = new AtomicBoolean();
          machinery
              .launches()
              .run(
                  what,
                  () -> same.set(LateMounts.takeBack(containerPid, destination, target, wanted)));
          return same.get();
        });
  }

  private static <T> T attempt(String what, Supplier<T> work) {
    try {
      return work.get();
    } catch (RuntimeException e) {
      throw failure(what, e);
    }
  }

  private static RuntimeFailure failure(String what, RuntimeException cause) {
    return switch (cause) {
      case RuntimeFailure failure -> failure;
      case KernelException e when e.is(Errno.ESRCH) ->
          new RuntimeFailure(Reason.NOT_RUNNING, what + ": " + e.getMessage(), e);
      case KernelException e when e.is(Errno.ENOSPC) || e.is(Errno.EDQUOT) ->
          new RuntimeFailure(Reason.NO_SPACE, what + ": " + e.getMessage(), e);
      case UncheckedIOException e ->
          new RuntimeFailure(Reason.KERNEL, what + ": " + e.getMessage() + ": " + e.getCause(), e);
      default -> new RuntimeFailure(Reason.KERNEL, what + ": " + cause.getMessage(), cause);
    };
  }
}
