package dev.jctl.shim.layer;

import dev.jctl.shim.kernel.KernelException;
import dev.jctl.shim.kernel.NewFile;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * Writes what is in new files, and closes them, on a thread of its own while its caller makes the
 * next ones. What goes wrong there is thrown at the next call here, with the name of the entry that
 * it is about. For one thread.
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

  /** The next bytes of an entry's file, which the caller does not touch any more. */
  void write(String entry, NewFile file, byte[] bytes) {
    check();
    inTurn(entry, () -> file.write(bytes));
  }

  /** The file's last bytes, and what else is to be done to it. */
  void finish(String entry, NewFile file, byte[] bytes, Work last) {
    inTurn(
        entry,
        () -> {
          try (file) {
            file.write(bytes);
            last.run();
          }
        });
    check();
  }

  private void inTurn(String entry, Work work) {
    room.acquireUninterruptibly();
    thread.execute(
        () -> {
          try {
            work.run();
          } catch (KernelException e) {
            fail(EntryFailure.of(entry, e));
          } catch (RuntimeException e) {
            fail(e);
          } finally {
            room.release();
          }
        });
  }

  private void fail(RuntimeException e) {
    failure = failure == null ? e : failure;
  }

  /** Closes a file that is not wanted any more. */
  void abandon(String entry, NewFile file) {
    inTurn(entry, file::close);
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
