package dev.jctl.shim.exec;

import dev.jctl.shim.exec.ProgramLoader.Externals;
import dev.jctl.shim.exec.RootMounts.Known;
import dev.jctl.shim.kernel.Kernel;
import dev.jctl.shim.kernel.MountTree;
import dev.jctl.shim.plan.LaunchPlanner;
import dev.jctl.shim.spec.OciSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * User namespaces that are held by bind mounts, with network, IPC and UTS namespaces that belong to
 * them. A thread of the JVM can make none, as others share its memory: a child does, and is gone
 * when they are held.
 */
final class UserNamespaces {
  private UserNamespaces() {}

  /**
   * @param first who the new root is outside
   */
  static void make(Machinery machinery, Path directory, int first) {
    List<OciSpec.IdMapping> ids = List.of(new OciSpec.IdMapping(0, first, Users.COUNT));
    RunningProgram holder =
        RunningProgram.start(
            machinery,
            "namespaces in " + directory,
            LaunchPlanner.holder(),
            new Externals(Map.of(), List.of(), 0),
            pid -> ParentSteps.map(pid, ids, ids));
    holder.awaitReady();
    try {
      SandboxNamespaces.hold(holder.pid(), directory);
    } finally {
      holder.abandon();
      Kernel.close(holder.pidfd());
    }
  }

  /**
   * Tries it: mounts an overlay for other users, and takes all away again; and shows them a tmpfs,
   * as Secrets are on one (kernel 6.3).
   */
  static void probe(Machinery machinery, Path scratch, int first) {
    Path layer = scratch.resolve("layer");
    Path root = scratch.resolve("root");
    Path namespaces = scratch.resolve("namespaces");
    try {
      for (Path directory : List.of(layer, root, namespaces)) {
        Files.createDirectories(directory);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("make directories in " + scratch, e);
    }
    make(machinery, namespaces, first);
    try {
      Users users = new Users(namespaces.resolve("user"), first);
      RootMounts.mount(List.of(layer), root, scratch, users, Known.MAPPED, Known.LAYERS);
      RootMounts.unmount(root);
      showTmpfs(users);
    } finally {
      SandboxNamespaces.remove(namespaces);
    }
  }

  private static void showTmpfs(Users users) {
    int namespace = Kernel.open(users.namespace().toString(), Kernel.O_RDONLY, 0);
    try (MountTree tmpfs = MountTree.tmpfs(List.of())) {
      tmpfs.mapIds(namespace, "a tmpfs");
    } finally {
      Kernel.close(namespace);
    }
  }
}
