package dev.jctl.shim.exec;

import dev.jctl.shim.observe.FileIdentity;
import dev.jctl.shim.spec.ContainerSpec;
import dev.jctl.shim.spec.OciSpec;
import dev.jctl.shim.spec.SandboxSpec;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Makes namespaces, root file systems and processes. All failures are {@link
 * dev.jctl.shim.RuntimeFailure}, after which nothing of the attempt is left. Safe for many threads.
 */
public interface Launcher {
  /**
   * Makes the sandbox's own network, IPC and UTS namespaces, sets host name and sysctls, brings
   * loopback up, and binds each to a file {@code net}, {@code ipc}, {@code uts} in {@code
   * directory}, which exists.
   */
  void createNamespaces(SandboxSpec sandbox, Path directory);

  /**
   * Makes the three before their sandbox is known: all of {@link #createNamespaces} that does not
   * depend on it.
   */
  void prepareNamespaces(Path directory);

  /**
   * The same with a user namespace of their own, which is bound to {@code user}.
   *
   * @param first who its root is outside
   */
  void prepareNamespaces(Path directory, int first);

  /**
   * Whether sandboxes can have user namespaces of their own: the kernel and the file system of that
   * directory can show files as of other users.
   *
   * @param scratch an empty directory of the caller's, for directories that are the caller's then
   * @param first of some users that nobody has
   */
  boolean canMapUsers(Path scratch, int first);

  /**
   * Makes a PID namespace for the containers of a sandbox, bound to {@code pid} in the directory of
   * its others, and its first process, which reaps those whose parents have ended, and with which
   * all others end. It runs when this returns; its pidfd is the caller's.
   *
   * @param cgroupFiles as in {@link LaunchRequest}
   */
  Launched createProcesses(Path directory, List<Path> cgroupFiles);

  /** Does the rest for a sandbox that shares none of the three with the host. */
  void settleNamespaces(SandboxSpec sandbox, Path directory);

  /** And has a user namespace of its own. */
  void settleNamespaces(SandboxSpec sandbox, Path directory, Users users);

  /** Unbinds and deletes what was made in that directory; a no-op for what is gone. */
  void removeNamespaces(Path directory);

  /** Makes {@code upper}, {@code work} and {@code merged} in that directory, which exists. */
  void prepareRootfs(Path directory);

  /**
   * Mounts the overlay of these layer directories (lowest first) at {@link #rootfs}, with {@code
   * upper} and {@code work} beside it. Makes them unless they were prepared.
   *
   * @param data above the layers and the directory; the same for as long as this is used
   */
  void mountRootfs(List<Path> layers, Path directory, Path data);

  /** Where {@link #mountRootfs} mounts what belongs to that directory. */
  static Path rootfs(Path directory) {
    return directory.resolve("merged");
  }

  /** The same for these users. */
  void mountRootfs(List<Path> layers, Path directory, Path data, Users users);

  /** Unmounts it (lazily when busy); the directories stay. */
  void unmountRootfs(Path directory);

  /**
   * Looks {@code user} up in the root file system's passwd and group files, opened beneath it.
   *
   * @param user {@code name[:group]} or {@code uid[:gid]}
   */
  ResolvedUser resolveUser(Path rootfs, String user);

  record ResolvedUser(OciSpec.User user, @Nullable String home) {
    /** In these, too. */
    public ResolvedUser inGroups(List<Integer> more) {
      Set<Integer> all = new LinkedHashSet<>(user.additionalGids());
      all.addAll(more);
      return new ResolvedUser(
          new OciSpec.User(user.uid(), user.gid(), user.umask(), List.copyOf(all)), home);
    }
  }

  /**
   * Makes the process, which sets itself up to, but not including, its {@code execve}; it waits
   * there until {@link Launched#start}. Returns when the process is there.
   */
  Launched create(LaunchRequest request);

  /**
   * @param oci complete: {@code root.path}, namespace paths, mounts with host sources, numeric user
   * @param volumes destination to the host path to bind (already resolved beneath its volume), in
   *     order; read-only by the mount's flag
   * @param cgroupFiles to write a pid to, to join a group: {@code cgroup.procs} or, with v1, {@code
   *     tasks}
   * @param stdio of the process
   * @param init it is the child of a first process that hands on signals and reaps
   * @param groundwork returns when the root file system and the groups are there, or fails: called
   *     last before the process is made
   */
  record LaunchRequest(
      String containerId,
      OciSpec oci,
      List<ResolvedVolume> volumes,
      List<Path> cgroupFiles,
      Stdio stdio,
      boolean init,
      Runnable groundwork) {}

  record ResolvedVolume(Content content, String destination, Access access) {
    public ResolvedVolume(Path hostPath, String destination, boolean readOnly) {
      this(
          new Content.Tree(hostPath),
          destination,
          new Access(readOnly, false, ContainerSpec.Propagation.NONE));
    }
  }

  /** What is mounted. */
  sealed interface Content {
    /** With the mounts beneath. */
    record Tree(Path path) implements Content {}

    /**
     * @param layers lowest first
     * @param subPath beneath; empty: all
     */
    record Layers(List<Path> layers, String subPath) implements Content {}
  }

  /** How it may be used. */
  record Access(boolean readOnly, boolean readOnlyBeneath, ContainerSpec.Propagation propagation) {}

  /**
   * Descriptors of this process that become the child's 0, 1 and 2 (with {@code Pty}: one slave for
   * all three, made controlling). They stay open here.
   */
  sealed interface Stdio {
    record Descriptors(int stdin, int stdout, int stderr) implements Stdio {}

    record Pty(int slave) implements Stdio {}
  }

  /**
   * A process that was made. {@code pidfd} belongs to the caller; {@code startTicks}: field 22 of
   * {@code /proc/PID/stat}.
   */
  interface Launched {
    int pid();

    int pidfd();

    long startTicks();

    /**
     * Returns when it is set up.
     *
     * @throws dev.jctl.shim.RuntimeFailure the process is gone then, and {@code pidfd} closed
     */
    void awaitReady();

    /**
     * Lets it go on to {@code execve}, as soon as it is set up, and returns when that has
     * succeeded.
     *
     * @throws dev.jctl.shim.RuntimeFailure COMMAND_NOT_FOUND, COMMAND_NOT_EXECUTABLE, KERNEL; the
     *     process is gone then
     */
    void start();

    /** Ends it before it was started. */
    void abandon();
  }

  /**
   * Starts a further process in the namespaces, root, cgroups of a running one; returns when its
   * {@code execve} has succeeded. It is our child: wait for it by its pidfd.
   */
  Launched exec(
      int containerPid,
      ContainerSpec container,
      OciSpec.Process process,
      List<Path> cgroupFiles,
      Stdio stdio);

  /**
   * Shows what layers, lowest first, have at a path, as a directory of the machine while {@code
   * viewer} runs. It does not where they have none.
   */
  void showImage(List<Path> layers, String path, Consumer<Path> viewer);

  /** Binds volumes again into the mount namespace of a running process. */
  void repairMounts(int containerPid, List<ResolvedVolume> missing);

  /**
   * Mounts on {@code target} what a running process sees at {@code destination}.
   *
   * @param wanted what that must be
   * @return false when it is something else
   */
  boolean takeBack(int containerPid, String destination, Path target, FileIdentity wanted);

  /**
   * The programs that {@link #create} would run, as text, one system call a line. Pure; needs no
   * privileges.
   */
  static List<String> describe(OciSpec oci, Map<String, String> variables) {
    return dev.jctl.shim.plan.ProgramText.describe(
        oci, variables, dev.jctl.shim.kernel.SyscallNumbers.all());
  }
}
