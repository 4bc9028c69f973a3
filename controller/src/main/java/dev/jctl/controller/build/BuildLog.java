package dev.jctl.controller.build;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;

/** What a build says: lines in a file, and in a few words how far it is. Safe for many threads. */
final class BuildLog implements AutoCloseable {
  private final BufferedWriter file;
  private final Consumer<String> progress;

  BuildLog(Path file, Consumer<String> progress) {
    this.progress = progress;
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      this.file = Files.newBufferedWriter(file);
    } catch (IOException e) {
      throw new UncheckedIOException("build log " + file, e);
    }
  }

  void progress(String words) {
    progress.accept(words);
  }

  synchronized void line(String line) {
    try {
      file.write(line);
      file.newLine();
      file.flush();
    } catch (IOException e) {
      throw new UncheckedIOException("build log", e);
    }
  }

  @Override
  public synchronized void close() {
    try {
      file.close();
    } catch (IOException e) {
      throw new UncheckedIOException("build log", e);
    }
  }
}
