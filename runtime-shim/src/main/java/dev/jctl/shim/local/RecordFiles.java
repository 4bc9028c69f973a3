package dev.jctl.shim.local;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.io.Tool;
import dev.jctl.shim.json.RuntimeJson;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Records as JSON files. One that takes the place of another is written aside and renamed: a reader
 * sees the old one or the new one. What only matters while this boot lasts is not synced, as it
 * does not outlive a power failure anyway.
 */
final class RecordFiles {
  private static final Logger LOG = LoggerFactory.getLogger(RecordFiles.class);
  private final ObjectMapper json = RuntimeJson.mapper();

  /** Of things that do not survive a reboot. */
  void write(Path file, Object value) {
    try {
      Files.move(writeAside(file, value), file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw failure("write " + file, e);
    }
  }

  /** Makes the file before what it is to say is known. Until then it is as if it were not there. */
  static void prepare(Path file) {
    try {
      Files.createFile(file);
    } catch (IOException e) {
      throw failure("create " + file, e);
    }
  }

  /**
   * One that is not there yet, or was prepared, in place: as long as it is not whole it cannot be
   * read, which is the same as not being there.
   */
  void writeNew(Path file, Object value) {
    try {
      write(file, json.writeValueAsBytes(value));
    } catch (IOException e) {
      throw failure("write " + file, e);
    }
  }

  /** Of things that do. */
  void writeDurably(Path file, Object value) {
    try {
      Path aside = writeAside(file, value);
      try (FileChannel channel = FileChannel.open(aside, StandardOpenOption.WRITE)) {
        channel.force(true);
      }
      Files.move(aside, file, StandardCopyOption.ATOMIC_MOVE);
      try (FileChannel directory = FileChannel.open(file.resolveSibling("."))) {
        directory.force(true);
      }
    } catch (IOException e) {
      throw failure("write " + file, e);
    }
  }

  private Path writeAside(Path file, Object value) throws IOException {
    Path aside = file.resolveSibling(file.getFileName() + ".new");
    write(aside, json.writeValueAsBytes(value));
    return aside;
  }

  /**
   * In place. Cut to its length last, and only if it was longer: ext4 begins to write what was cut
   * to nothing first, be it empty, to the disk when it is closed ({@code auto_da_alloc}), and who
   * closes it waits.
   */
  static void write(Path file, byte[] content) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      ByteBuffer bytes = ByteBuffer.wrap(content);
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.truncate(content.length);
    }
  }

  /** Empty when it is not there, or damaged, which is logged. */
  <T> Optional<T> read(Path file, Class<T> type) {
    try {
      byte[] content = Files.readAllBytes(file);
      return content.length == 0
          ? Optional.empty()
          : Optional.of(RuntimeJson.sharing(json.readerFor(type), content).readValue(content));
    } catch (NoSuchFileException absent) {
      return Optional.empty();
    } catch (IOException e) {
      LOG.warn("{} cannot be read and is ignored: {}", file, e.getMessage());
      return Optional.empty();
    }
  }

  /** All {@code *.json} in the directory. */
  <T> List<T> readAll(Path directory, Class<T> type) {
    return entries(directory).stream()
        .filter(file -> file.toString().endsWith(".json"))
        .flatMap(file -> read(file, type).stream())
        .toList();
  }

  static List<Path> entries(Path directory) {
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.sorted().toList();
    } catch (NoSuchFileException absent) {
      return List.of();
    } catch (IOException e) {
      throw failure("list " + directory, e);
    }
  }

  static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw failure("delete " + file, e);
    }
  }

  static Path makeDirectories(Path directory) {
    try {
      return Files.createDirectories(directory);
    } catch (IOException e) {
      throw failure("mkdir " + directory, e);
    }
  }

  /** For what may hold secrets: a container's environment, what is in a volume. */
  static void makePrivateDirectory(Path directory) {
    makeDirectories(directory);
    try {
      Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
    } catch (IOException e) {
      throw failure("chmod " + directory, e);
    }
  }

  static void deleteTree(Path root) {
    try {
      dev.jctl.shim.io.Trees.delete(root);
    } catch (IOException e) {
      throw failure("delete " + root, e);
    }
  }

  static RuntimeFailure failure(String what, IOException cause) {
    String words = what + ": " + cause.getMessage();
    return new RuntimeFailure(Tool.reason(words), words, cause);
  }
}
