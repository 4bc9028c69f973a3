package dev.jctl.shim.kernel;

import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the calling thread may set of itself. */
public final class ThisThread {
  private static final Logger LOG = LoggerFactory.getLogger(ThisThread.class);

  /** struct sched_attr, sched_setattr(2): its first version. */
  private static final int SCHED_ATTR_BYTES = 48;

  private static final int FLAGS = 8;
  private static final int RUNTIME = 24;
  private static final long SCHED_FLAG_RESET_ON_FORK = 1;

  /** The least that the kernel grants. */
  private static final Duration TURN = Duration.ofNanos(100_000);

  private ThisThread() {}

  /**
   * For a thread that others wait for and that never works long: when it is woken, it need not wait
   * for the turn of a busy one to end. By EEVDF who asks for shorter turns gets them sooner, not
   * more of them (Linux 6.12; before, nothing changes). Threads made by this one do not ask.
   */
  public static void takeShortTurns() {
    try (NativeMemory attributes = NativeMemory.allocate(SCHED_ATTR_BYTES)) {
      Kernel.syscall(
          "sched_getattr", 0, attributes.address(), SCHED_ATTR_BYTES, 0, 0, 0, "sched_getattr");
      attributes.putLong(FLAGS, SCHED_FLAG_RESET_ON_FORK);
      attributes.putLong(RUNTIME, TURN.toNanos());
      Kernel.syscall("sched_setattr", 0, attributes.address(), 0, 0, 0, 0, "sched_setattr");
    } catch (KernelException e) {
      LOG.debug("no short turns: {}", e.getMessage());
    }
  }
}
