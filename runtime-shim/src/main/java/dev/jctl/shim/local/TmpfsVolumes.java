package dev.jctl.shim.local;

import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.RuntimeFailure.Reason;
import dev.jctl.shim.kernel.Errno;
import dev.jctl.shim.kernel.Kernel;
import dev.jctl.shim.kernel.KernelException;
import dev.jctl.shim.observe.FileIdentity;
import dev.jctl.shim.spec.VolumeSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** Memory, mounted below the run directory; empty again after a reboot. */
final class TmpfsVolumes implements MountedVolumes {
  private static final long FLAGS = Kernel.MS_NOSUID | Kernel.MS_NODEV;

  /** Mounts one again from where a container still has it. */
  interface Regain {
    /**
     * @return whether a container had it
     */
    boolean regain(String id, Path path, FileIdentity root);
  }

  private final Places places;
  private final RecordFiles records;
  private final Regain regain;

  TmpfsVolumes(Places places, RecordFiles records, Regain regain) {
    this.places = places;
    this.records = records;
    this.regain = regain;
  }

  @Override
  public Places places() {
    return places;
  }

  @Override
  public void make(VolumeSpec volume) {
    Path path = path(volume.id());
    try {
      if (!isPresent(volume.id())) {
        mountPoint(volume.id());
        if (!regained(volume.id(), path)) {
          Kernel.mount("tmpfs", path.toString(), "tmpfs", FLAGS, "mode=777," + size(volume));
        }
      } else {
        resize(volume, path);
      }
      remember(volume.id(), FileIdentity.of(path));
    } catch (KernelException e) {
      throw Failures.of("volume " + volume.id(), e);
    } catch (IOException e) {
      throw Failures.of("volume " + volume.id(), e);
    }
  }

  private boolean regained(String id, Path path) {
    return root(id).filter(root -> regain.regain(id, path, root)).isPresent();
  }

  /** Of the last one that was mounted, also by an earlier process. */
  private Optional<FileIdentity> root(String id) {
    return records.read(places.volumeRoot(id), FileIdentity.class);
  }

  private void remember(String id, FileIdentity root) {
    if (!root(id).equals(Optional.of(root))) {
      records.write(places.volumeRoot(id), root);
    }
  }

  /** As the kernel does by itself when nothing is said, tmpfs(5). */
  private static String size(VolumeSpec volume) {
    return "size=" + (volume.sizeBytes() > 0 ? volume.sizeBytes() : "50%");
  }

  private static void resize(VolumeSpec volume, Path path) {
    try {
      Kernel.mount(null, path.toString(), null, FLAGS | Kernel.MS_REMOUNT, size(volume));
    } catch (KernelException e) {
      throw e.is(Errno.EINVAL) ? tooSmall(volume) : e;
    }
  }

  private static RuntimeFailure tooSmall(VolumeSpec volume) {
    return new RuntimeFailure(
        Reason.INVALID,
        "volume %s stays as large as it was: there is more in it than %d bytes; remove some of"
                .formatted(volume.id(), volume.sizeBytes())
            + " that, or ask for more");
  }

  @Override
  public void remove(VolumeSpec volume) {
    unmount(volume.id());
    RecordFiles.delete(places.volumeRoot(volume.id()));
  }
}
