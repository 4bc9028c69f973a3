package dev.jctl.images.store;

import dev.jctl.images.ImageException;
import dev.jctl.images.ImageException.Reason;
import dev.jctl.images.content.StorageFailure;
import dev.jctl.images.layer.Decompression;
import dev.jctl.images.layer.TarIndex;
import dev.jctl.images.oci.Documents;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Optional;
import java.util.UUID;

/** The files of an archive by name, whether it is a directory or a tar. */
sealed interface ArchiveFiles extends AutoCloseable {
  /**
   * @param scratch where a compressed tar is unpacked meanwhile
   */
  static ArchiveFiles open(Path path, Path scratch) {
    String what = "archive " + path;
    try {
      if (Files.isDirectory(path)) {
        return new InDirectory(path);
      }
      return isCompressed(path)
          ? unpacked(what, path, scratch.resolve(UUID.randomUUID().toString()))
          : new InTar(TarIndex.open(what, path), Optional.empty());
    } catch (IOException e) {
      throw StorageFailure.of(what, e);
    }
  }

  private static boolean isCompressed(Path path) throws IOException {
    try (InputStream in = Files.newInputStream(path)) {
      return !Decompression.mediaTypeSuffix(in).isEmpty();
    }
  }

  private static ArchiveFiles unpacked(String what, Path path, Path target) throws IOException {
    try {
      try (InputStream in = Decompression.openBounded(what, path);
          OutputStream out = Files.newOutputStream(target)) {
        in.transferTo(out);
      }
      return new InTar(TarIndex.open(what, target), Optional.of(target));
    } catch (IOException | RuntimeException e) {
      Files.deleteIfExists(target);
      throw e;
    }
  }

  Optional<InputStream> open(String name) throws IOException;

  Optional<Long> size(String name) throws IOException;

  @Override
  void close() throws IOException;

  default InputStream required(String archive, String name) throws IOException {
    return open(name)
        .orElseThrow(
            () ->
                new ImageException(
                    Reason.CORRUPT, "%s: file %s is missing in it".formatted(archive, name)));
  }

  /** A file that is small if all is well. */
  default byte[] document(String archive, String name) throws IOException {
    try (InputStream in = required(archive, name)) {
      return in.readNBytes(Documents.MAX_BYTES + 1);
    }
  }

  /**
   * No name leads out of it, nor is a symbolic link followed: an archive must not reach for other
   * files of the host.
   */
  record InDirectory(Path root) implements ArchiveFiles {
    @Override
    public Optional<InputStream> open(String name) throws IOException {
      Optional<Path> file = file(name);
      return file.isPresent() ? Optional.of(Files.newInputStream(file.get())) : Optional.empty();
    }

    @Override
    public Optional<Long> size(String name) throws IOException {
      Optional<Path> file = file(name);
      return file.isPresent() ? Optional.of(Files.size(file.get())) : Optional.empty();
    }

    /** Names come from documents of the archive: they may be absolute, climb, or be no names. */
    private Optional<Path> file(String name) throws IOException {
      Path file;
      try {
        file = root.resolve(name);
      } catch (InvalidPathException e) {
        return Optional.empty();
      }
      return Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
              && file.toRealPath().startsWith(root.toRealPath())
          ? Optional.of(file)
          : Optional.empty();
    }

    @Override
    public void close() {}
  }

  /**
   * @param scratch removed in the end
   */
  record InTar(TarIndex index, Optional<Path> scratch) implements ArchiveFiles {
    @Override
    public Optional<InputStream> open(String name) {
      return index.open(name);
    }

    @Override
    public Optional<Long> size(String name) {
      return index.size(name);
    }

    @Override
    public void close() throws IOException {
      try (index) {
        if (scratch.isPresent()) {
          Files.deleteIfExists(scratch.get());
        }
      }
    }
  }
}
