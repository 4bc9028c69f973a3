package dev.jctl.shim.kernel;

import org.jspecify.annotations.Nullable;

/**
 * The native functions that are used, by their C names. Callers use the classes around it, which
 * turn return codes into {@link KernelException}.
 *
 * <p>Called by jffi, which is what jnr-ffi stands on: written by hand, as jnr-ffi writes the code
 * of an interface at each start, which no cache keeps and takes a quarter of a second. Numbers go
 * as 64 bits whatever their type in C, as registers do; of a result of type int only the lower half
 * counts.
 */
public final class LibC {
  /** Loaded once; stateless but for errno, which is kept for each thread. */
  public static final LibC INSTANCE = new LibC();

  private final NativeFunction syscall = NativeFunction.of("syscall", 7);
  private final NativeFunction open = NativeFunction.of("open", 3);
  private final NativeFunction close = NativeFunction.of("close", 1);
  private final NativeFunction pipe2 = NativeFunction.of("pipe2", 2);
  private final NativeFunction socketpair = NativeFunction.of("socketpair", 4);
  private final NativeFunction read = NativeFunction.of("read", 3);
  private final NativeFunction write = NativeFunction.of("write", 3);
  private final NativeFunction mount = NativeFunction.of("mount", 5);
  private final NativeFunction umount2 = NativeFunction.of("umount2", 2);
  private final NativeFunction mkfifo = NativeFunction.of("mkfifo", 2);
  private final NativeFunction unshare = NativeFunction.of("unshare", 1);
  private final NativeFunction setns = NativeFunction.of("setns", 2);
  private final NativeFunction sethostname = NativeFunction.of("sethostname", 2);
  private final NativeFunction socket = NativeFunction.of("socket", 3);
  private final NativeFunction ioctl = NativeFunction.of("ioctl", 3);
  private final NativeFunction kill = NativeFunction.of("kill", 2);
  private final NativeFunction epollCreate1 = NativeFunction.of("epoll_create1", 1);
  private final NativeFunction epollCtl = NativeFunction.of("epoll_ctl", 4);
  private final NativeFunction epollWait = NativeFunction.of("epoll_wait", 4);
  private final NativeFunction eventfd = NativeFunction.of("eventfd", 2);
  private final NativeFunction splice = NativeFunction.of("splice", 6);
  private final NativeFunction fallocate = NativeFunction.of("fallocate", 4);
  private final NativeFunction waitid = NativeFunction.of("waitid", 4);
  private final NativeFunction openat = NativeFunction.of("openat", 4);
  private final NativeFunction mkdirat = NativeFunction.of("mkdirat", 3);
  private final NativeFunction mknodat = NativeFunction.of("mknodat", 4);
  private final NativeFunction symlinkat = NativeFunction.of("symlinkat", 3);
  private final NativeFunction linkat = NativeFunction.of("linkat", 5);
  private final NativeFunction unlinkat = NativeFunction.of("unlinkat", 3);
  private final NativeFunction fchownat = NativeFunction.of("fchownat", 5);
  private final NativeFunction fchmodat = NativeFunction.of("fchmodat", 4);
  private final NativeFunction utimensat = NativeFunction.of("utimensat", 4);
  private final NativeFunction fchown = NativeFunction.of("fchown", 3);
  private final NativeFunction fchmod = NativeFunction.of("fchmod", 2);
  private final NativeFunction futimens = NativeFunction.of("futimens", 2);
  private final NativeFunction fsetxattr = NativeFunction.of("fsetxattr", 5);
  private final NativeFunction lsetxattr = NativeFunction.of("lsetxattr", 5);
  private final NativeFunction lremovexattr = NativeFunction.of("lremovexattr", 2);
  private final NativeFunction llistxattr = NativeFunction.of("llistxattr", 3);
  private final NativeFunction lgetxattr = NativeFunction.of("lgetxattr", 4);
  private final NativeFunction syncfs = NativeFunction.of("syncfs", 1);
  private final NativeFunction bind = NativeFunction.of("bind", 3);
  private final NativeFunction setsockopt = NativeFunction.of("setsockopt", 5);
  private final NativeFunction send = NativeFunction.of("send", 4);
  private final NativeFunction recvmsg = NativeFunction.of("recvmsg", 3);
  private final NativeFunction fcntl = NativeFunction.of("fcntl", 3);

  private LibC() {}

  private static long address(@Nullable NativeMemory memory) {
    return memory == null ? 0 : memory.address();
  }

  private static @Nullable NativeMemory textOrNull(@Nullable String text) {
    return text == null ? null : NativeMemory.text(text);
  }

  /** For calls that libc has no wrapper for. Pointers go as addresses. */
  public long syscall(long number, long a, long b, long c, long d, long e, long f) {
    return syscall.call(number, a, b, c, d, e, f);
  }

  public int open(String path, int flags, int mode) {
    try (NativeMemory text = NativeMemory.text(path)) {
      return (int) open.call(text.address(), flags, mode);
    }
  }

  public int close(int fd) {
    return (int) close.call(fd);
  }

  public int pipe2(int[] fds, int flags) {
    try (NativeMemory both = NativeMemory.allocate(8)) {
      int result = (int) pipe2.call(both.address(), flags);
      both.copyTo(fds);
      return result;
    }
  }

  public int socketpair(int domain, int type, int protocol, int[] fds) {
    try (NativeMemory both = NativeMemory.allocate(8)) {
      int result = (int) socketpair.call(domain, type, protocol, both.address());
      both.copyTo(fds);
      return result;
    }
  }

  public long read(int fd, byte[] buffer, int count) {
    try (NativeMemory memory = NativeMemory.unfilled(count)) {
      long result = read.call(fd, memory.address(), count);
      memory.copyTo(buffer, (int) result);
      return result;
    }
  }

  public long write(int fd, byte[] buffer, int count) {
    try (NativeMemory memory = NativeMemory.of(buffer, count)) {
      return write.call(fd, memory.address(), count);
    }
  }

  public int mount(
      @Nullable String source,
      String target,
      @Nullable String type,
      long flags,
      @Nullable String data) {
    try (NativeMemory from = textOrNull(source);
        NativeMemory to = NativeMemory.text(target);
        NativeMemory kind = textOrNull(type);
        NativeMemory options = textOrNull(data)) {
      return (int) mount.call(address(from), to.address(), address(kind), flags, address(options));
    }
  }

  public int umount2(String target, int flags) {
    try (NativeMemory text = NativeMemory.text(target)) {
      return (int) umount2.call(text.address(), flags);
    }
  }

  public int mkfifo(String path, int mode) {
    try (NativeMemory text = NativeMemory.text(path)) {
      return (int) mkfifo.call(text.address(), mode);
    }
  }

  public int unshare(int flags) {
    return (int) unshare.call(flags);
  }

  public int setns(int fd, int flags) {
    return (int) setns.call(fd, flags);
  }

  public int sethostname(String name, long length) {
    try (NativeMemory text = NativeMemory.text(name)) {
      return (int) sethostname.call(text.address(), length);
    }
  }

  public int socket(int domain, int type, int protocol) {
    return (int) socket.call(domain, type, protocol);
  }

  public int ioctl(int fd, long request, NativeMemory argument) {
    return (int) ioctl.call(fd, request, argument.address());
  }

  public int kill(int pid, int signal) {
    return (int) kill.call(pid, signal);
  }

  public int epoll_create1(int flags) {
    return (int) epollCreate1.call(flags);
  }

  public int epoll_ctl(int epoll, int operation, int fd, NativeMemory event) {
    return (int) epollCtl.call(epoll, operation, fd, event.address());
  }

  public int epoll_wait(int epoll, NativeMemory events, int capacity, int timeoutMillis) {
    return (int) epollWait.call(epoll, events.address(), capacity, timeoutMillis);
  }

  public int eventfd(int initial, int flags) {
    return (int) eventfd.call(initial, flags);
  }

  public long splice(
      int in,
      @Nullable NativeMemory inOffset,
      int out,
      NativeMemory outOffset,
      long count,
      int flags) {
    return splice.call(in, address(inOffset), out, outOffset.address(), count, flags);
  }

  public int fallocate(int fd, int mode, long offset, long length) {
    return (int) fallocate.call(fd, mode, offset, length);
  }

  public int waitid(int type, int id, NativeMemory information, int options) {
    return (int) waitid.call(type, id, information.address(), options);
  }

  public int openat(int directory, String path, int flags, int mode) {
    try (NativeMemory text = NativeMemory.text(path)) {
      return (int) openat.call(directory, text.address(), flags, mode);
    }
  }

  public int mkdirat(int directory, String path, int mode) {
    try (NativeMemory text = NativeMemory.text(path)) {
      return (int) mkdirat.call(directory, text.address(), mode);
    }
  }

  public int mknodat(int directory, String path, int mode, long device) {
    try (NativeMemory text = NativeMemory.text(path)) {
      return (int) mknodat.call(directory, text.address(), mode, device);
    }
  }

  public int symlinkat(String target, int directory, String path) {
    try (NativeMemory from = NativeMemory.text(target);
        NativeMemory to = NativeMemory.text(path)) {
      return (int) symlinkat.call(from.address(), directory, to.address());
    }
  }

  public int linkat(int fromDirectory, String from, int toDirectory, String to, int flags) {
    try (NativeMemory old = NativeMemory.text(from);
        NativeMemory fresh = NativeMemory.text(to)) {
      return (int) linkat.call(fromDirectory, old.address(), toDirectory, fresh.address(), flags);
    }
  }

  public int unlinkat(int directory, String path, int flags) {
    try (NativeMemory text = NativeMemory.text(path)) {
      return (int) unlinkat.call(directory, text.address(), flags);
    }
  }

  public int fchownat(int directory, String path, int uid, int gid, int flags) {
    try (NativeMemory text = NativeMemory.text(path)) {
      return (int) fchownat.call(directory, text.address(), uid, gid, flags);
    }
  }

  public int fchmodat(int directory, String path, int mode, int flags) {
    try (NativeMemory text = NativeMemory.text(path)) {
      return (int) fchmodat.call(directory, text.address(), mode, flags);
    }
  }

  public int utimensat(int directory, String path, NativeMemory times, int flags) {
    try (NativeMemory text = NativeMemory.text(path)) {
      return (int) utimensat.call(directory, text.address(), times.address(), flags);
    }
  }

  public int fchown(int fd, int uid, int gid) {
    return (int) fchown.call(fd, uid, gid);
  }

  public int fchmod(int fd, int mode) {
    return (int) fchmod.call(fd, mode);
  }

  public int futimens(int fd, NativeMemory times) {
    return (int) futimens.call(fd, times.address());
  }

  public int fsetxattr(int fd, String name, byte[] value, int size, int flags) {
    try (NativeMemory key = NativeMemory.text(name);
        NativeMemory content = NativeMemory.of(value, size)) {
      return (int) fsetxattr.call(fd, key.address(), content.address(), size, flags);
    }
  }

  public int lsetxattr(String path, String name, byte[] value, int size, int flags) {
    try (NativeMemory file = NativeMemory.text(path);
        NativeMemory key = NativeMemory.text(name);
        NativeMemory content = NativeMemory.of(value, size)) {
      return (int) lsetxattr.call(file.address(), key.address(), content.address(), size, flags);
    }
  }

  public int lremovexattr(String path, String name) {
    try (NativeMemory file = NativeMemory.text(path);
        NativeMemory key = NativeMemory.text(name)) {
      return (int) lremovexattr.call(file.address(), key.address());
    }
  }

  /**
   * @param names null to learn their length only
   */
  public long llistxattr(String path, byte @Nullable [] names) {
    int size = names == null ? 0 : names.length;
    try (NativeMemory file = NativeMemory.text(path);
        NativeMemory list = NativeMemory.unfilled(size)) {
      long result = llistxattr.call(file.address(), size == 0 ? 0 : list.address(), size);
      if (names != null) {
        list.copyTo(names, (int) result);
      }
      return result;
    }
  }

  public long lgetxattr(String path, String name, byte[] value) {
    try (NativeMemory file = NativeMemory.text(path);
        NativeMemory key = NativeMemory.text(name);
        NativeMemory content = NativeMemory.unfilled(value.length)) {
      long result = lgetxattr.call(file.address(), key.address(), content.address(), value.length);
      content.copyTo(value, (int) result);
      return result;
    }
  }

  public int syncfs(int fd) {
    return (int) syncfs.call(fd);
  }

  public int bind(int fd, NativeMemory address, int length) {
    return (int) bind.call(fd, address.address(), length);
  }

  public int setsockopt(int fd, int level, int option, NativeMemory value, int length) {
    return (int) setsockopt.call(fd, level, option, value.address(), length);
  }

  public long send(int fd, NativeMemory bytes, long length, int flags) {
    return send.call(fd, bytes.address(), length, flags);
  }

  public long recvmsg(int fd, NativeMemory header, int flags) {
    return recvmsg.call(fd, header.address(), flags);
  }

  public int fcntl(int fd, int command, long argument) {
    return (int) fcntl.call(fd, command, argument);
  }
}
