package dev.jctl.shim;

import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.OptionalInt;

/**
 * A process's stdio and end. With a terminal all output is on {@link #stdout}. Closing it early
 * ends an exec's process (SIGKILL); an attached container goes on.
 */
public interface ExecSession extends AutoCloseable {
  /** Closing it gives the process end of file. */
  OutputStream stdin();

  InputStream stdout();

  InputStream stderr();

  /** Terminal size; ignored without a terminal. */
  void resize(int columns, int rows);

  /** Exit code (128 + signal when ended by one), or empty when it still runs after that time. */
  OptionalInt waitFor(Duration timeout);

  @Override
  void close();
}
