package dev.jctl.cli.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A process whose output goes to files, so that it can be read while it runs and never fills a
 * pipe. Closing kills it with its children.
 */
final class Subprocess implements AutoCloseable {
  private final List<String> command;
  private final Process process;
  private final Path out;
  private final Path err;

  private Subprocess(List<String> command, Process process, Path out, Path err) {
    this.command = command;
    this.process = process;
    this.out = out;
    this.err = err;
  }

  /**
   * Starts {@code command} in {@code directory}; {@code input} becomes its standard input, which
   * then ends.
   */
  static Subprocess start(
      List<String> command, Path directory, Map<String, String> environment, String input) {
    try {
      Path in = Files.writeString(Files.createTempFile("in", ""), input);
      Path out = Files.createTempFile("out", "");
      Path err = Files.createTempFile("err", "");
      ProcessBuilder builder =
          new ProcessBuilder(command)
              .directory(directory.toFile())
              .redirectInput(in.toFile())
              .redirectOutput(out.toFile())
              .redirectError(err.toFile());
      builder.environment().putAll(environment);
      Process process = builder.start();
      Files.delete(in);
      return new Subprocess(command, process, out, err);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What the process printed until now. */
  String out() {
    return read(out);
  }

  boolean running() {
    return process.isAlive();
  }

  void signal(String name) {
    Host.run("kill", "-" + name, Long.toString(process.pid())).ok();
  }

  /** Waits for the end. */
  Ran await(Duration patience) {
    try {
      boolean ended = process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS);
      int code = ended ? process.exitValue() : Ran.TIMED_OUT;
      return new Ran(command, code, read(out), read(err));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Ran(command, Ran.TIMED_OUT, read(out), read(err));
    } finally {
      close();
    }
  }

  @Override
  public void close() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
    try {
      Files.deleteIfExists(out);
      Files.deleteIfExists(err);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String read(Path file) {
    try {
      return Files.exists(file) ? Files.readString(file) : "";
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
