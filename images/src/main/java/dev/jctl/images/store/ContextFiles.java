package dev.jctl.images.store;

import dev.jctl.images.ImageException;
import dev.jctl.images.ImageException.Reason;
import dev.jctl.images.content.StorageFailure;
import dev.jctl.images.dockerfile.IgnorePatterns;
import dev.jctl.images.layer.DirectoryLayer;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** A directory as a build's context: without what its {@code .dockerignore} leaves out. */
final class ContextFiles {
  private ContextFiles() {}

  /** For messages. */
  static String name(Path directory) {
    return "context " + directory;
  }

  /** Where patterns may be; the first that is there counts. */
  static Stream<String> ignoreFiles(String dockerfile) {
    return Stream.of(dockerfile + ".dockerignore", ".dockerignore");
  }

  /**
   * As a tar. The same files make the same bytes.
   *
   * @param dockerfile its path there
   * @throws ImageException NOT_FOUND without such a directory, UNSUPPORTED naming a file
   */
  static void write(Path directory, String dockerfile, OutputStream out) throws IOException {
    if (!Files.isDirectory(directory)) {
      throw new ImageException(Reason.NOT_FOUND, name(directory) + ": there is no such directory");
    }
    DirectoryLayer.write(directory, new Ignored(ignore(directory, dockerfile)), out);
  }

  private static IgnorePatterns ignore(Path directory, String dockerfile) {
    return ignoreFiles(dockerfile)
        .filter(name -> Files.isRegularFile(directory.resolve(name)))
        .findFirst()
        .map(name -> IgnorePatterns.parse(name, read(directory, name)))
        .orElseGet(() -> IgnorePatterns.parse(".dockerignore", ""));
  }

  private static String read(Path directory, String name) {
    try {
      return Files.readString(directory.resolve(name));
    } catch (IOException e) {
      throw StorageFailure.of(name(directory) + ": " + name, e);
    }
  }

  private record Ignored(IgnorePatterns patterns) implements DirectoryLayer.Selection {
    @Override
    public boolean leavesOut(String path) {
      return patterns.ignores(path);
    }

    @Override
    public boolean entersLeftOut() {
      return !patterns.keepsNothingAgain();
    }
  }
}
