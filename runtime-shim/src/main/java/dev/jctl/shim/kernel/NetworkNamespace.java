package dev.jctl.shim.kernel;

import dev.jctl.shim.kernel.NamespaceThreads.Afterwards;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/** Doing something as a member of another network namespace. */
public final class NetworkNamespace {
  static final int CLONE_NEWNET = 0x40000000;

  private static final NamespaceThreads THREADS = new NamespaceThreads(Afterwards.COME_BACK, 1);

  private NetworkNamespace() {}

  /**
   * Runs on a platform thread that joins the namespace and leaves it afterwards: sockets opened
   * there belong to it for good.
   *
   * @param namespace a file such as {@code /proc/PID/ns/net} or a bind mount of one
   * @param work is given an open descriptor of the namespace, valid until it returns
   */
  public static <T> T enter(Path namespace, IntFunction<T> work) {
    List<T> result = new ArrayList<>(1);
    THREADS.run("netns", () -> result.add(joined(namespace, work)));
    return result.getFirst();
  }

  private static <T> T joined(Path namespace, IntFunction<T> work) {
    int fd = Kernel.open(namespace.toString(), Kernel.O_RDONLY, 0);
    try {
      Kernel.setns(fd, CLONE_NEWNET, namespace.toString());
      return work.apply(fd);
    } finally {
      Kernel.close(fd);
    }
  }
}
