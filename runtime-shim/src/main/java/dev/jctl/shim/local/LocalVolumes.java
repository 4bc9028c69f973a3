package dev.jctl.shim.local;

import dev.jctl.shim.kernel.KernelException;
import dev.jctl.shim.kernel.ProjectQuota;
import dev.jctl.shim.spec.Observed;
import dev.jctl.shim.spec.Observed.VolumeUsage.Limit;
import dev.jctl.shim.spec.VolumeSpec;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashSet;
import java.util.OptionalLong;
import java.util.Set;
import java.util.zip.CRC32;

/**
 * Directories below the data directory. A size is kept by a project quota where the file system has
 * them; else it is only measured.
 */
record LocalVolumes(Places places) implements VolumeDriver {
  /** Projects of others are rather small numbers. */
  private static final int FIRST_PROJECT = 1 << 30;

  @Override
  public Path path(String id) {
    return places.localVolume(id);
  }

  @Override
  public void make(VolumeSpec volume) {
    Path path = path(volume.id());
    if (!Files.exists(path)) {
      RecordFiles.makePrivateDirectory(path.resolveSibling(""));
      RecordFiles.makeDirectories(path);
      openToAll(path);
    }
    limit(path, volume);
  }

  /** Whatever user a container has, as with the volumes of Kubernetes. */
  static void openToAll(Path path) {
    try {
      Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxrwxrwx"));
    } catch (IOException e) {
      throw Failures.of("chmod " + path, e);
    }
  }

  // --- quota

  private static void limit(Path path, VolumeSpec volume) {
    try {
      int project = ProjectQuota.project(path);
      if (project == 0 && volume.sizeBytes() == 0) {
        return;
      }
      int own = project == 0 ? project(volume.id()) : project;
      ProjectQuota.limit(path, own, volume.sizeBytes());
      if (project == 0) {
        Files.walkFileTree(path, new Joining(own));
      }
    } catch (KernelException | IOException noQuotas) {
      // it is measured instead, which whoever asks for its use is told
      return;
    }
  }

  /** The directory itself remembers it: two volumes of one number would share a limit. */
  private static int project(String id) {
    CRC32 crc = new CRC32();
    crc.update(id.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    return FIRST_PROJECT | (int) (crc.getValue() & (FIRST_PROJECT - 1));
  }

  private static final class Joining extends SimpleFileVisitor<Path> {
    private final int project;

    Joining(int project) {
      this.project = project;
    }

    @Override
    public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
      ProjectQuota.setProject(directory, project);
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
      if (attributes.isRegularFile()) {
        ProjectQuota.setProject(file, project);
      }
      return FileVisitResult.CONTINUE;
    }
  }

  // --- use

  @Override
  public Observed.VolumeUsage usage(VolumeSpec volume) {
    Path path = path(volume.id());
    OptionalLong accounted = accounted(path);
    return accounted.isPresent()
        ? new Observed.VolumeUsage(accounted.getAsLong(), volume.sizeBytes(), Limit.QUOTA)
        : new Observed.VolumeUsage(measured(path), volume.sizeBytes(), Limit.MEASURED);
  }

  private static OptionalLong accounted(Path path) {
    try {
      int project = ProjectQuota.project(path);
      return project == 0 ? OptionalLong.empty() : ProjectQuota.usedBytes(path, project);
    } catch (KernelException e) {
      return OptionalLong.empty();
    }
  }

  /** The lengths of all files, each once. What changes meanwhile is counted or not. */
  static long measured(Path path) {
    Measuring measuring = new Measuring();
    try {
      Files.walkFileTree(path, measuring);
      return measuring.bytes;
    } catch (IOException e) {
      throw Failures.of("measure " + path, e);
    }
  }

  private static final class Measuring extends SimpleFileVisitor<Path> {
    private final Set<Object> seen = new HashSet<>();
    private long bytes;

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
      Object key = attributes.fileKey();
      if (key == null || seen.add(key)) {
        bytes += attributes.size();
      }
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFileFailed(Path gone, IOException e) {
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult postVisitDirectory(
        Path directory, @org.jspecify.annotations.Nullable IOException e) {
      return FileVisitResult.CONTINUE;
    }
  }

  @Override
  public boolean isPresent(String id) {
    return Files.isDirectory(path(id));
  }

  @Override
  public void remove(VolumeSpec volume) {
    RecordFiles.deleteTree(path(volume.id()));
  }
}
