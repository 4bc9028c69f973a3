package dev.jctl.shim.local;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Keeps apart what is executed in a container and what makes it stand still. A process is made in
 * the container's group; where that stands still, the process does so from its first moment on,
 * with copies of all descriptors that the runtime had open, and whoever waits for the end of a pipe
 * waits until the container goes on. Who makes a copy of a volume meanwhile would wait for itself.
 */
final class Entrance {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private int entering;
  private int closed;

  /** Waits while it is closed. Until {@link #entered}. */
  void enter() {
    lock.lock();
    try {
      while (closed > 0) {
        changed.awaitUninterruptibly();
      }
      entering++;
    } finally {
      lock.unlock();
    }
  }

  void entered() {
    lock.lock();
    try {
      entering--;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Waits for those that are entering. Until as many {@link #open}. */
  void close() {
    lock.lock();
    try {
      closed++;
      while (entering > 0) {
        changed.awaitUninterruptibly();
      }
    } finally {
      lock.unlock();
    }
  }

  void open() {
    lock.lock();
    try {
      closed--;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
