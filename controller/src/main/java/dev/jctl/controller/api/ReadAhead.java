package dev.jctl.controller.api;

import dev.jctl.controller.resources.ApiException;
import dev.jctl.controller.resources.ApiException.Reason;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Pieces of something long, each of which is there as soon as it is read. Who reads is a few ahead
 * of who takes them, once; of a slow client it gets further, as what is read from must not be held
 * for long.
 */
final class ReadAhead implements Iterable<byte[]> {
  private static final byte[] END = {};
  private static final int AHEAD = 8;
  private static final Duration PATIENCE = Duration.ofMillis(200);

  private final Semaphore room = new Semaphore(AHEAD);
  private final BlockingQueue<byte[]> pieces = new LinkedBlockingQueue<>();
  private volatile @Nullable RuntimeException failure;

  /** How long may still be waited for room, in nanoseconds; for who reads. */
  private long patience = PATIENCE.toNanos();

  /** That was taken but not handed on. */
  private byte @Nullable [] next;

  /**
   * @param read hands on one piece after the other, none of them empty
   * @throws RuntimeException that of {@code read}, when it fails before there is a piece; when it
   *     fails later, who takes the pieces gets that instead of the next one
   */
  ReadAhead(Consumer<Consumer<byte[]>> read) {
    Thread.ofVirtual().name("read-ahead").start(() -> fill(read));
    next = take();
  }

  private void fill(Consumer<Consumer<byte[]>> read) {
    try {
      read.accept(
          piece -> {
            awaitRoom();
            pieces.add(piece);
          });
    } catch (RuntimeException e) {
      failure = e;
    } finally {
      pieces.add(END);
    }
  }

  private void awaitRoom() {
    long start = System.nanoTime();
    try {
      room.tryAcquire(patience, TimeUnit.NANOSECONDS); // at once when none is left
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    patience -= System.nanoTime() - start;
  }

  private byte[] take() {
    byte[] piece;
    try {
      piece = pieces.take();
      room.release();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ApiException(Reason.INTERNAL_ERROR, "the server is stopping", null, List.of());
    }
    RuntimeException failed = failure;
    if (piece.length == 0 && failed != null) {
      throw failed;
    }
    return piece;
  }

  @Override
  public Iterator<byte[]> iterator() {
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        if (next == null) {
          next = take();
        }
        return next.length > 0;
      }

      @Override
      public byte[] next() {
        byte[] piece = hasNext() ? next : null;
        if (piece == null) {
          throw new NoSuchElementException();
        }
        next = null;
        return piece;
      }
    };
  }
}
