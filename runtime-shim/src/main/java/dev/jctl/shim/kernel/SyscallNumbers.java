package dev.jctl.shim.kernel;

import java.util.HashMap;
import java.util.Map;

/**
 * Numbers of system calls by name, for the two architectures that are supported. From 424 on they
 * are the same everywhere.
 *
 * @see <a
 *     href="https://github.com/torvalds/linux/blob/master/arch/x86/entry/syscalls/syscall_64.tbl">syscall_64.tbl</a>
 */
public final class SyscallNumbers {
  // name, x86-64, aarch64 (-1: not there)
  private static final String TABLE =
      """
      read 0 63
      write 1 64
      close 3 57
      rt_sigprocmask 14 135
      ioctl 16 29
      getpid 39 172
      exit 60 93
      fchdir 81 50
      chdir 80 49
      umask 95 166
      setpgid 109 154
      setsid 112 157
      setgroups 116 159
      setresuid 117 147
      setresgid 119 149
      capset 126 91
      pivot_root 155 41
      prctl 157 167
      mount 165 40
      umount2 166 39
      sethostname 170 161
      setdomainname 171 162
      exit_group 231 94
      waitid 247 95
      keyctl 250 219
      openat 257 56
      mkdirat 258 34
      mknodat 259 33
      fchownat 260 54
      symlinkat 266 36
      fchmodat 268 53
      unshare 272 97
      splice 275 76
      tee 276 77
      epoll_create1 291 20
      dup3 292 24
      prlimit64 302 261
      setns 308 268
      seccomp 317 277
      execve 59 221
      pidfd_send_signal 424 424
      open_tree 428 428
      move_mount 429 429
      fsopen 430 430
      fsconfig 431 431
      fsmount 432 432
      pidfd_open 434 434
      clone3 435 435
      close_range 436 436
      openat2 437 437
      pidfd_getfd 438 438
      mount_setattr 442 442
      """;
  private static final Map<String, Integer> NUMBERS = parse(System.getProperty("os.arch"));

  private SyscallNumbers() {}

  private static Map<String, Integer> parse(String architecture) {
    int column = architecture.equals("aarch64") ? 2 : 1;
    Map<String, Integer> numbers = new HashMap<>();
    TABLE
        .lines()
        .map(l -> l.split(" "))
        .forEach(w -> numbers.put(w[0], Integer.parseInt(w[column])));
    return Map.copyOf(numbers);
  }

  public static int of(String name) {
    Integer number = NUMBERS.get(name);
    if (number == null) {
      throw new IllegalArgumentException("system call " + name + " is not in the table");
    }
    return number;
  }
}
