package dev.jctl.shim.exec;

import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.RuntimeFailure.Reason;
import dev.jctl.shim.exec.ProgramLoader.Externals;
import dev.jctl.shim.io.Tool;
import dev.jctl.shim.kernel.Errno;
import dev.jctl.shim.kernel.Kernel;
import dev.jctl.shim.kernel.KernelException;
import dev.jctl.shim.kernel.MountTree;
import dev.jctl.shim.plan.LaunchContext.MadeTree;
import dev.jctl.shim.plan.LaunchPlanner;
import dev.jctl.shim.plan.ParentMount;
import dev.jctl.shim.plan.ParentMount.CopiedUp;
import dev.jctl.shim.plan.ParentMount.IdMapped;
import dev.jctl.shim.spec.OciSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Mounts of a spec that are made here, and held until the child has mounted them. */
final class ParentMounts implements AutoCloseable {
  private static final String MODE = "mode=";

  private final Machinery machinery;
  private final Path root;
  private final List<MountTree> trees = new ArrayList<>();
  private final List<MadeTree> made = new ArrayList<>();

  private ParentMounts(Machinery machinery, Path root) {
    this.machinery = machinery;
    this.root = root;
  }

  static ParentMounts make(Machinery machinery, OciSpec oci) {
    ParentMounts mounts = new ParentMounts(machinery, Path.of(oci.root().path()));
    try {
      LaunchPlanner.parentMounts(oci).forEach(mounts::make);
      return mounts;
    } catch (RuntimeException e) {
      mounts.close();
      throw e;
    }
  }

  List<MadeTree> made() {
    return made;
  }

  /** In the same order. */
  List<Long> descriptors(Descriptors open) {
    return trees.stream().map(tree -> (long) open.given(tree.fd())).toList();
  }

  private void make(ParentMount mount) {
    switch (mount) {
      case CopiedUp copied -> copyUp(copied);
      case IdMapped mapped -> mapIds(mapped);
    }
  }

  // --- tmpcopyup

  private void copyUp(CopiedUp mount) {
    List<String> options =
        Arrays.stream(mount.data().split(",", -1)).filter(option -> !option.isEmpty()).toList();
    MountTree tree = MountTree.tmpfs(options);
    trees.add(tree);
    made.add(new MadeTree(mount.index(), true));
    int top = Kernel.open(root.toString(), Kernel.O_PATH | Kernel.O_DIRECTORY, 0);
    try {
      long confined = Kernel.RESOLVE_IN_ROOT | Kernel.RESOLVE_NO_MAGICLINKS;
      int flags = Kernel.O_PATH | Kernel.O_DIRECTORY;
      int source = Kernel.openat2(top, mount.destination(), flags, 0, confined);
      try {
        copy(source, tree.fd(), options);
      } finally {
        Kernel.close(source);
      }
    } catch (KernelException e) {
      if (!e.is(Errno.ENOENT)) {
        throw e;
      }
    } finally {
      Kernel.close(top);
    }
  }

  /** With all that belongs to files; the top is as the image has it unless a mode was asked for. */
  private static void copy(int source, int target, List<String> options) {
    String to = path(target);
    Tool.run(List.of("cp", "--archive", "--no-target-directory", path(source) + "/.", to + "/."));
    options.stream()
        .filter(option -> option.startsWith(MODE))
        .forEach(option -> Tool.run(List.of("chmod", option.substring(MODE.length()), to + "/.")));
  }

  private static String path(int descriptor) {
    return "/proc/" + ProcessHandle.current().pid() + "/fd/" + descriptor;
  }

  // --- idmap

  private void mapIds(IdMapped mount) {
    Path source = Path.of(mount.source());
    MountTree tree = mount.recursive() ? MountTree.copyOf(source) : MountTree.copyOfTop(source);
    trees.add(tree);
    made.add(new MadeTree(mount.index(), Files.isDirectory(source)));
    int users = users(mount);
    try {
      if (mount.mapsBeneath()) {
        tree.mapIds(users, mount.source());
      } else {
        tree.mapIdsOfTop(users, mount.source());
      }
    } catch (KernelException e) {
      throw e.is(Errno.EINVAL)
          ? new RuntimeFailure(
              Reason.INVALID,
              "mount on "
                  + mount.destination()
                  + ": the file system of "
                  + mount.source()
                  + " cannot be shown to other users (idmapped mounts)",
              e)
          : e;
    } finally {
      Kernel.close(users);
    }
  }

  private int users(IdMapped mount) {
    if (!mount.namespace().isEmpty()) {
      return Kernel.open(mount.namespace(), Kernel.O_RDONLY, 0);
    }
    RunningProgram holder =
        RunningProgram.start(
            machinery,
            "mount on " + mount.destination(),
            LaunchPlanner.userHolder(),
            new Externals(Map.of(), List.of(), 0),
            pid -> ParentSteps.map(pid, mount.users(), mount.groups()));
    holder.awaitReady();
    try {
      return Kernel.open("/proc/" + holder.pid() + "/ns/user", Kernel.O_RDONLY, 0);
    } finally {
      holder.abandon();
      Kernel.close(holder.pidfd());
    }
  }

  @Override
  public void close() {
    trees.forEach(MountTree::close);
  }
}
