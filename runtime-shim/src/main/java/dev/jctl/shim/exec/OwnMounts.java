package dev.jctl.shim.exec;

import dev.jctl.shim.kernel.Kernel;
import dev.jctl.shim.kernel.MountTree;
import dev.jctl.shim.kernel.MountTree.Propagation;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;

/**
 * Mounts that only one thread sees, for kernels that know trees only by the paths where they are
 * attached. They go when that thread ends, so that nothing is left of them however it ends.
 */
final class OwnMounts {
  private static final int CLONE_NEWNS = 0x20000;

  private OwnMounts() {}

  /**
   * @param seen what is attached where, for the time of the work
   * @param work makes a tree that is not attached, which outlives the mounts
   */
  static MountTree during(Map<Path, MountTree> seen, Supplier<MountTree> work) {
    CompletableFuture<MountTree> done = new CompletableFuture<>();
    Thread.ofPlatform()
        .name("own mounts")
        .daemon()
        .start(() -> done.completeAsync(() -> attached(seen, work), Runnable::run));
    try {
      return done.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      throw e;
    }
  }

  private static MountTree attached(Map<Path, MountTree> seen, Supplier<MountTree> work) {
    Kernel.unshare(CLONE_NEWNS);
    Kernel.mount("", "/", "", Kernel.MS_PRIVATE | Kernel.MS_REC, "");
    seen.forEach(OwnMounts::attach);
    return work.get();
  }

  /** A copy of what is shared would have the others see what is mounted beneath it. */
  private static void attach(Path path, MountTree tree) {
    tree.propagate(Propagation.PRIVATE);
    tree.attach(path);
  }
}
