package dev.jctl.shim.local;

import dev.jctl.shim.kernel.Kernel;
import dev.jctl.shim.kernel.KernelException;
import dev.jctl.shim.spec.Observed;
import dev.jctl.shim.spec.VolumeSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Volumes on disk or in memory. Who uses them is the caller's affair. */
final class Volumes {
  private static final Logger LOG = LoggerFactory.getLogger(Volumes.class);

  private final Places places;
  private final RecordFiles records;
  private final ConcurrentHashMap<String, VolumeSpec> known = new ConcurrentHashMap<>();

  Volumes(Places places, RecordFiles records) {
    this.places = places;
    this.records = records;
    RecordFiles.makeDirectories(places.volumeRecords());
  }

  /** Takes over what is on disk; tmpfs volumes that are gone with the last boot come back empty. */
  void adopt() {
    for (VolumeSpec volume : records.readAll(places.volumeRecords(), VolumeSpec.class)) {
      try {
        make(volume);
        known.put(volume.id(), volume);
      } catch (RuntimeException e) {
        LOG.warn("volume {}: {}", volume.id(), e.getMessage());
      }
    }
  }

  Observed.Volume ensure(VolumeSpec volume) {
    make(volume);
    if (!volume.equals(known.get(volume.id()))) {
      records.writeDurably(places.volumeRecord(volume.id()), volume);
      known.put(volume.id(), volume);
    }
    return observe(volume);
  }

  private void make(VolumeSpec volume) {
    Path path = path(volume);
    boolean fresh = !Files.exists(path);
    if (fresh) {
      RecordFiles.makePrivateDirectory(path.resolveSibling(""));
      RecordFiles.makeDirectories(path);
    }
    switch (volume.driver()) {
      case LOCAL -> {
        if (fresh) {
          openToAll(path);
        }
      }
      case TMPFS -> mountTmpfs(volume, path);
    }
  }

  /** Whatever user a container has, as with the volumes of Kubernetes. */
  private static void openToAll(Path path) {
    try {
      Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxrwxrwx"));
    } catch (IOException e) {
      throw Failures.of("chmod " + path, e);
    }
  }

  private static void mountTmpfs(VolumeSpec volume, Path path) {
    if (isMounted(path)) {
      return;
    }
    String size = volume.sizeBytes() > 0 ? ",size=" + volume.sizeBytes() : "";
    try {
      Kernel.mount(
          "tmpfs", path.toString(), "tmpfs", Kernel.MS_NOSUID | Kernel.MS_NODEV, "mode=777" + size);
    } catch (KernelException e) {
      throw Failures.of("volume " + volume.id(), e);
    }
  }

  private static boolean isMounted(Path path) {
    return Devices.differ(path, path.resolveSibling("."));
  }

  private Path path(VolumeSpec volume) {
    return switch (volume.driver()) {
      case LOCAL -> places.localVolume(volume.id());
      case TMPFS -> places.tmpfsVolume(volume.id());
    };
  }

  private Observed.Volume observe(VolumeSpec volume) {
    Path path = path(volume);
    boolean present =
        switch (volume.driver()) {
          case LOCAL -> Files.isDirectory(path);
          case TMPFS -> isMounted(path);
        };
    return new Observed.Volume(volume, path.toString(), present);
  }

  List<Observed.Volume> observe() {
    return known.values().stream().map(this::observe).toList();
  }

  /** Where it is; NOT_FOUND when there is none. */
  Path require(String id) {
    VolumeSpec volume = known.get(id);
    if (volume == null) {
      throw Failures.notFound("volume", id);
    }
    return path(volume);
  }

  /** A no-op when there is none. */
  void remove(String id) {
    VolumeSpec volume = known.get(id);
    if (volume == null) {
      return;
    }
    Path path = path(volume);
    try {
      if (volume.driver() == VolumeSpec.Driver.TMPFS && isMounted(path)) {
        Kernel.umount(path.toString(), Kernel.MNT_DETACH);
      }
    } catch (KernelException e) {
      throw Failures.of("remove volume " + id, e);
    }
    RecordFiles.deleteTree(path);
    RecordFiles.delete(places.volumeRecord(id));
    known.remove(id);
  }
}
