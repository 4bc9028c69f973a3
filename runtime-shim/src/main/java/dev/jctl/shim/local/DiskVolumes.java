package dev.jctl.shim.local;

import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.RuntimeFailure.Reason;
import dev.jctl.shim.io.Tool;
import dev.jctl.shim.kernel.Kernel;
import dev.jctl.shim.kernel.KernelException;
import dev.jctl.shim.kernel.LoopDevice;
import dev.jctl.shim.observe.Mounts;
import dev.jctl.shim.spec.VolumeSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Each a file system (ext4) in a file of its size, so that what is full is it alone: whoever writes
 * to it gets ENOSPC, whatever file system the data directory is on. The file has holes where
 * nothing was written.
 */
record DiskVolumes(Places places) implements MountedVolumes {
  /** Below that there is no room for a journal. */
  static final long MIN_BYTES = 8L << 20;

  private static final long FLAGS = Kernel.MS_NOSUID | Kernel.MS_NODEV;

  @Override
  public void make(VolumeSpec volume) {
    Path file = places.diskFile(volume.id());
    if (volume.sizeBytes() < MIN_BYTES) {
      throw new RuntimeFailure(
          Reason.INVALID,
          "volume " + volume.id() + " is a disk and needs a capacity of at least 8Mi");
    }
    if (!Files.exists(file)) {
      format(file, volume.sizeBytes());
    }
    mount(volume.id(), file);
    resize(volume, file);
  }

  /** Its name is there when it is whole. */
  private void format(Path file, long bytes) {
    RecordFiles.makePrivateDirectory(places.disks());
    Path fresh = file.resolveSibling("." + file.getFileName() + ".new");
    try {
      Files.deleteIfExists(fresh);
      extend(fresh, bytes);
      Tool.run(
          List.of(
              "mkfs.ext4", "-q", "-F", "-m", "0", "-E", "lazy_itable_init=1", fresh.toString()));
      Files.move(fresh, file);
    } catch (IOException e) {
      throw Failures.of("make " + file, e);
    } finally {
      RecordFiles.delete(fresh);
    }
  }

  /** NO_SPACE: no file can be as large there, though it has holes. */
  private static void extend(Path file, long bytes) {
    try (var channel = new java.io.RandomAccessFile(file.toFile(), "rw")) {
      channel.setLength(bytes);
    } catch (IOException e) {
      throw new RuntimeFailure(
          Reason.NO_SPACE,
          "%s cannot have a file of %d bytes (%s); ask for less as the capacity"
              .formatted(file.getParent(), bytes, e.getMessage()),
          e);
    }
  }

  private void mount(String id, Path file) {
    if (isPresent(id)) {
      return;
    }
    Path path = mountPoint(id);
    // a second device for the same blocks would be a second file system that writes to them
    try (LoopDevice device = LoopDevice.existing(file).orElseGet(() -> LoopDevice.of(file))) {
      Kernel.mount(device.path().toString(), path.toString(), "ext4", FLAGS, null);
      // databases want an empty directory to begin with
      Files.deleteIfExists(path.resolve("lost+found"));
      LocalVolumes.openToAll(path);
    } catch (KernelException e) {
      throw Failures.of("volume " + id, e);
    } catch (IOException e) {
      throw Failures.of("volume " + id, e);
    }
  }

  private void resize(VolumeSpec volume, Path file) {
    try {
      long before = Files.size(file);
      if (volume.sizeBytes() < before) {
        throw refused(volume, before, "it cannot become smaller");
      }
      if (volume.sizeBytes() > before) {
        grow(volume, file, before);
      }
    } catch (IOException e) {
      throw Failures.of("resize volume " + volume.id(), e);
    } catch (KernelException e) {
      throw Failures.of("resize volume " + volume.id(), e);
    }
  }

  private void grow(VolumeSpec volume, Path file, long before) throws IOException {
    String device = Mounts.source(path(volume.id()));
    try {
      extend(file, volume.sizeBytes());
    } catch (RuntimeFailure e) {
      throw refused(volume, before, String.valueOf(e.getMessage()));
    }
    LoopDevice.resize(device);
    try {
      Tool.run(List.of("resize2fs", device));
    } catch (RuntimeFailure e) {
      extend(file, before);
      LoopDevice.resize(device);
      throw refused(volume, before, e.getMessage() + " (that takes CAP_SYS_RESOURCE)");
    }
  }

  private static RuntimeFailure refused(VolumeSpec volume, long before, String why) {
    return new RuntimeFailure(
        Reason.INVALID,
        "volume %s stays a disk of %d bytes: %s; make another Volume of %d bytes with"
                .formatted(volume.id(), before, why, volume.sizeBytes())
            + " spec.source.volume, and let its users mount that");
  }

  @Override
  public void remove(VolumeSpec volume) {
    unmount(volume.id());
    RecordFiles.delete(places.diskFile(volume.id()));
  }

  @Override
  public void release(VolumeSpec volume) {
    unmount(volume.id());
  }
}
