package dev.jctl.shim.local;

import dev.jctl.shim.kernel.Kernel;
import dev.jctl.shim.kernel.KernelException;
import dev.jctl.shim.observe.FileIdentity;
import dev.jctl.shim.spec.VolumeSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

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
  private final Regain regain;
  private final Map<String, FileIdentity> roots = new ConcurrentHashMap<>();

  TmpfsVolumes(Places places, Regain regain) {
    this.places = places;
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
        FileIdentity root = roots.get(volume.id());
        if (root == null || !regain.regain(volume.id(), path, root)) {
          Kernel.mount("tmpfs", path.toString(), "tmpfs", FLAGS, "mode=777" + size(volume));
        }
      } else if (volume.sizeBytes() > 0) {
        // refused by the kernel when there is more in it
        Kernel.mount(
            null, path.toString(), null, FLAGS | Kernel.MS_REMOUNT, size(volume).substring(1));
      }
      roots.put(volume.id(), FileIdentity.of(path));
    } catch (KernelException e) {
      throw Failures.of("volume " + volume.id(), e);
    } catch (IOException e) {
      throw Failures.of("volume " + volume.id(), e);
    }
  }

  private static String size(VolumeSpec volume) {
    return volume.sizeBytes() > 0 ? ",size=" + volume.sizeBytes() : "";
  }

  @Override
  public void remove(VolumeSpec volume) {
    roots.remove(volume.id());
    unmount(volume.id());
  }
}
