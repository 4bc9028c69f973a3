package dev.jctl.shim.kernel;

import java.util.Arrays;
import java.util.Map;

/**
 * A file that has just been made, open for writing. What is done to it is done to the file itself,
 * whatever becomes of its name.
 */
public final class NewFile implements AutoCloseable {
  private final int fd;
  private final String path;

  NewFile(int fd, String path) {
    this.fd = fd;
    this.path = path;
  }

  /** All of it, at the end. */
  public void write(byte[] bytes) {
    byte[] rest = bytes;
    while (rest.length > 0) {
      long count = LibC.INSTANCE.write(fd, rest, rest.length);
      if (count < 0 && Kernel.errno() != Errno.EINTR.number()) {
        throw new KernelException("write " + path, Kernel.errno());
      }
      int written = (int) Math.max(0, count);
      rest = written == rest.length ? new byte[0] : Arrays.copyOfRange(rest, written, rest.length);
    }
  }

  public void changeOwner(int uid, int gid) {
    check(LibC.INSTANCE.fchown(fd, uid, gid), "chown");
  }

  public void changeMode(int mode) {
    check(LibC.INSTANCE.fchmod(fd, mode), "chmod");
  }

  public void changeTime(long mtimeNanos) {
    try (NativeMemory times = NativeTimes.both(mtimeNanos)) {
      check(LibC.INSTANCE.futimens(fd, times), "utimens");
    }
  }

  public void setAttributes(Map<String, byte[]> attributes) {
    attributes.forEach(
        (key, value) ->
            check(LibC.INSTANCE.fsetxattr(fd, key, value, value.length, 0), "setxattr " + key));
  }

  private void check(long result, String call) {
    if (result < 0) {
      throw new KernelException(call + " " + path, Kernel.errno());
    }
  }

  @Override
  public void close() {
    Kernel.close(fd);
  }
}
