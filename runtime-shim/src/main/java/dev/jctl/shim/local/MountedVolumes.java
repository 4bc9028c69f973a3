package dev.jctl.shim.local;

import dev.jctl.shim.kernel.Kernel;
import dev.jctl.shim.kernel.KernelException;
import dev.jctl.shim.spec.Observed;
import dev.jctl.shim.spec.Observed.VolumeUsage.Limit;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;

/** What volumes that are file systems of their own have in common. */
final class MountedVolumes {
  private MountedVolumes() {}

  static Observed.VolumeUsage usage(Path path) {
    try {
      FileStore store = Files.getFileStore(path);
      long total = store.getTotalSpace();
      return new Observed.VolumeUsage(total - store.getUsableSpace(), total, Limit.FILE_SYSTEM);
    } catch (IOException e) {
      throw Failures.of("measure " + path, e);
    }
  }

  /** With the directory that it is mounted on. */
  static void unmount(Path path) {
    try {
      if (Devices.isMounted(path)) {
        Kernel.umount(path.toString(), Kernel.MNT_DETACH);
      }
    } catch (KernelException e) {
      throw Failures.of("unmount " + path, e);
    }
    RecordFiles.deleteTree(path);
  }
}
