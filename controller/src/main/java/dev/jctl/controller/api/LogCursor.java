package dev.jctl.controller.api;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A place in the log of one attempt, which moves on as lines are read: from file to file as they
 * were, or are, rotated. A file is known by its inode, because rotation gives it another name.
 */
final class LogCursor implements AutoCloseable {
  private static final int BLOCK = 64 << 10;

  private final LogFiles files;
  private final int attempt;
  private final ByteBuffer block = ByteBuffer.allocate(BLOCK);
  private final ByteArrayOutputStream unfinished = new ByteArrayOutputStream();
  private @Nullable Opened current;

  private record Opened(FileChannel channel, Object inode) {}

  private LogCursor(LogFiles files, int attempt) {
    this.files = files;
    this.attempt = attempt;
  }

  static LogCursor atStart(LogFiles files, int attempt) {
    return new LogCursor(files, attempt);
  }

  static LogCursor atTail(LogFiles files, int attempt, long lines) throws IOException {
    LogCursor cursor = new LogCursor(files, attempt);
    List<Path> present = files.of(attempt);
    if (!present.isEmpty()) {
      LogTail.Place place = LogTail.of(present, lines);
      Opened opened = open(present.get(place.file())).orElse(null);
      if (opened != null) {
        opened.channel().position(place.offset());
      }
      cursor.current = opened;
    }
    return cursor;
  }

  int attempt() {
    return attempt;
  }

  /** Further whole lines; empty when there are none for now. */
  List<byte[]> read() throws IOException {
    if (current == null) {
      current = first().orElse(null);
    }
    while (current != null) {
      block.clear();
      if (current.channel().read(block) > 0) {
        List<byte[]> lines = split(block.flip());
        if (!lines.isEmpty()) {
          return lines;
        }
      } else if (!moveOn(current)) {
        return List.of();
      }
    }
    return List.of();
  }

  private List<byte[]> split(ByteBuffer bytes) {
    List<byte[]> lines = new ArrayList<>();
    while (bytes.hasRemaining()) {
      byte b = bytes.get();
      if (b == '\n') {
        lines.add(unfinished.toByteArray());
        unfinished.reset();
      } else {
        unfinished.write(b);
      }
    }
    return lines;
  }

  private Optional<Opened> first() throws IOException {
    List<Path> present = files.of(attempt);
    return present.isEmpty() ? Optional.empty() : open(present.getFirst());
  }

  /** To the file after {@code ended}, when there is one and all of {@code ended} is read. */
  private boolean moveOn(Opened ended) throws IOException {
    List<Path> present = files.of(attempt);
    int next = 0;
    for (int i = 0; i < present.size(); i++) {
      if (ended.inode().equals(inode(present.get(i)))) {
        next = i + 1;
      }
    }
    if (next == present.size()) {
      return false;
    }
    block.clear();
    if (ended.channel().read(block) > 0) {
      // written between our last read and the rotation
      ended.channel().position(ended.channel().position() - block.position());
      return true;
    }
    Opened following = open(present.get(next)).orElse(null);
    if (following == null) {
      return false;
    }
    ended.channel().close();
    current = following;
    return true;
  }

  private static Optional<Opened> open(Path file) throws IOException {
    try {
      FileChannel channel = FileChannel.open(file);
      Object inode = inode(file);
      if (inode == null) {
        channel.close();
        return Optional.empty();
      }
      return Optional.of(new Opened(channel, inode));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  private static @Nullable Object inode(Path file) throws IOException {
    try {
      return Files.readAttributes(file, BasicFileAttributes.class).fileKey();
    } catch (NoSuchFileException e) {
      return null;
    }
  }

  @Override
  public void close() throws IOException {
    if (current != null) {
      current.channel().close();
    }
  }
}
