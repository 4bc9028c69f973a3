package dev.jctl.shim.layer;

import dev.jctl.shim.kernel.NewFile;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * Writes what is in new files, and closes them, on a thread of its own while its caller makes the
 * next ones. What goes wrong there is thrown at the next call here. For one thread.
 */
final class FileFinisher implements AutoCloseable {
  /** Of pieces that wait; each is at most {@link LayerWriter#PIECE_BYTES} long. */
  private static final int MAX_WAITING = 32;

  interface Work {
    void run();
  }

  private final Semaphore room = new Semaphore(MAX_WAITING);
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(Thread.ofPlatform().name("unpack-files").factory());
  private volatile @Nullable RuntimeException failure;

  /** The file's next bytes, which the caller does not touch any more. */
  void write(NewFile file, byte[] bytes) {
    check();
    inTurn(() -> file.write(bytes));
  }

  /** The file's last bytes, and what else is to be done to it. */
  void finish(NewFile file, byte[] bytes, Work last) {
    inTurn(
        () -> {
          try (file) {
            file.write(bytes);
            last.run();
          }
        });
    check();
  }

  private void inTurn(Work work) {
    room.acquireUninterruptibly();
    thread.execute(
        () -> {
          try {
            work.run();
          } catch (RuntimeException e) {
            failure = failure == null ? e : failure;
          } finally {
            room.release();
          }
        });
  }

  /** Closes a file that is not wanted any more. */
  void abandon(NewFile file) {
    inTurn(file::close);
  }

  private void check() {
    RuntimeException thrown = failure;
    if (thrown != null) {
      throw thrown;
    }
  }

  /** Waits until all of it is written. */
  void await() {
    thread.close();
    check();
  }

  @Override
  public void close() {
    thread.close();
  }
}
