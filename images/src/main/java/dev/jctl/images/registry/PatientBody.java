package dev.jctl.images.registry;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The body of an answer, which ends with an error when the server falls silent or sends next to
 * nothing: the HTTP client's own timeout ends with the headers. What its reader takes for itself
 * does not count. For one thread; closing it ends its watch.
 */
final class PatientBody extends InputStream {
  /** Of what comes within the patience of one reading; fewer are as good as none. */
  private static final int LEAST_BYTES_PER_SECOND = 1 << 10;

  private final InputStream in;
  private final Duration patience;
  private @Nullable Thread watch;
  private volatile long waitingSinceNanos;
  private volatile boolean silent;
  private long waitedNanos;
  private long bytes;

  PatientBody(InputStream in, Duration patience) {
    this.in = in;
    this.patience = patience;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    int count;
    long start = System.nanoTime();
    waitingSinceNanos = start;
    if (watch == null) {
      watch = Thread.ofVirtual().name("patience").start(this::watch);
    }
    try {
      count = in.read(target, offset, length);
    } catch (IOException e) {
      throw silent ? new IOException("silent for " + patience.toSeconds() + " s", e) : e;
    } finally {
      waitingSinceNanos = 0;
    }
    if (count < 0) {
      endWatch();
    } else {
      count(count, System.nanoTime() - start);
    }
    return count;
  }

  private void count(int count, long nanos) throws IOException {
    bytes += count;
    waitedNanos += nanos;
    if (waitedNanos < patience.toNanos()) {
      return;
    }
    if (bytes < LEAST_BYTES_PER_SECOND * waitedNanos / Duration.ofSeconds(1).toNanos()) {
      throw new IOException(
          "only %d bytes in %d s".formatted(bytes, Duration.ofNanos(waitedNanos).toSeconds()));
    }
    bytes = 0;
    waitedNanos = 0;
  }

  private void watch() {
    try {
      while (!silent) {
        Thread.sleep(patience.dividedBy(8));
        long since = waitingSinceNanos;
        if (since != 0 && System.nanoTime() - since > patience.toNanos()) {
          silent = true;
          in.close(); // fails the read that waits
        }
      }
    } catch (InterruptedException | IOException ended) {
      // as it shall, or there is nothing left to be closed
    }
  }

  private void endWatch() {
    if (watch != null) {
      watch.interrupt();
    }
  }

  @Override
  public void close() throws IOException {
    endWatch();
    in.close();
  }
}
