package dev.jctl.shim.command;

import dev.jctl.shim.kernel.Errno;
import dev.jctl.shim.kernel.Kernel;
import dev.jctl.shim.kernel.KernelException;
import dev.jctl.shim.kernel.Pidfd;
import dev.jctl.shim.kernel.Terminal;
import dev.jctl.shim.kernel.Transfer;
import dev.jctl.shim.plan.Signals;
import java.util.Arrays;
import java.util.OptionalInt;

/**
 * Stays with a child of ours until it ends: passes on its terminal, and that we are told to end.
 */
final class Attendant {
  private static final int BUFFER_BYTES = 16 << 10;
  private static final long SIZE_MILLIS = 250;

  private Attendant() {}

  /**
   * @param pidfd of the child
   * @return its exit code, 128 and the signal's number if one ended it
   */
  static int attend(int pidfd, OptionalInt master) {
    Runtime.getRuntime().addShutdownHook(new Thread(() -> endWith(pidfd), "told to end"));
    if (master.isEmpty() || !Terminal.is(0)) {
      return attendStreams(pidfd, master);
    }
    byte[] settings = Terminal.makeRaw(0);
    try {
      Thread.ofPlatform().daemon().name("size").start(() -> follow(master.getAsInt()));
      return attendStreams(pidfd, master);
    } finally {
      Terminal.restore(0, settings);
    }
  }

  private static int attendStreams(int pidfd, OptionalInt master) {
    if (master.isPresent()) {
      Thread.ofPlatform().daemon().name("input").start(() -> copy(0, master.getAsInt()));
      // until all of its processes have closed the terminal
      copy(master.getAsInt(), 1);
    }
    return Pidfd.awaitEnd(pidfd).code();
  }

  /** The JVM does not say which signal it was. */
  private static void endWith(int pidfd) {
    try {
      Kernel.pidfdSendSignal(pidfd, Signals.parse("TERM"));
      Thread.sleep(Long.MAX_VALUE);
    } catch (KernelException ended) {
      // the other thread is about to end this process with its exit code
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void copy(int from, int to) {
    byte[] buffer = new byte[BUFFER_BYTES];
    try {
      int count = Transfer.read(from, buffer);
      while (count != 0) {
        if (count > 0) {
          writeAll(to, Arrays.copyOf(buffer, count));
        }
        count = Transfer.read(from, buffer);
      }
    } catch (KernelException e) {
      if (!e.is(Errno.EIO) && !e.is(Errno.EPIPE)) {
        throw e;
      }
    }
  }

  private static void writeAll(int to, byte[] bytes) {
    byte[] rest = bytes;
    while (rest.length > 0) {
      int written = Math.max(0, Transfer.write(to, rest));
      rest = Arrays.copyOfRange(rest, written, rest.length);
    }
  }

  /** A changed size is told by a signal, which the JVM has no word for. */
  private static void follow(int master) {
    try {
      while (true) {
        Terminal.copySize(0, master);
        Thread.sleep(SIZE_MILLIS);
      }
    } catch (KernelException gone) {
      // with it the process ends
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
