package dev.jctl.shim.layer;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;

/**
 * Directories in the order in which they came, in a file: a layer may have more of them than there
 * is memory. Failures are {@link UncheckedIOException}s.
 */
final class DirectoryLog implements AutoCloseable {
  /**
   * @param named whether there is an entry of it; else the time means nothing
   */
  record Directory(String path, boolean named, long mtimeNanos) {}

  private final Path file;
  private final DataOutputStream out;

  /**
   * @param file made, or emptied
   */
  DirectoryLog(Path file) {
    this.file = file;
    try {
      this.out = new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(file)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void named(String path, long mtimeNanos) {
    append(new Directory(path, true, mtimeNanos));
  }

  void unnamed(String path) {
    append(new Directory(path, false, 0));
  }

  private void append(Directory directory) {
    try {
      out.writeUTF(directory.path());
      out.writeBoolean(directory.named());
      out.writeLong(directory.mtimeNanos());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Of all so far. */
  void forEach(Consumer<Directory> visitor) {
    try {
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    read(file, visitor);
  }

  /** Of a log that is complete. */
  static void read(Path file, Consumer<Directory> visitor) {
    try (DataInputStream in =
        new DataInputStream(new BufferedInputStream(Files.newInputStream(file)))) {
      while (in.available() > 0) {
        visitor.accept(new Directory(in.readUTF(), in.readBoolean(), in.readLong()));
      }
    } catch (EOFException e) {
      throw new UncheckedIOException(file + " ends early", e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    try {
      out.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
