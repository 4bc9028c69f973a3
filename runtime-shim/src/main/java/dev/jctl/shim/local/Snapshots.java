package dev.jctl.shim.local;

import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.RuntimeFailure.Reason;
import dev.jctl.shim.io.Tool;
import dev.jctl.shim.kernel.DirectoryFd;
import dev.jctl.shim.spec.Observed;
import dev.jctl.shim.spec.SnapshotSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Copies of volumes, each a directory with its record, which is there when the copy is whole.
 * Blocks are shared with the volume where the file system can (reflink).
 */
final class Snapshots {
  private static final String RECORD = "snapshot.json";
  private static final String CONTENT = "content";
  private static final String UNFINISHED = ".new-";

  private final Places places;
  private final RecordFiles records;
  private final InstantSource clock;
  private final ConcurrentHashMap<String, Observed.Snapshot> known = new ConcurrentHashMap<>();

  Snapshots(Places places, RecordFiles records, InstantSource clock) {
    this.places = places;
    this.records = records;
    this.clock = clock;
  }

  void adopt() {
    for (Path directory : RecordFiles.entries(places.snapshots())) {
      if (directory.getFileName().toString().startsWith(UNFINISHED)) {
        RecordFiles.deleteTree(directory);
      } else {
        records
            .read(directory.resolve(RECORD), Observed.Snapshot.class)
            .ifPresent(snapshot -> known.put(snapshot.spec().id(), snapshot));
      }
    }
  }

  /** What stops those who write, and lets them go on. */
  interface Stillness extends AutoCloseable {
    @Override
    void close();
  }

  @FunctionalInterface
  interface Stopping {
    Stillness begin();
  }

  /** A no-op when it is there. */
  Observed.Snapshot create(SnapshotSpec spec, Path volume, Stopping stopping) {
    Observed.Snapshot there = known.get(spec.id());
    if (there != null && there.spec().equals(spec)) {
      return there;
    }
    Path fresh = places.snapshots().resolve(UNFINISHED + spec.id());
    RecordFiles.makePrivateDirectory(places.snapshots());
    RecordFiles.deleteTree(fresh);
    try {
      RecordFiles.makeDirectories(fresh);
      String takenAt;
      try (Stillness _ = stopping.begin()) {
        takenAt = clock.instant().toString();
        copy(volume, fresh.resolve(CONTENT));
      }
      Observed.Snapshot made =
          new Observed.Snapshot(spec, takenAt, LocalVolumes.measured(fresh.resolve(CONTENT)));
      pack(spec, fresh);
      records.writeDurably(fresh.resolve(RECORD), made);
      sync(fresh);
      replace(fresh, places.snapshot(spec.id()));
      known.put(spec.id(), made);
      return made;
    } catch (RuntimeException e) {
      RecordFiles.deleteTree(fresh);
      throw Failures.of("snapshot " + spec.id(), e);
    }
  }

  private static void pack(SnapshotSpec spec, Path fresh) {
    if (spec.archive() != null) {
      Archives.pack(fresh.resolve(CONTENT), Path.of(spec.archive()));
      RecordFiles.deleteTree(fresh.resolve(CONTENT));
    }
  }

  private static void replace(Path fresh, Path place) {
    RecordFiles.deleteTree(place);
    try {
      Files.move(fresh, place, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw Failures.of("rename " + fresh, e);
    }
  }

  /** With owners, modes, times, links and attributes; never into another file system. */
  static void copy(Path from, Path to) {
    Tool.run(
        List.of(
            "cp",
            "--archive",
            "--reflink=auto",
            "--one-file-system",
            "--no-target-directory",
            from.toString(),
            to.toString()));
  }

  static void sync(Path directory) {
    try (DirectoryFd fd = DirectoryFd.open(directory.toString())) {
      fd.syncFileSystem();
    }
  }

  List<Observed.Snapshot> all() {
    return List.copyOf(known.values());
  }

  /** Where its files are; INVALID for one that is an archive. */
  Path content(String id) {
    Observed.Snapshot snapshot =
        Optional.ofNullable(known.get(id)).orElseThrow(() -> Failures.notFound("snapshot", id));
    if (snapshot.spec().archive() != null) {
      throw new RuntimeFailure(
          Reason.INVALID, "snapshot " + id + " is in archive " + snapshot.spec().archive());
    }
    return places.snapshot(id).resolve(CONTENT);
  }

  /** With the archive that it was written to. */
  void remove(String id) {
    Observed.Snapshot snapshot = known.get(id);
    if (snapshot == null) {
      return;
    }
    if (snapshot.spec().archive() != null) {
      RecordFiles.delete(Path.of(snapshot.spec().archive()));
    }
    RecordFiles.deleteTree(places.snapshot(id));
    known.remove(id);
  }
}
