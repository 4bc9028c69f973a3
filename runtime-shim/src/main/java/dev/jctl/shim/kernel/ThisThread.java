package dev.jctl.shim.kernel;

import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the calling thread may set of itself. */
public final class ThisThread {
  private static final Logger LOG = LoggerFactory.getLogger(ThisThread.class);

  /** struct sched_attr, sched_setattr(2): its first version. */
  private static final int SCHED_ATTR_BYTES = 48;

  /** capget(2). */
  private static final int CAPABILITY_VERSION_3 = 0x20080522;

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

  /**
   * Does something so that what it makes in file systems belongs to that user and group, with all
   * else that this thread may, credentials(7). Not for work that waits: other threads are not
   * concerned, but this one is.
   */
  public static void asFileOwner(int id, Runnable work) {
    long group = setFileGroup(id);
    long user = setFileUser(id);
    try {
      raiseCapabilities();
      work.run();
    } finally {
      setFileUser(user);
      setFileGroup(group);
    }
  }

  /**
   * Does something as that user, without privileges. For files of {@code /proc/sys}, whose owner in
   * a user namespace must be the one to write.
   */
  public static void asUser(int id, Runnable work) {
    String what = "setresuid " + id;
    Kernel.syscall("setresuid", -1, id, -1, 0, 0, 0, what);
    try {
      work.run();
    } finally {
      Kernel.syscall("setresuid", -1, 0, -1, 0, 0, 0, "setresuid 0");
    }
  }

  /** Both give what was before, setfsuid(2). */
  private static long setFileUser(long id) {
    return Kernel.syscall("setfsuid", id, 0, 0, 0, 0, 0, "setfsuid " + id);
  }

  private static long setFileGroup(long id) {
    return Kernel.syscall("setfsgid", id, 0, 0, 0, 0, 0, "setfsgid " + id);
  }

  /** To another file owner than root the kernel leaves none of those about files. */
  private static void raiseCapabilities() {
    try (NativeMemory header = NativeMemory.allocate(8);
        NativeMemory sets = NativeMemory.allocate(24)) {
      header.putInt(0, CAPABILITY_VERSION_3);
      header.putInt(4, 0);
      Kernel.syscall("capget", header.address(), sets.address(), 0, 0, 0, 0, "capget");
      // struct __user_cap_data_struct, twice: effective, permitted, inheritable
      sets.putInt(0, sets.getInt(4));
      sets.putInt(12, sets.getInt(16));
      Kernel.syscall("capset", header.address(), sets.address(), 0, 0, 0, 0, "capset");
    }
  }
}
