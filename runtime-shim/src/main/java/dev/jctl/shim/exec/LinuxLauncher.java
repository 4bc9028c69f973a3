package dev.jctl.shim.exec;

import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.kernel.Child;
import dev.jctl.shim.kernel.Errno;
import dev.jctl.shim.kernel.Kernel;
import dev.jctl.shim.kernel.KernelException;
import dev.jctl.shim.kernel.NativeMemory;
import dev.jctl.shim.kernel.SyscallRecord;
import dev.jctl.shim.kernel.SyscallRecord.Argument;
import dev.jctl.shim.plan.ContainerProgram;
import dev.jctl.shim.plan.ProcessSteps;
import dev.jctl.shim.spec.ContainerSpec;
import dev.jctl.shim.spec.OciSpec;
import dev.jctl.shim.spec.SandboxSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * {@link Launcher} on Linux. Opens what a program needs, has it compiled, and spawns a child that
 * runs it.
 */
public final class LinuxLauncher implements Launcher {
  private static final int MAX_OVERLAY_OPTIONS = 4000;
  private static final int AT_FDCWD = -100;
  private static final int AT_RECURSIVE = 0x8000;
  private static final int MOVE_MOUNT_F_EMPTY_PATH = 4;

  @Override
  public void createNamespaces(SandboxSpec sandbox, Path directory) {
    undoing(
        () -> Namespaces.remove(directory),
        () -> {
          Namespaces.create(sandbox, directory);
          return sandbox;
        });
  }

  @Override
  public void removeNamespaces(Path directory) {
    undoing(
        () -> {},
        () -> {
          Namespaces.remove(directory);
          return directory;
        });
  }

  @Override
  public Path mountRootfs(List<Path> layers, Path directory) {
    Path merged = directory.resolve("merged");
    String lower = String.join(":", layers.reversed().stream().map(Path::toString).toList());
    String options =
        "lowerdir=%s,upperdir=%s,workdir=%s"
            .formatted(lower, directory.resolve("upper"), directory.resolve("work"));
    if (options.length() > MAX_OVERLAY_OPTIONS) {
      throw new RuntimeFailure(
          RuntimeFailure.Reason.INVALID,
          layers.size() + " layers are more than fit into the options of one overlay mount");
    }
    return undoing(
        () -> {},
        () -> {
          for (String name : List.of("upper", "work", "merged")) {
            makeDirectory(directory.resolve(name));
          }
          Kernel.mount("overlay", merged.toString(), "overlay", 0, options);
          return merged;
        });
  }

  private static void makeDirectory(Path path) {
    try {
      Files.createDirectories(path);
    } catch (IOException e) {
      throw new RuntimeFailure(
          RuntimeFailure.Reason.KERNEL, "cannot make " + path + ": " + e.getMessage(), e);
    }
  }

  @Override
  public void unmountRootfs(Path directory) {
    try {
      Kernel.umount(directory.resolve("merged").toString(), Kernel.MNT_DETACH);
    } catch (KernelException e) {
      if (!e.is(Errno.EINVAL) && !e.is(Errno.ENOENT)) {
        throw failure(e);
      }
    }
  }

  @Override
  public ResolvedUser resolveUser(Path rootfs, String user) {
    return undoing(() -> {}, () -> Users.of(rootfs).resolve(user));
  }

  @Override
  public Launched create(LaunchRequest request) {
    refuseUnsupported(request.oci());
    return undoing(
        () -> {},
        () -> {
          try (Descriptors open = new Descriptors()) {
            int[] gate = Kernel.socketPair();
            Child child = spawn(request, open, gate);
            return Gate.await(child, request.oci().process(), gate[0]);
          }
        });
  }

  /** A filter that is asked for must never be left out in silence. */
  private static void refuseUnsupported(OciSpec oci) {
    if (oci.linux().seccomp() != null) {
      throw new RuntimeFailure(
          RuntimeFailure.Reason.INVALID, "linux.seccomp: filters are not supported yet");
    }
    if (oci.process().args().isEmpty()) {
      throw new RuntimeFailure(
          RuntimeFailure.Reason.INVALID,
          "process.args: neither the container nor its image says what to run");
    }
  }

  private static Child spawn(LaunchRequest request, Descriptors open, int[] gate) {
    try {
      OciSpec oci = request.oci();
      long flags = 0;
      for (OciSpec.Namespace namespace : oci.linux().namespaces()) {
        int flag = Namespaces.flag(namespace);
        flags |= namespace.path() == null && flag != Namespaces.NEWCGROUP ? flag : 0;
      }
      return Child.spawn(ContainerProgram.compile(oci, opened(request, open, gate[1])), flags);
    } catch (RuntimeException e) {
      Kernel.close(gate[0]);
      throw e;
    } finally {
      // the child has its own; while we hold this end its death would go unseen
      Kernel.close(gate[1]);
    }
  }

  private static ContainerProgram.Opened opened(LaunchRequest request, Descriptors open, int gate) {
    OciSpec oci = request.oci();
    int rootfs = open.open(oci.root().path(), Kernel.O_PATH | Kernel.O_DIRECTORY);
    return new ContainerProgram.Opened(
        new Argument.Descriptor(rootfs, oci.root().path()),
        joined(oci, open),
        cgroups(request.cgroupDirectories(), open),
        trees(request, open),
        oci.linux().namespaces().stream().anyMatch(n -> n.type().equals("cgroup")),
        stdio(request.stdio()),
        gate);
  }

  private static List<ContainerProgram.Joined> joined(OciSpec oci, Descriptors open) {
    List<ContainerProgram.Joined> joined = new ArrayList<>();
    for (OciSpec.Namespace namespace : oci.linux().namespaces()) {
      String path = namespace.path();
      if (path != null) {
        Argument.Descriptor descriptor =
            new Argument.Descriptor(open.open(path, Kernel.O_RDONLY), path);
        joined.add(new ContainerProgram.Joined(descriptor, Namespaces.flag(namespace)));
      }
    }
    return joined;
  }

  private static List<Argument.Descriptor> cgroups(List<Path> directories, Descriptors open) {
    return directories.stream()
        .map(d -> d.resolve("cgroup.procs").toString())
        .map(p -> new Argument.Descriptor(open.open(p, Kernel.O_WRONLY), p))
        .toList();
  }

  private static List<ContainerProgram.Tree> trees(LaunchRequest request, Descriptors open) {
    List<ContainerProgram.Tree> trees = new ArrayList<>();
    for (OciSpec.Mount mount : request.oci().mounts()) {
      String source = mount.source();
      boolean bind = mount.options().contains("bind") || mount.options().contains("rbind");
      if (bind && source != null) {
        trees.add(tree(Path.of(source), mount.destination(), mount.options().contains("ro"), open));
      }
    }
    for (ResolvedVolume volume : request.volumes()) {
      trees.add(tree(volume.hostPath(), volume.destination(), volume.readOnly(), open));
    }
    return trees;
  }

  private static ContainerProgram.Tree tree(
      Path source, String destination, boolean readOnly, Descriptors open) {
    Argument.Descriptor descriptor =
        new Argument.Descriptor(open.tree(source.toString()), source.toString());
    return new ContainerProgram.Tree(descriptor, destination, Files.isDirectory(source), readOnly);
  }

  private static ProcessSteps.Stdio stdio(Stdio stdio) {
    return switch (stdio) {
      case Stdio.Descriptors d -> new ProcessSteps.Stdio(d.stdin(), d.stdout(), d.stderr(), false);
      case Stdio.Pty p -> new ProcessSteps.Stdio(p.slave(), p.slave(), p.slave(), true);
    };
  }

  @Override
  public Launched exec(
      int containerPid,
      ContainerSpec container,
      OciSpec.Process process,
      List<Path> cgroupDirectories,
      Stdio stdio) {
    Launched launched =
        undoing(
            () -> {},
            () ->
                NamespaceThread.call(
                    "exec in " + container.id(),
                    () -> join(containerPid, process, cgroupDirectories, stdio)));
    launched.start();
    return launched;
  }

  /**
   * The thread joins the PID namespace, which takes effect for its children only; the child joins
   * the others itself.
   */
  private static Launched join(
      int containerPid, OciSpec.Process process, List<Path> cgroupDirectories, Stdio stdio) {
    try (Descriptors open = new Descriptors()) {
      int target = open.keep(Kernel.pidfdOpen(containerPid));
      int[] gate = Kernel.socketPair();
      List<SyscallRecord> program = new ArrayList<>();
      for (Argument.Descriptor cgroup : cgroups(cgroupDirectories, open)) {
        program.add(SyscallRecord.step("join " + cgroup.what(), "write", cgroup, "0", 1));
      }
      int namespaces =
          Namespaces.NEWNS
              | Namespaces.NEWCGROUP
              | Namespaces.NEWUTS
              | Namespaces.NEWIPC
              | Namespaces.NEWNET;
      program.add(
          SyscallRecord.step(
              "join the container's namespaces",
              "setns",
              new Argument.Descriptor(target, "container"),
              namespaces));
      program.add(SyscallRecord.step("go to " + process.cwd(), "chdir", process.cwd()));
      program.addAll(ProcessSteps.finish(process, stdio(stdio), gate[1]));
      Child child;
      try {
        Kernel.setns(target, Namespaces.NEWPID, "pid namespace of " + containerPid);
        child = Child.spawn(program, 0);
      } catch (RuntimeException e) {
        Kernel.close(gate[0]);
        throw e;
      } finally {
        Kernel.close(gate[1]);
      }
      return Gate.await(child, process, gate[0]);
    }
  }

  @Override
  public void repairMounts(int containerPid, List<ResolvedVolume> missing) {
    undoing(
        () -> {},
        () ->
            NamespaceThread.call(
                "mount into " + containerPid,
                () -> {
                  mountInto(containerPid, missing);
                  return missing;
                }));
  }

  private static void mountInto(int containerPid, List<ResolvedVolume> missing) {
    try (Descriptors open = new Descriptors()) {
      List<Integer> trees = missing.stream().map(v -> open.tree(v.hostPath().toString())).toList();
      int target = open.keep(Kernel.pidfdOpen(containerPid));
      // a thread may join a mount namespace only when it shares its root and directory with no
      // other
      Kernel.unshare(Namespaces.CLONE_FS);
      Kernel.setns(target, Namespaces.NEWNS, "mount namespace of " + containerPid);
      for (int i = 0; i < trees.size(); i++) {
        attach(trees.get(i), missing.get(i));
      }
    }
  }

  private static void attach(int tree, ResolvedVolume volume) {
    NativeMemory empty = NativeMemory.text("");
    NativeMemory destination = NativeMemory.text(volume.destination());
    Kernel.syscall(
        "move_mount",
        tree,
        empty.address(),
        AT_FDCWD,
        destination.address(),
        MOVE_MOUNT_F_EMPTY_PATH,
        0,
        "mount " + volume.hostPath() + " on " + volume.destination());
    if (volume.readOnly()) {
      NativeMemory attributes = NativeMemory.allocate(32);
      attributes.putLong(0, 1);
      Kernel.syscall(
          "mount_setattr",
          AT_FDCWD,
          destination.address(),
          AT_RECURSIVE,
          attributes.address(),
          32,
          0,
          "make " + volume.destination() + " read-only");
    }
  }

  private static <T> T undoing(Runnable undo, Supplier<T> work) {
    try {
      return work.get();
    } catch (RuntimeException e) {
      RuntimeFailure failure = failure(e);
      try {
        undo.run();
      } catch (RuntimeException more) {
        failure.addSuppressed(more);
      }
      throw failure;
    }
  }

  private static RuntimeFailure failure(RuntimeException e) {
    if (e instanceof RuntimeFailure known) {
      return known;
    }
    boolean full = e instanceof KernelException kernel && kernel.is(Errno.ENOSPC);
    return new RuntimeFailure(
        full ? RuntimeFailure.Reason.NO_SPACE : RuntimeFailure.Reason.KERNEL,
        String.valueOf(e.getMessage()),
        e);
  }
}
