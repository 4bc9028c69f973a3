package dev.jctl.shim.plan;

import static dev.jctl.shim.kernel.SyscallRecord.step;

import dev.jctl.shim.kernel.Errno;
import dev.jctl.shim.kernel.SyscallRecord;
import dev.jctl.shim.kernel.SyscallRecord.Argument;
import dev.jctl.shim.spec.OciSpec;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Compiles what a container's first process does before its {@code execve}. It goes into its root
 * first and mounts everything from within: a symbolic link of the image cannot lead a mount out of
 * it. What is mounted from the host was opened before and comes as a descriptor of a detached mount
 * tree.
 */
public final class ContainerProgram {
  private static final int AT_FDCWD = -100;
  private static final int AT_RECURSIVE = 0x8000;
  private static final int CLONE_NEWCGROUP = 0x02000000;
  private static final int MOVE_MOUNT_F_EMPTY_PATH = 4;
  private static final int MNT_DETACH = 2;
  private static final int S_IFCHR = 0020000;
  private static final int KEYCTL_JOIN_SESSION_KEYRING = 1;
  private static final long ATTR_RDONLY = 1;
  private static final long MS_REC_PRIVATE = MountOptions.MS_REC | (1L << 18);
  private static final int CREATE_TRUNCATE_WRITE = 1;

  private static final List<Device> DEVICES =
      List.of(
          new Device("null", 1, 3),
          new Device("zero", 1, 5),
          new Device("full", 1, 7),
          new Device("random", 1, 8),
          new Device("urandom", 1, 9),
          new Device("tty", 5, 0));
  private static final List<List<String>> LINKS =
      List.of(
          List.of("/proc/self/fd", "/dev/fd"),
          List.of("/proc/self/fd/0", "/dev/stdin"),
          List.of("/proc/self/fd/1", "/dev/stdout"),
          List.of("/proc/self/fd/2", "/dev/stderr"),
          List.of("pts/ptmx", "/dev/ptmx"),
          List.of("/proc/kcore", "/dev/core"));

  private ContainerProgram() {}

  private record Device(String name, int major, int minor) {}

  /** A namespace to join: its CLONE_NEW flag. */
  public record Joined(Argument.Descriptor descriptor, int flag) {}

  /** A detached mount tree to put at {@code destination}. */
  public record Tree(
      Argument.Descriptor descriptor, String destination, boolean directory, boolean readOnly) {}

  /**
   * What was opened for the program.
   *
   * @param rootfs a mount point, as a descriptor
   * @param joined in the order to join
   * @param cgroups {@code cgroup.procs} files
   * @param trees in the order to mount, after the spec's own file systems
   * @param ownCgroupNamespace made after the cgroups are joined, so that they are its root
   */
  public record Opened(
      Argument.Descriptor rootfs,
      List<Joined> joined,
      List<Argument.Descriptor> cgroups,
      List<Tree> trees,
      boolean ownCgroupNamespace,
      ProcessSteps.Stdio stdio,
      int gate) {}

  public static List<SyscallRecord> compile(OciSpec oci, Opened opened) {
    List<SyscallRecord> steps = new ArrayList<>();
    enter(steps, oci, opened);
    root(steps, opened.rootfs());
    for (OciSpec.Mount mount : oci.mounts()) {
      mount(steps, mount);
    }
    opened.trees().forEach(tree -> attach(steps, tree));
    sysctls(steps, oci.linux());
    protect(steps, oci);
    ProcessSteps.workingDirectory(steps, oci.process().cwd());
    if (oci.root().readonly()) {
      steps.add(readOnly("/", 0));
    }
    steps.addAll(ProcessSteps.finish(oci.process(), opened.stdio(), opened.gate()));
    return List.copyOf(steps);
  }

  private static void enter(List<SyscallRecord> steps, OciSpec oci, Opened opened) {
    for (Joined namespace : opened.joined()) {
      steps.add(
          step(
              "join " + namespace.descriptor().what(),
              "setns",
              namespace.descriptor(),
              namespace.flag()));
    }
    for (Argument.Descriptor cgroup : opened.cgroups()) {
      steps.add(step("join " + cgroup.what(), "write", cgroup, "0", 1));
    }
    if (opened.ownCgroupNamespace()) {
      steps.add(step("make a cgroup namespace", "unshare", CLONE_NEWCGROUP));
    }
    boolean ownUts =
        oci.linux().namespaces().stream().anyMatch(n -> n.type().equals("uts") && n.path() == null);
    String hostname = oci.hostname();
    if (ownUts && hostname != null) {
      int length = hostname.getBytes(StandardCharsets.UTF_8).length;
      steps.add(step("set host name " + hostname, "sethostname", hostname, length));
    }
    steps.add(
        step("join a session keyring", "keyctl", KEYCTL_JOIN_SESSION_KEYRING, 0, 0, 0, 0)
            .tolerating(Errno.ENOSYS, Errno.EPERM));
    steps.add(step("clear the umask", "umask", 0));
  }

  /**
   * pivot_root(2): with both arguments ".", the old root ends up above the new one, and is let go.
   */
  private static void root(List<SyscallRecord> steps, Argument.Descriptor rootfs) {
    steps.add(step("make all mounts private", "mount", 0, "/", 0, MS_REC_PRIVATE, 0));
    steps.add(step("go to the root file system", "fchdir", rootfs));
    steps.add(step("make it the root", "pivot_root", ".", "."));
    steps.add(step("let the host's root go", "umount2", ".", MNT_DETACH));
    steps.add(step("go to the new root", "chdir", "/"));
  }

  private static void mount(List<SyscallRecord> steps, OciSpec.Mount mount) {
    MountOptions options = MountOptions.parse(mount.options());
    String type = mount.type() == null ? "none" : mount.type();
    if (options.bind() || type.equals("cgroup")) {
      return; // bind mounts come as trees; a cgroup file system is the launcher's choice of trees
    }
    ProcessSteps.Paths.directories(steps, mount.destination());
    String source = mount.source() == null ? type : mount.source();
    Object data = options.data().isEmpty() ? (Object) 0 : options.data();
    steps.add(
        step(
            "mount " + type + " on " + mount.destination(),
            "mount",
            source,
            mount.destination(),
            type,
            options.flags(),
            data));
    if (mount.destination().equals("/dev")) {
      devices(steps);
    }
  }

  private static void devices(List<SyscallRecord> steps) {
    for (Device device : DEVICES) {
      String path = "/dev/" + device.name();
      long number = ((long) device.major() << 8) | device.minor();
      steps.add(step("make device " + path, "mknodat", AT_FDCWD, path, S_IFCHR | 0666, number));
    }
    for (List<String> link : LINKS) {
      steps.add(step("link " + link.get(1), "symlinkat", link.get(0), AT_FDCWD, link.get(1)));
    }
  }

  private static void attach(List<SyscallRecord> steps, Tree tree) {
    if (tree.directory()) {
      ProcessSteps.Paths.directories(steps, tree.destination());
    } else {
      ProcessSteps.Paths.file(steps, tree.destination());
    }
    String what = "mount " + tree.descriptor().what() + " on " + tree.destination();
    steps.add(
        step(
            what,
            "move_mount",
            tree.descriptor(),
            "",
            AT_FDCWD,
            tree.destination(),
            MOVE_MOUNT_F_EMPTY_PATH));
    if (tree.readOnly()) {
      steps.add(readOnly(tree.destination(), AT_RECURSIVE));
    }
  }

  /** struct mount_attr: set, clear, propagation, userns. */
  private static SyscallRecord readOnly(String path, int flags) {
    byte[] attributes = ProcessSteps.little(32).putLong(ATTR_RDONLY).array();
    return step(
        "make " + path + " read-only", "mount_setattr", AT_FDCWD, path, flags, attributes, 32);
  }

  private static void sysctls(List<SyscallRecord> steps, OciSpec.Linux linux) {
    int count = 0;
    for (var sysctl :
        linux.sysctl().entrySet().stream().sorted(java.util.Map.Entry.comparingByKey()).toList()) {
      String path = "/proc/sys/" + sysctl.getKey().replace('.', '/');
      String name = "sysctl" + count++;
      byte[] value = sysctl.getValue().getBytes(StandardCharsets.UTF_8);
      steps.add(
          step("open " + path, "openat", AT_FDCWD, path, CREATE_TRUNCATE_WRITE, 0).named(name));
      steps.add(
          step(
              "set " + sysctl.getKey(), "write", new Argument.ResultOf(name), value, value.length));
    }
  }

  /** Both ways are tried on a masked path: /dev/null fits a file, an empty tmpfs a directory. */
  private static void protect(List<SyscallRecord> steps, OciSpec oci) {
    for (String path : oci.linux().readonlyPaths()) {
      long rbind = MountOptions.MS_BIND | MountOptions.MS_REC;
      steps.add(step("bind " + path, "mount", path, path, 0, rbind, 0).tolerating(Errno.ENOENT));
      steps.add(readOnly(path, AT_RECURSIVE).tolerating(Errno.ENOENT));
    }
    for (String path : oci.linux().maskedPaths()) {
      steps.add(
          step("mask file " + path, "mount", "/dev/null", path, 0, MountOptions.MS_BIND, 0)
              .tolerating(Errno.ENOENT, Errno.ENOTDIR));
      steps.add(
          step(
                  "mask directory " + path,
                  "mount",
                  "tmpfs",
                  path,
                  "tmpfs",
                  MountOptions.MS_RDONLY,
                  "size=0k,nr_inodes=2")
              .tolerating(Errno.ENOENT, Errno.ENOTDIR));
    }
  }
}
