package dev.jctl.shim.kernel;

import jnr.ffi.LibraryLoader;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;
import org.jspecify.annotations.Nullable;

/**
 * The native functions that are used, by their C names. Callers use the classes around it, which
 * turn return codes into {@link KernelException}.
 */
public interface LibC {
  /** Loaded once; stateless but for errno, which is kept for each thread. */
  LibC INSTANCE = LibraryLoader.create(LibC.class).failImmediately().load("c");

  static Runtime runtime() {
    return Runtime.getRuntime(INSTANCE);
  }

  /** For calls that libc has no wrapper for. Pointers go as addresses. */
  long syscall(long number, long a, long b, long c, long d, long e, long f);

  int open(String path, int flags, int mode);

  int close(int fd);

  int pipe2(int[] fds, int flags);

  int socketpair(int domain, int type, int protocol, int[] fds);

  long read(int fd, byte[] buffer, long count);

  long write(int fd, byte[] buffer, long count);

  int mount(
      @Nullable String source,
      String target,
      @Nullable String type,
      long flags,
      @Nullable String data);

  int umount2(String target, int flags);

  int mkdir(String path, int mode);

  int mkfifo(String path, int mode);

  int unshare(int flags);

  int setns(int fd, int flags);

  int sethostname(String name, long length);

  int socket(int domain, int type, int protocol);

  int ioctl(int fd, long request, Pointer argument);

  int kill(int pid, int signal);

  int epoll_create1(int flags);

  int epoll_ctl(int epoll, int operation, int fd, Pointer event);

  int epoll_wait(int epoll, Pointer events, int capacity, int timeoutMillis);

  int eventfd(int initial, int flags);

  long splice(
      int in, @Nullable Pointer inOffset, int out, Pointer outOffset, long count, int flags);

  int fallocate(int fd, int mode, long offset, long length);

  int waitid(int type, int id, Pointer information, int options);

  int openat(int directory, String path, int flags, int mode);

  int mkdirat(int directory, String path, int mode);

  int mknodat(int directory, String path, int mode, long device);

  int symlinkat(String target, int directory, String path);

  int linkat(int fromDirectory, String from, int toDirectory, String to, int flags);

  int unlinkat(int directory, String path, int flags);

  int fchownat(int directory, String path, int uid, int gid, int flags);

  int fchmodat(int directory, String path, int mode, int flags);

  int fchown(int fd, int uid, int gid);

  int fchmod(int fd, int mode);

  int utimensat(int directory, @Nullable String path, Pointer times, int flags);

  int lsetxattr(String path, String name, byte[] value, long size, int flags);

  long llistxattr(String path, byte @Nullable [] names, long size);

  long lgetxattr(String path, String name, byte @Nullable [] value, long size);

  int syncfs(int fd);

  int bind(int fd, Pointer address, int length);

  int setsockopt(int fd, int level, int option, Pointer value, int length);

  long send(int fd, Pointer bytes, long length, int flags);

  long recvmsg(int fd, Pointer header, int flags);

  int fcntl(int fd, int command, long argument);
}
