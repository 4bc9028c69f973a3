package dev.jctl.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * The version of what is on disk, in a file that is read before anything is opened, so that a newer
 * store is never written to.
 */
final class StoreFormat {
  private static final String LINE = "jctl-store 1";

  private StoreFormat() {}

  /** Checks the format of an existing store, or marks a new one. */
  static void claim(Path directory) {
    Path file = directory.resolve("FORMAT");
    try {
      Files.createDirectories(directory);
      // objects may hold secrets
      Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
      if (Files.exists(file)) {
        check(directory, Files.readString(file).strip());
      } else {
        refuseUnmarked(directory);
        mark(directory);
      }
    } catch (IOException e) {
      throw new StoreException("store " + directory + " cannot be read: " + e, e);
    }
  }

  /** Writes the mark; the last step of a copy, so that half a copy is not taken for a store. */
  static void mark(Path directory) throws IOException {
    Path aside = directory.resolve("FORMAT.new");
    Files.writeString(aside, LINE + "\n");
    Files.move(aside, directory.resolve("FORMAT"), StandardCopyOption.ATOMIC_MOVE);
  }

  private static void check(Path directory, String line) {
    if (!line.equals(LINE)) {
      throw new StoreException(
          "store %s has format \"%s\"; this version reads \"%s\". Use the jctl version that wrote it, or another data directory"
              .formatted(directory, line, LINE));
    }
  }

  private static void refuseUnmarked(Path directory) throws IOException {
    try (var files = Files.list(directory)) {
      if (files.anyMatch(f -> f.getFileName().toString().equals("db"))) {
        throw new StoreException(
            "store "
                + directory
                + " is damaged: its FORMAT file is missing. Restore a backup, or use another data directory");
      }
    }
  }
}
