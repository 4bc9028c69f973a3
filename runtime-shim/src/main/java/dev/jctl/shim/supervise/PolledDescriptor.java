package dev.jctl.shim.supervise;

import dev.jctl.shim.kernel.Epoll;
import dev.jctl.shim.kernel.Kernel;
import dev.jctl.shim.kernel.KernelException;
import dev.jctl.shim.kernel.Transfer;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A descriptor that does not block, as streams that do: a reader or writer parks its (virtual)
 * thread until the event loop sees the descriptor ready. Closing it wakes them all.
 */
public final class PolledDescriptor implements AutoCloseable {
  private final int fd;
  private final EventLoop.Registration registration;
  private final Semaphore readable = new Semaphore(0);
  private final Semaphore writable = new Semaphore(0);
  private final ReentrantLock using = new ReentrantLock();
  private boolean closed;

  /**
   * @param fd open, not blocking; belongs to this from now on
   */
  public PolledDescriptor(EventLoop loop, int fd) {
    this.fd = fd;
    // edge-triggered: each change gives one permit, so none is missed between a try and a wait
    this.registration =
        loop.register(
            fd,
            Epoll.IN | Epoll.OUT | Epoll.RDHUP | Epoll.EDGE,
            events -> {
              signal(readable);
              signal(writable);
            });
  }

  /** At most one permit, however long nobody waits. */
  private static void signal(Semaphore ready) {
    if (ready.availablePermits() == 0) {
      ready.release();
    }
  }

  private interface Attempt {
    int run();
  }

  /** Negative: would block. Holding the lock keeps the number from being closed under the call. */
  private int attempt(Attempt attempt) throws IOException {
    using.lock();
    try {
      if (closed) {
        throw new IOException("stream closed");
      }
      return attempt.run();
    } catch (KernelException e) {
      throw new IOException(e.getMessage(), e);
    } finally {
      using.unlock();
    }
  }

  private static void await(Semaphore ready) throws IOException {
    try {
      ready.acquire();
      ready.drainPermits();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw (IOException) new InterruptedIOException("interrupted").initCause(e);
    }
  }

  public InputStream input() {
    return new InputStream() {
      @Override
      public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
      }

      @Override
      public int read(byte[] target, int offset, int length) throws IOException {
        if (length == 0) {
          return 0;
        }
        byte[] buffer = new byte[Math.min(length, 16 << 10)];
        int count = attempt(() -> Transfer.read(fd, buffer));
        while (count < 0) {
          await(readable);
          count = attempt(() -> Transfer.read(fd, buffer));
        }
        System.arraycopy(buffer, 0, target, offset, count);
        return count == 0 ? -1 : count;
      }

      @Override
      public void close() {
        PolledDescriptor.this.close();
      }
    };
  }

  public OutputStream output() {
    return new OutputStream() {
      @Override
      public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
      }

      @Override
      public void write(byte[] bytes, int offset, int length) throws IOException {
        byte[] rest = Arrays.copyOfRange(bytes, offset, offset + length);
        while (rest.length > 0) {
          byte[] chunk = rest;
          int count = attempt(() -> Transfer.write(fd, chunk));
          if (count < 0) {
            await(writable);
          } else {
            rest = Arrays.copyOfRange(rest, count, rest.length);
          }
        }
      }

      @Override
      public void close() {
        PolledDescriptor.this.close();
      }
    };
  }

  /** For calls other than reading and writing; not once closed. */
  public void with(java.util.function.IntConsumer action) throws IOException {
    attempt(
        () -> {
          action.accept(fd);
          return 0;
        });
  }

  @Override
  public void close() {
    using.lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
      registration.cancel();
      Kernel.close(fd);
    } finally {
      using.unlock();
    }
    readable.release();
    writable.release();
  }
}
