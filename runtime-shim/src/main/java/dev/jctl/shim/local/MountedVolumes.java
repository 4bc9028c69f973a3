package dev.jctl.shim.local;

import dev.jctl.shim.kernel.Kernel;
import dev.jctl.shim.kernel.KernelException;
import dev.jctl.shim.observe.Mounts;
import dev.jctl.shim.spec.Observed;
import dev.jctl.shim.spec.Observed.VolumeUsage.Limit;
import dev.jctl.shim.spec.VolumeSpec;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;

/** Volumes that are mounted below the run directory, and which others may unmount. */
interface MountedVolumes extends VolumeDriver {
  Places places();

  @Override
  default Path path(String id) {
    return places().mountedVolume(id);
  }

  @Override
  default boolean isPresent(String id) {
    return Devices.isMounted(path(id));
  }

  /**
   * The same by the list of mounts, which takes longer, but asks no file system, which may hang,
   * and knows directories of one that are mounted elsewhere.
   */
  default boolean isListed(String id) {
    Path path = path(id);
    try {
      return Mounts.isPoint(path);
    } catch (IOException e) {
      throw Failures.of("look for a mount on " + path, e);
    }
  }

  @Override
  default Observed.VolumeUsage usage(VolumeSpec volume) {
    Path path = path(volume.id());
    try {
      FileStore store = Files.getFileStore(path);
      long total = store.getTotalSpace();
      return new Observed.VolumeUsage(total - store.getUsableSpace(), total, Limit.FILE_SYSTEM);
    } catch (IOException e) {
      throw Failures.of("measure " + path, e);
    }
  }

  /** The directory to mount on. */
  default Path mountPoint(String id) {
    RecordFiles.makePrivateDirectory(places().mountedVolumes());
    return RecordFiles.makeDirectories(path(id));
  }

  /** With the directory that it is mounted on, which is empty then, or stays. */
  default void unmount(String id) {
    Path path = path(id);
    try {
      while (isPresent(id)) {
        Kernel.umount(path.toString(), Kernel.MNT_DETACH);
      }
    } catch (KernelException e) {
      throw Failures.of("unmount " + path, e);
    }
    RecordFiles.delete(path);
  }
}
