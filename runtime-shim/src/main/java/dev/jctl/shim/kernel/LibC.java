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
}
