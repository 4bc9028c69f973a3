package dev.jctl.controller.encryption;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The keys on disk, a line each in base64, the newest first; made with mode 0600 when something is
 * to be sealed for the first time. A file that others can read is refused. Safe for many threads.
 */
final class KeyFile {
  private static final Set<PosixFilePermission> PRIVATE =
      PosixFilePermissions.fromString("rw-------");

  private final Path file;
  private @Nullable KeyRing ring;

  KeyFile(Path file) {
    this.file = file;
  }

  Path path() {
    return file;
  }

  /** Empty when there is none yet. */
  synchronized Optional<KeyRing> find() {
    if (ring == null) {
      ring = read().orElse(null);
    }
    return Optional.ofNullable(ring);
  }

  synchronized KeyRing require() {
    return find().orElseGet(() -> replace(new KeyRing(List.of(SealingKey.random()))));
  }

  /** On disk when this returns. */
  synchronized KeyRing replace(KeyRing keys) {
    write(keys);
    ring = keys;
    return keys;
  }

  private Optional<KeyRing> read() {
    try {
      List<String> lines = Files.readAllLines(file, StandardCharsets.US_ASCII);
      Set<PosixFilePermission> others = EnumSet.copyOf(Files.getPosixFilePermissions(file));
      if (others.retainAll(EnumSet.complementOf(EnumSet.copyOf(PRIVATE))) && !others.isEmpty()) {
        throw new IllegalStateException(
            file + " has the keys of all Secrets and others may read it; chmod 600 it");
      }
      List<SealingKey> keys = new ArrayList<>();
      for (int i = 0; i < lines.size(); i++) {
        if (!lines.get(i).isBlank()) {
          keys.add(parse(lines.get(i).strip(), i + 1));
        }
      }
      return keys.isEmpty() ? Optional.empty() : Optional.of(new KeyRing(keys));
    } catch (NoSuchFileException absent) {
      return Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file + ": " + e, e);
    }
  }

  private SealingKey parse(String line, int number) {
    try {
      return SealingKey.parse(line);
    } catch (IllegalArgumentException e) {
      throw new IllegalStateException(
          file + ":" + number + ": no key (" + e.getMessage() + "); put a copy of the file back",
          e);
    }
  }

  private void write(KeyRing keys) {
    StringBuilder lines = new StringBuilder();
    keys.keys().forEach(key -> lines.append(key.base64()).append('\n'));
    Path fresh = file.resolveSibling(file.getFileName() + ".new");
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      Files.deleteIfExists(fresh);
      try (FileChannel channel =
          FileChannel.open(
              fresh,
              Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
              PosixFilePermissions.asFileAttribute(PRIVATE))) {
        ByteBuffer bytes = StandardCharsets.US_ASCII.encode(lines.toString());
        while (bytes.hasRemaining()) {
          channel.write(bytes);
        }
        channel.force(true);
      }
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      try (FileChannel directory = FileChannel.open(file.toAbsolutePath().getParent())) {
        directory.force(true);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file + ": " + e, e);
    }
  }
}
