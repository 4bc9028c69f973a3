package dev.jctl.controller.git;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.eclipse.jgit.lib.EmptyProgressMonitor;

/** Ends a fetch that takes too long or brings too much. */
final class Bounds extends EmptyProgressMonitor {
  static final long MAX_BYTES = 512L << 20;
  private static final long LOOK_EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

  private final Path packs;
  private final long deadline;
  private long nextLook = System.nanoTime();
  private boolean tooLarge;

  Bounds(Path repository, Duration timeout) {
    this.packs = repository.resolve("objects").resolve("pack");
    this.deadline = System.nanoTime() + timeout.toNanos();
  }

  @Override
  public boolean isCancelled() {
    long now = System.nanoTime();
    if (!tooLarge && now - nextLook >= 0) {
      nextLook = now + LOOK_EVERY_NANOS;
      tooLarge = size() > MAX_BYTES;
    }
    return tooLarge || isLate();
  }

  boolean isTooLarge() {
    return tooLarge;
  }

  boolean isLate() {
    return System.nanoTime() - deadline > 0;
  }

  private long size() {
    if (!Files.isDirectory(packs)) {
      return 0;
    }
    try (Stream<Path> files = Files.list(packs)) {
      return files.mapToLong(file -> file.toFile().length()).sum();
    } catch (IOException | UncheckedIOException e) {
      return 0; // files come and go; the next look will tell
    }
  }
}
