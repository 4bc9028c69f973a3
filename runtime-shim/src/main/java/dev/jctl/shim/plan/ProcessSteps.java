package dev.jctl.shim.plan;

import static dev.jctl.shim.kernel.SyscallRecord.step;

import dev.jctl.shim.kernel.Errno;
import dev.jctl.shim.kernel.SyscallRecord;
import dev.jctl.shim.kernel.SyscallRecord.Argument;
import dev.jctl.shim.spec.OciSpec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The steps that a container's first process and one that is added to it have in common: stdio,
 * gate, identity, {@code execve}.
 */
public final class ProcessSteps {
  private static final int AT_FDCWD = -100;
  private static final int PR_SET_KEEPCAPS = 8;
  private static final int PR_CAPBSET_DROP = 24;
  private static final int PR_SET_NO_NEW_PRIVS = 38;
  private static final int PR_CAP_AMBIENT = 47;
  private static final int PR_CAP_AMBIENT_RAISE = 2;
  private static final int TIOCSCTTY = 0x540e;
  private static final int CAPABILITY_VERSION_3 = 0x20080522;
  private static final int SIG_SETMASK = 2;
  private static final int LOWEST = 3;
  private static final int DEFAULT_UMASK = 022;
  private static final String DEFAULT_PATH =
      "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

  private ProcessSteps() {}

  /**
   * Where the process's stdio comes from.
   *
   * @param stdin a descriptor of the parent; with a terminal all three are its slave
   * @param terminal make it the controlling terminal
   */
  public record Stdio(int stdin, int stdout, int stderr, boolean terminal) {}

  /**
   * All steps from stdio to {@code execve}. The gate is a socket: the child writes a byte when it
   * is ready, waits for one, and closes the socket by its {@code execve}.
   */
  public static List<SyscallRecord> finish(OciSpec.Process process, Stdio stdio, int gate) {
    List<SyscallRecord> steps = new ArrayList<>();
    stdio(steps, stdio);
    closeOthers(steps, gate);
    gate(steps, gate);
    identity(steps, process);
    execve(steps, process);
    return steps;
  }

  private static void stdio(List<SyscallRecord> steps, Stdio stdio) {
    steps.add(step("start a session", "setsid"));
    int[] from = {stdio.stdin(), stdio.stdout(), stdio.stderr()};
    String[] names = {"stdin", "stdout", "stderr"};
    for (int i = 0; i < from.length; i++) {
      steps.add(step("set " + names[i], "dup3", new Argument.Descriptor(from[i], names[i]), i, 0));
    }
    if (stdio.terminal()) {
      steps.add(step("take the controlling terminal", "ioctl", 0, TIOCSCTTY, 0));
    }
  }

  /**
   * For good, not on exec: a container that waits at its gate must hold nothing of the runtime or
   * of others.
   */
  private static void closeOthers(List<SyscallRecord> steps, int gate) {
    if (gate > LOWEST) {
      steps.add(step("close descriptors below the gate", "close_range", LOWEST, gate - 1, 0));
    }
    steps.add(step("close descriptors above the gate", "close_range", gate + 1, 0xffffffffL, 0));
  }

  private static void gate(List<SyscallRecord> steps, int gate) {
    Argument end = new Argument.Descriptor(gate, "gate");
    steps.add(step("say that all is ready", "write", end, new byte[] {'r'}, 1));
    steps.add(step("wait for the start", "read", end, new byte[1], 1));
  }

  private static void identity(List<SyscallRecord> steps, OciSpec.Process process) {
    OciSpec.User user = process.user();
    for (OciSpec.Rlimit limit : process.rlimits()) {
      rlimit(steps, limit);
    }
    long bounding = 0;
    OciSpec.@Nullable Capabilities caps = process.capabilities();
    if (caps != null) {
      bounding = Capabilities.mask(caps.bounding());
      dropBounding(steps, bounding);
    }
    steps.add(groups(user.additionalGids()));
    if (user.uid() != 0) {
      steps.add(
          step("keep capabilities over the change of user", "prctl", PR_SET_KEEPCAPS, 1, 0, 0, 0));
    }
    steps.add(step("set group " + user.gid(), "setresgid", user.gid(), user.gid(), user.gid()));
    steps.add(step("set user " + user.uid(), "setresuid", user.uid(), user.uid(), user.uid()));
    if (caps != null) {
      steps.add(capset(user.uid(), caps));
      ambient(steps, caps);
    }
    int umask = user.umask() == null ? DEFAULT_UMASK : user.umask();
    steps.add(step("set the umask", "umask", umask));
    if (process.noNewPrivileges()) {
      steps.add(step("set no_new_privs", "prctl", PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
    }
  }

  /**
   * The hard limit of the runtime cannot be raised without CAP_SYS_RESOURCE; the process then keeps
   * what it inherits.
   */
  private static void rlimit(List<SyscallRecord> steps, OciSpec.Rlimit limit) {
    int number = Rlimits.NUMBERS.getOrDefault(limit.type(), -1);
    byte[] value = little(16).putLong(limit.soft()).putLong(limit.hard()).array();
    steps.add(
        step("set " + limit.type(), "prlimit64", 0, number, value, 0).tolerating(Errno.EPERM));
  }

  /** EINVAL: a capability that this kernel does not know. */
  private static void dropBounding(List<SyscallRecord> steps, long keep) {
    for (int i = 0; i < Capabilities.NAMES.size(); i++) {
      if ((keep & (1L << i)) == 0) {
        steps.add(
            step("drop " + Capabilities.NAMES.get(i), "prctl", PR_CAPBSET_DROP, i, 0, 0, 0)
                .tolerating(Errno.EINVAL));
      }
    }
  }

  private static SyscallRecord groups(List<Integer> gids) {
    byte[] list = new byte[Math.max(4, 4 * gids.size())];
    ByteBuffer.wrap(list)
        .order(ByteOrder.LITTLE_ENDIAN)
        .asIntBuffer()
        .put(gids.stream().mapToInt(g -> g).toArray());
    return step("set groups " + gids, "setgroups", gids.size(), list);
  }

  /**
   * A user other than root has only its ambient capabilities after execve; they must be permitted
   * and inheritable.
   */
  private static SyscallRecord capset(int uid, OciSpec.Capabilities caps) {
    long permitted = Capabilities.mask(caps.permitted());
    long effective = uid == 0 ? Capabilities.mask(caps.effective()) : permitted;
    long inheritable = Capabilities.mask(caps.inheritable()) | Capabilities.mask(caps.ambient());
    byte[] header = little(8).putInt(CAPABILITY_VERSION_3).putInt(0).array();
    byte[] sets = new byte[24];
    ByteBuffer out = ByteBuffer.wrap(sets).order(ByteOrder.LITTLE_ENDIAN);
    for (int shift = 0; shift <= 32; shift += 32) {
      out.putInt((int) (effective >>> shift));
      out.putInt((int) (permitted >>> shift));
      out.putInt((int) (inheritable >>> shift));
    }
    return step("set capabilities", "capset", header, sets);
  }

  private static void ambient(List<SyscallRecord> steps, OciSpec.Capabilities caps) {
    for (String name : caps.ambient()) {
      int number = Capabilities.NAMES.indexOf(name);
      steps.add(step("raise " + name, "prctl", PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, number, 0, 0));
    }
  }

  /**
   * One execve for each place that the program may be in; only the last one's failure ends the
   * child.
   */
  private static void execve(List<SyscallRecord> steps, OciSpec.Process process) {
    steps.add(step("unblock signals", "rt_sigprocmask", SIG_SETMASK, new byte[8], 0, 8));
    List<String> places = places(process);
    for (int i = 0; i < places.size(); i++) {
      SyscallRecord exec =
          step(
              "execute " + places.get(i),
              "execve",
              places.get(i),
              new Argument.Texts(process.args()),
              new Argument.Texts(process.env()));
      steps.add(
          i == places.size() - 1
              ? exec
              : exec.tolerating(Errno.ENOENT, Errno.ENOTDIR, Errno.EACCES));
    }
  }

  /** As execvp(3): a name with a slash is a path, another is looked for in PATH. */
  public static List<String> places(OciSpec.Process process) {
    String program = process.args().getFirst();
    if (program.contains("/")) {
      return List.of(program);
    }
    return java.util.Arrays.stream(path(process).split(":", -1))
        .map(d -> (d.isEmpty() ? "." : d) + "/" + program)
        .toList();
  }

  /** The value of PATH that is searched. */
  public static String path(OciSpec.Process process) {
    return process.env().stream()
        .filter(e -> e.startsWith("PATH="))
        .map(e -> e.substring("PATH=".length()))
        .reduce((first, last) -> last)
        .orElse(DEFAULT_PATH);
  }

  /** Goes to the working directory, made when it is missing. */
  static void workingDirectory(List<SyscallRecord> steps, String cwd) {
    Paths.directories(steps, cwd);
    steps.add(step("go to " + cwd, "chdir", cwd));
  }

  static ByteBuffer little(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Makes the steps' paths. */
  static final class Paths {
    private Paths() {}

    /** Each directory of the path that is missing; what exists stays. */
    static void directories(List<SyscallRecord> steps, String path) {
      for (int at = path.indexOf('/', 1); at > 0; at = path.indexOf('/', at + 1)) {
        steps.add(directory(path.substring(0, at)));
      }
      if (path.length() > 1) {
        steps.add(directory(path));
      }
    }

    private static SyscallRecord directory(String path) {
      return step("make directory " + path, "mkdirat", AT_FDCWD, path, 0755)
          .tolerating(Errno.EEXIST, Errno.EROFS);
    }

    /** An empty file to mount on, and the directories above it. */
    static void file(List<SyscallRecord> steps, String path) {
      int slash = path.lastIndexOf('/');
      if (slash > 0) {
        directories(steps, path.substring(0, slash));
      }
      int create = 0100 | 1 | 02000000;
      steps.add(
          step("make file " + path, "openat", AT_FDCWD, path, create, 0644)
              .tolerating(Errno.EISDIR, Errno.EROFS, Errno.EACCES, Errno.ENXIO));
    }
  }
}
