package dev.jctl.shim.local;

import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.RuntimeFailure.Reason;
import dev.jctl.shim.spec.Observed;
import dev.jctl.shim.spec.VolumeSource;
import dev.jctl.shim.spec.VolumeSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The volumes that there are, each with its driver. Who uses them is the caller's affair. */
final class Volumes {
  private static final Logger LOG = LoggerFactory.getLogger(Volumes.class);
  private static final String FILLING = ".filling";

  private final Places places;
  private final RecordFiles records;
  private final Snapshots snapshots;
  private final VolumeDriver local;
  private final VolumeDriver tmpfs;
  private final VolumeDriver disk;
  private final VolumeDriver nfs;
  private final VolumeDriver plugin;
  private final ConcurrentHashMap<String, VolumeSpec> known = new ConcurrentHashMap<>();
  private final Set<String> filling = ConcurrentHashMap.newKeySet();
  private final Set<String> repaired = ConcurrentHashMap.newKeySet();

  /**
   * @param regain of those in memory
   */
  Volumes(Places places, RecordFiles records, Snapshots snapshots, TmpfsVolumes.Regain regain) {
    this.places = places;
    this.records = records;
    this.snapshots = snapshots;
    this.local = new LocalVolumes(places);
    this.tmpfs = new TmpfsVolumes(places, records, regain);
    this.disk = new DiskVolumes(places);
    this.nfs = new NfsVolumes(places);
    this.plugin = new PluginVolumes(places);
    RecordFiles.makeDirectories(places.volumeRecords());
  }

  private VolumeDriver driver(VolumeSpec volume) {
    return switch (volume.driver()) {
      case LOCAL -> local;
      case TMPFS -> tmpfs;
      case DISK -> disk;
      case NFS -> nfs;
      case PLUGIN -> plugin;
    };
  }

  /**
   * Takes over what is on disk; tmpfs volumes that no container has any more, as after a boot, come
   * back empty. What was not mounted is told as {@link Observed.Volume#repaired}.
   */
  void adopt() {
    for (Path mark : RecordFiles.entries(places.volumeRecords())) {
      if (mark.toString().endsWith(FILLING)) {
        records.read(mark, VolumeSpec.class).ifPresent(volume -> driver(volume).remove(volume));
        RecordFiles.delete(mark);
      }
    }
    for (VolumeSpec volume : records.readAll(places.volumeRecords(), VolumeSpec.class)) {
      try {
        // others are waited for when they are asked for, not by all
        if (volume.backend() == null) {
          bringBack(volume);
        }
        known.put(volume.id(), volume);
      } catch (RuntimeException e) {
        LOG.warn("volume {}: {}", volume.id(), e.getMessage());
      }
    }
  }

  private void bringBack(VolumeSpec volume) {
    boolean gone = isMounted(volume) && !driver(volume).isPresent(volume.id());
    driver(volume).make(volume);
    if (gone) {
      repaired.add(volume.id());
    }
  }

  void forgetRepaired() {
    repaired.clear();
  }

  Observed.Volume ensure(VolumeSpec volume) {
    if (filling.contains(volume.id())) {
      throw new RuntimeFailure(Reason.IN_USE, "volume " + volume.id() + " is being filled");
    }
    driver(volume).make(volume);
    repaired.remove(volume.id());
    remember(volume);
    return observe(volume);
  }

  private void remember(VolumeSpec volume) {
    if (!volume.equals(known.get(volume.id()))) {
      records.writeDurably(places.volumeRecord(volume.id()), volume);
      known.put(volume.id(), volume);
    }
  }

  /**
   * A new one with that content. Until it is whole nobody can use it, and what is left of one that
   * was cut short goes at the next start.
   */
  Observed.Volume populate(VolumeSpec volume, VolumeSource source) {
    if (known.containsKey(volume.id())) {
      return ensure(volume);
    }
    if (!filling.add(volume.id())) {
      throw new RuntimeFailure(Reason.IN_USE, "volume " + volume.id() + " is being filled");
    }
    Path mark = places.volumeRecords().resolve(volume.id() + FILLING);
    try {
      Runnable filling = filling(source, driver(volume).path(volume.id()));
      if (driver(volume).isPresent(volume.id())) {
        throw new RuntimeFailure(
            Reason.ALREADY_EXISTS,
            "there is something at %s that belongs to no volume; move it away"
                .formatted(driver(volume).path(volume.id())));
      }
      records.writeDurably(mark, volume);
      fill(volume, filling);
      return observe(volume);
    } finally {
      RecordFiles.delete(mark);
      filling.remove(volume.id());
    }
  }

  private void fill(VolumeSpec volume, Runnable filling) {
    try {
      driver(volume).make(volume);
      filling.run();
      Snapshots.sync(driver(volume).path(volume.id()));
      remember(volume);
    } catch (RuntimeException e) {
      driver(volume).remove(volume);
      throw unfilled(volume, Failures.of("fill volume " + volume.id(), e));
    }
  }

  private static RuntimeFailure unfilled(VolumeSpec volume, RuntimeFailure e) {
    if (e.reason() != Reason.NO_SPACE || volume.sizeBytes() == 0) {
      return e;
    }
    return new RuntimeFailure(
        Reason.NO_SPACE,
        "volume %s is too small for its source: %d bytes; ask for more as its capacity (%s)"
            .formatted(volume.id(), volume.sizeBytes(), e.getMessage()),
        e);
  }

  /** What can be refused is, before anything is made. */
  private Runnable filling(VolumeSource source, Path to) {
    return switch (source) {
      case VolumeSource.Snapshot(var id) -> {
        Path content = snapshots.content(id);
        yield () -> Snapshots.copy(content, to);
      }
      case VolumeSource.Volume(var id) -> {
        Path content = require(id);
        yield () -> Snapshots.copy(content, to);
      }
      case VolumeSource.Archive(var path) -> {
        Archives.verify(Path.of(path));
        yield () -> Archives.unpack(Path.of(path), to);
      }
      case VolumeSource.Layer(var id) -> {
        Path content = layer(id);
        yield () -> Snapshots.copy(content, to);
      }
    };
  }

  private Path layer(String id) {
    Path content = places.layers().resolve(id);
    if (!id.matches("[0-9a-f]{64}") || !Files.isDirectory(content)) {
      throw new RuntimeFailure(Reason.NOT_FOUND, "layer " + id + " is not unpacked");
    }
    return content;
  }

  private Observed.Volume observe(VolumeSpec volume) {
    VolumeDriver driver = driver(volume);
    return new Observed.Volume(
        volume,
        driver.path(volume.id()).toString(),
        driver.isPresent(volume.id()),
        repaired.contains(volume.id()));
  }

  boolean anyMounted() {
    return known.values().stream().anyMatch(this::isMounted);
  }

  private boolean isMounted(VolumeSpec volume) {
    return driver(volume) instanceof MountedVolumes;
  }

  /** Ids of those that were unmounted by others. */
  Set<String> lost() {
    return known.values().stream()
        .filter(volume -> isMounted(volume) && !driver(volume).isPresent(volume.id()))
        .map(VolumeSpec::id)
        .collect(Collectors.toSet());
  }

  List<Observed.Volume> observe() {
    return known.values().stream().map(this::observe).toList();
  }

  Optional<Observed.VolumeUsage> usage(String id) {
    return Optional.ofNullable(known.get(id))
        .filter(volume -> driver(volume).isPresent(id))
        .flatMap(this::usage);
  }

  /** Empty when who keeps it does not say. */
  private Optional<Observed.VolumeUsage> usage(VolumeSpec volume) {
    try {
      return Optional.of(driver(volume).usage(volume));
    } catch (RuntimeFailure e) {
      if (volume.backend() == null) {
        throw e;
      }
      LOG.warn("use of volume {}: {}", volume.id(), e.getMessage());
      return Optional.empty();
    }
  }

  /** Where it is; NOT_FOUND when there is none. */
  Path require(String id) {
    VolumeSpec volume = known.get(id);
    if (volume == null) {
      throw Failures.notFound("volume", id);
    }
    return driver(volume).path(id);
  }

  /** What is mounted only for its users, of whom there are none; the next start does it again. */
  void release() {
    known.values().forEach(volume -> driver(volume).release(volume));
  }

  /** Nobody can begin to use it from here on; {@link #remove} is next. Empty: there is none. */
  Optional<VolumeSpec> withdraw(String id) {
    repaired.remove(id);
    return Optional.ofNullable(known.remove(id));
  }

  void remove(VolumeSpec volume) {
    try {
      driver(volume).remove(volume);
      Furnishing.forget(places, volume.id());
      RecordFiles.delete(places.volumeRecord(volume.id()));
    } catch (RuntimeException e) {
      known.put(volume.id(), volume);
      throw e;
    }
  }
}
