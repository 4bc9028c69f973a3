package dev.jctl.images.content;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/**
 * A file that is written aside and appears under its name only when whole and on disk. Closed
 * without {@link #publish} it is gone.
 */
final class AsideFile implements AutoCloseable {
  private final Path path;
  private final FileChannel channel;
  private long size;

  AsideFile(Path directory) throws IOException {
    this.path = directory.resolve(UUID.randomUUID().toString());
    this.channel = FileChannel.open(path, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW);
  }

  /** All of it or, when it fails, nothing: what a full disk took of it is written over. */
  void write(byte[] bytes, int offset, int length) throws IOException {
    ByteBuffer rest = ByteBuffer.wrap(bytes, offset, length);
    while (rest.hasRemaining()) {
      channel.write(rest, size + rest.position() - offset);
    }
    size += length;
  }

  void clear() throws IOException {
    channel.truncate(0);
    size = 0;
  }

  /** The order matters: content on disk, then its name, then the directory that has the name. */
  void publish(Path target) throws IOException {
    channel.truncate(size).force(true);
    Files.move(path, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    try (FileChannel directory =
        FileChannel.open(target.resolveSibling("."), StandardOpenOption.READ)) {
      directory.force(true);
    }
  }

  @Override
  public void close() throws IOException {
    try (channel) {
      Files.deleteIfExists(path);
    }
  }
}
