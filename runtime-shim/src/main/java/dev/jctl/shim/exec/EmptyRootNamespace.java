package dev.jctl.shim.exec;

import dev.jctl.shim.kernel.Kernel;
import dev.jctl.shim.kernel.KernelException;
import dev.jctl.shim.kernel.MountTree;
import dev.jctl.shim.kernel.NamespaceThreads;
import dev.jctl.shim.kernel.NativeMemory;
import dev.jctl.shim.plan.EmptyRoot;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the mount namespace of {@link EmptyRoot}. It is there as long as its descriptor is open.
 */
final class EmptyRootNamespace {
  private static final Logger LOG = LoggerFactory.getLogger(EmptyRootNamespace.class);
  private static final int CLONE_NEWNS = 0x20000;
  private static final int S_IFCHR = 0020000;
  private static final long NULL = 1 << 8 | 3;

  private EmptyRootNamespace() {}

  /**
   * Its descriptor; none where it cannot be made: containers then begin in the host's mounts.
   *
   * @param hierarchies of cgroup v1, by their mount data
   */
  static OptionalInt make(NamespaceThreads threads, List<String> hierarchies) {
    AtomicInteger descriptor = new AtomicInteger();
    try {
      threads.run("empty root", () -> descriptor.set(leaveMounts(hierarchies)));
      return OptionalInt.of(descriptor.get());
    } catch (KernelException e) {
      LOG.info("containers begin in copies of the host's mounts: {}", e.getMessage());
      return OptionalInt.empty();
    }
  }

  /** To be called on a thread that ends with it. */
  private static int leaveMounts(List<String> hierarchies) {
    Kernel.unshare(CLONE_NEWNS);
    Kernel.mount("", "/", "", Kernel.MS_PRIVATE | Kernel.MS_REC, "");
    int namespace = Kernel.open("/proc/thread-self/ns/mnt", Kernel.O_RDONLY, 0);
    // as many inodes as there will be, with that of the root: nobody puts anything into it
    String inodes = "nr_inodes=" + (4 + hierarchies.size());
    try (MountTree root = MountTree.tmpfs(List.of("size=4k", inodes, "mode=555"))) {
      makeNull(root);
      makeDirectory(root, EmptyRoot.NOTHING_IN_IT);
      makeDirectory(root, EmptyRoot.CGROUPS);
      hierarchies.forEach(
          h -> makeDirectory(root, EmptyRoot.CGROUPS + "/" + EmptyRoot.hierarchyName(h)));
      root.makeReadOnly();
      root.attach(Path.of("/proc")); // any directory, of this namespace
      changeRoot(root);
    } catch (RuntimeException e) {
      Kernel.close(namespace);
      throw e;
    }
    return namespace;
  }

  private static void makeNull(MountTree root) {
    try (NativeMemory name = NativeMemory.text(EmptyRoot.NULL_DEVICE.substring(1))) {
      long address = name.address();
      Kernel.syscall("mknodat", root.fd(), address, S_IFCHR, NULL, 0, 0, "mknod null");
      Kernel.syscall("fchmodat", root.fd(), address, 0666, 0, 0, 0, "chmod null");
    }
  }

  private static void makeDirectory(MountTree root, String path) {
    try (NativeMemory name = NativeMemory.text(path.substring(1))) {
      Kernel.syscall("mkdirat", root.fd(), name.address(), 0755, 0, 0, 0, "mkdir " + path);
    }
  }

  private static void changeRoot(MountTree root) {
    try (NativeMemory here = NativeMemory.text(".")) {
      long address = here.address();
      Kernel.syscall("fchdir", root.fd(), 0, 0, 0, 0, 0, "chdir to an empty root");
      Kernel.syscall("pivot_root", address, address, 0, 0, 0, 0, "change to an empty root");
      Kernel.umount(".", Kernel.MNT_DETACH);
    }
  }
}
