package dev.jctl.shim.io;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayDeque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A bounded pipe between threads: one side puts chunks, the other reads a stream. Unlike {@link
 * java.io.PipedInputStream} it does not care which thread is alive and does not poll.
 */
public final class ByteQueue {
  private final int capacity;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final ArrayDeque<byte[]> chunks = new ArrayDeque<>();
  private int headOffset;
  private int size;
  private boolean ended;
  private boolean abandoned;
  private @Nullable IOException failure;

  /**
   * @param capacity bytes kept before {@link #put} waits
   */
  public ByteQueue(int capacity) {
    this.capacity = capacity;
  }

  /**
   * Adds a chunk, which now belongs to the queue; waits while it is full.
   *
   * @return false when the reader has gone or the queue was ended
   */
  public boolean put(byte[] chunk) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (size >= capacity && !ended && !abandoned) {
        changed.await();
      }
      return add(chunk);
    } finally {
      lock.unlock();
    }
  }

  /** As {@link #put}, but false at once when it is full. */
  public boolean offer(byte[] chunk) {
    lock.lock();
    try {
      return size < capacity && add(chunk);
    } finally {
      lock.unlock();
    }
  }

  private boolean add(byte[] chunk) {
    if (ended || abandoned) {
      return false;
    }
    if (chunk.length > 0) {
      chunks.add(chunk);
      size += chunk.length;
      changed.signalAll();
    }
    return true;
  }

  /** The reader sees end of file after what is in the queue. */
  public void end() {
    finish(null);
  }

  /** The reader sees this failure after what is in the queue. */
  public void fail(IOException cause) {
    finish(cause);
  }

  private void finish(@Nullable IOException cause) {
    lock.lock();
    try {
      if (!ended) {
        ended = true;
        failure = cause;
        changed.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  /** The reading side; closing it drops what is queued and what comes. */
  public InputStream stream() {
    return new Reader();
  }

  private int take(byte[] target, int offset, int length) throws IOException {
    lock.lock();
    try {
      while (size == 0 && !ended && !abandoned) {
        changed.awaitUninterruptibly();
      }
      if (abandoned) {
        throw new IOException("stream closed");
      }
      return size == 0 ? endOrFailure() : copyOut(target, offset, length);
    } finally {
      lock.unlock();
    }
  }

  private int endOrFailure() throws IOException {
    if (failure != null) {
      throw failure;
    }
    return -1;
  }

  private int copyOut(byte[] target, int offset, int length) {
    byte[] head = chunks.element();
    int count = Math.min(length, head.length - headOffset);
    System.arraycopy(head, headOffset, target, offset, count);
    headOffset += count;
    size -= count;
    if (headOffset == head.length) {
      chunks.remove();
      headOffset = 0;
    }
    changed.signalAll();
    return count;
  }

  private void abandon() {
    lock.lock();
    try {
      abandoned = true;
      chunks.clear();
      size = 0;
      headOffset = 0;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private final class Reader extends InputStream {
    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return take(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      return length == 0 ? 0 : take(target, offset, length);
    }

    @Override
    public int available() {
      lock.lock();
      try {
        return size;
      } finally {
        lock.unlock();
      }
    }

    @Override
    public void close() {
      abandon();
    }
  }
}
