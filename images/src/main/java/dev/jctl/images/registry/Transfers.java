package dev.jctl.images.registry;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;

/**
 * Reads bodies, and gives up on servers that fall silent: the HTTP client's own timeout ends with
 * the headers.
 */
final class Transfers {
  private static final Duration SILENCE = Duration.ofSeconds(60);
  private static final int BUFFER_BYTES = 1 << 17;

  private Transfers() {}

  static byte[] read(InputStream body, int maxBytes) throws IOException {
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    copy(new BoundedBody(body, maxBytes), content, n -> {});
    return content.toByteArray();
  }

  static void copy(InputStream body, OutputStream out, LongConsumer progress) throws IOException {
    AtomicLong lastHeard = new AtomicLong(System.nanoTime());
    try (ScheduledExecutorService watch =
        Executors.newSingleThreadScheduledExecutor(Thread.ofVirtual().factory())) {
      var _ =
          watch.scheduleWithFixedDelay(
              () -> closeIfSilent(body, lastHeard), 5, 5, TimeUnit.SECONDS);
      try {
        byte[] buffer = new byte[BUFFER_BYTES];
        for (int n = body.read(buffer); n >= 0; n = body.read(buffer)) {
          out.write(buffer, 0, n);
          progress.accept(n);
          lastHeard.set(System.nanoTime());
        }
      } finally {
        watch.shutdownNow();
      }
    }
  }

  private static void closeIfSilent(InputStream body, AtomicLong lastHeard) {
    if (System.nanoTime() - lastHeard.get() > SILENCE.toNanos()) {
      try {
        body.close(); // fails the read that waits
      } catch (IOException e) {
        lastHeard.set(System.nanoTime());
      }
    }
  }

  /** At most so many bytes of a body; closing it closes the body. */
  private static final class BoundedBody extends InputStream {
    private final InputStream in;
    private int rest;

    BoundedBody(InputStream in, int limit) {
      this.in = in;
      this.rest = limit;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      if (rest == 0) {
        return -1;
      }
      int n = in.read(bytes, offset, Math.min(length, rest));
      rest -= Math.max(n, 0);
      return n;
    }

    @Override
    public void close() throws IOException {
      in.close();
    }
  }
}
