package dev.jctl.store;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * One writer: takes all that is waiting as a group, so that one sync to disk answers many callers.
 * The queue is bounded; callers wait for a place.
 */
final class CommitLoop implements AutoCloseable {
  private static final int QUEUE = 4096;
  private static final int GROUP = 512;

  private final BlockingQueue<Pending> queue = new ArrayBlockingQueue<>(QUEUE);
  private final Consumer<List<Pending>> commit;
  private final Thread thread;
  private volatile boolean closed;

  CommitLoop(Consumer<List<Pending>> commit) {
    this.commit = commit;
    this.thread = Thread.ofPlatform().name("store-commit").start(this::run);
  }

  /** A transaction and who waits for it. */
  record Pending(Txn txn, CompletableFuture<Store.TxnResult> result) {
    /** Decides now; the answer is to be run when the group is written. */
    Runnable answer(Function<Txn, Store.TxnResult> decide) {
      try {
        Store.TxnResult decided = decide.apply(txn);
        return () -> result.complete(decided);
      } catch (RuntimeException e) {
        return () -> result.completeExceptionally(e);
      }
    }
  }

  CompletableFuture<Store.TxnResult> submit(Txn txn) {
    Pending pending = new Pending(txn, new CompletableFuture<>());
    if (closed) {
      pending.result().completeExceptionally(new StoreException("the store is closed"));
      return pending.result();
    }
    try {
      queue.put(pending);
      if (closed) {
        failWaiting();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      pending.result().completeExceptionally(new StoreException("interrupted", e));
    }
    return pending.result();
  }

  private void run() {
    List<Pending> group = new ArrayList<>();
    try {
      while (!closed) {
        group.add(queue.take());
        queue.drainTo(group, GROUP - 1);
        commitOrFail(group);
        group.clear();
      }
    } catch (InterruptedException e) {
      // closed
    }
    failWaiting();
  }

  private void commitOrFail(List<Pending> group) {
    try {
      commit.accept(group);
    } catch (RuntimeException e) {
      group.forEach(p -> p.result().completeExceptionally(e));
    }
  }

  private void failWaiting() {
    List<Pending> waiting = new ArrayList<>();
    queue.drainTo(waiting);
    StoreException reason = new StoreException("the store is closed");
    waiting.forEach(p -> p.result().completeExceptionally(reason));
  }

  @Override
  public void close() {
    closed = true;
    // An idle loop waits for work; a busy one must finish its group, which an interrupt does not
    // cut short.
    thread.interrupt();
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
