package dev.jctl.shim.exec;

import dev.jctl.shim.kernel.Kernel;
import dev.jctl.shim.kernel.NativeMemory;
import java.util.ArrayList;
import java.util.List;

/** Descriptors that are open for the time of one launch. */
final class Descriptors implements AutoCloseable {
  private static final int AT_FDCWD = -100;
  private static final int AT_RECURSIVE = 0x8000;
  private static final int OPEN_TREE_CLONE = 1;

  private final List<Integer> open = new ArrayList<>();

  int open(String path, int flags) {
    return keep(Kernel.open(path, flags, 0));
  }

  /** A detached copy of the mounts at {@code path}, open_tree(2). */
  int tree(String path) {
    NativeMemory text = NativeMemory.text(path);
    int flags = OPEN_TREE_CLONE | AT_RECURSIVE | Kernel.O_CLOEXEC;
    return keep(
        (int)
            Kernel.syscall(
                "open_tree", AT_FDCWD, text.address(), flags, 0, 0, 0, "open_tree " + path));
  }

  int keep(int fd) {
    open.add(fd);
    return fd;
  }

  @Override
  public void close() {
    open.reversed().forEach(Kernel::close);
  }
}
