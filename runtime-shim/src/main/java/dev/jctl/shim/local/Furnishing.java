package dev.jctl.shim.local;

import dev.jctl.shim.exec.Launcher;
import dev.jctl.shim.io.Tool;
import dev.jctl.shim.kernel.KernelException;
import dev.jctl.shim.local.SharedTree.Rights;
import dev.jctl.shim.spec.ContainerSpec.Manner;
import dev.jctl.shim.spec.ContainerSpec.SharedGroup;
import dev.jctl.shim.spec.ContainerSpec.VolumeMount;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/** What is done to a volume's content for the container that is about to mount it. */
final class Furnishing {
  private static final String SEEDING = ".seeding";

  private final Places places;
  private final RecordFiles records;
  private final Launcher launcher;
  private final ReentrantLock seeding = new ReentrantLock();

  Furnishing(Places places, RecordFiles records, Launcher launcher) {
    this.places = places;
    this.records = records;
    this.launcher = launcher;
  }

  /**
   * @param layers of the container, lowest first
   * @param sandbox in which it is to be mounted
   */
  void prepare(
      VolumeMount mount, String volumeId, Path volume, List<Path> layers, SandboxLife sandbox) {
    Manner manner = mount.manner();
    if (manner.seeded() && mount.subPath().isEmpty()) {
      seed(volumeId, volume, layers, mount.destination());
    }
    SharedGroup group = manner.group();
    if (group != null && !sandbox.isFurnished(volumeId)) {
      share(volumeId, volume, group, mount.readOnly() ? Rights.READ : Rights.WRITE);
      sandbox.furnished(volumeId);
    }
  }

  private void seed(String volumeId, Path volume, List<Path> layers, String destination) {
    Path mark = places.volumeRecords().resolve(volumeId + SEEDING);
    if (!isEmpty(volume) && !Files.exists(mark)) {
      return;
    }
    seeding.lock();
    try {
      // one that was cut short is done again, over what is there
      if (isEmpty(volume) || Files.exists(mark)) {
        launcher.showImage(layers, destination, content -> copy(content, volume, mark));
      }
    } finally {
      seeding.unlock();
    }
  }

  private void copy(Path content, Path volume, Path mark) {
    records.writeDurably(mark, content.toString());
    Tool.run(List.of("cp", "--archive", "--no-target-directory", content + "/.", volume + "/."));
    Snapshots.sync(volume);
    RecordFiles.delete(mark);
  }

  /** What a copy was cut short for is done anew with whatever takes its place. */
  static void forget(Places places, String volumeId) {
    RecordFiles.delete(places.volumeRecords().resolve(volumeId + SEEDING));
  }

  private static boolean isEmpty(Path volume) {
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(volume)) {
      return !entries.iterator().hasNext();
    } catch (IOException e) {
      throw Failures.of("look into " + volume, e);
    }
  }

  private static void share(String volumeId, Path volume, SharedGroup group, Rights rights) {
    try {
      new SharedTree(volume, group.gid(), rights).share(group.onlyIfRootDiffers());
    } catch (KernelException e) {
      throw Failures.of("give volume " + volumeId + " to group " + group.gid(), e);
    } catch (IOException e) {
      throw Failures.of("give volume " + volumeId + " to group " + group.gid(), e);
    }
  }
}
