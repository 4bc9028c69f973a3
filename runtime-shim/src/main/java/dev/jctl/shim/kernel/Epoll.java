package dev.jctl.shim.kernel;

/** epoll(7). One thread waits; any thread may add and remove. */
public final class Epoll implements AutoCloseable {
  public static final int IN = 0x001;
  public static final int PRI = 0x002;
  public static final int OUT = 0x004;
  public static final int ERR = 0x008;
  public static final int HUP = 0x010;
  public static final int RDHUP = 0x2000;
  public static final int EDGE = 1 << 31;

  private static final int CLOEXEC = 02000000;
  private static final int NONBLOCK = 04000;
  private static final int ADD = 1;
  private static final int DELETE = 2;

  /** struct epoll_event is packed on x86-64 only. */
  private static final int DATA_OFFSET = System.getProperty("os.arch").equals("amd64") ? 4 : 8;

  private static final int EVENT_SIZE = DATA_OFFSET + 8;
  private static final int CAPACITY = 64;

  private final int fd;
  private final int wake;
  private final NativeMemory events =
      NativeMemory.allocate(EVENT_SIZE * CAPACITY).freedWhenUnreachable();
  private final byte[] counter = new byte[8];

  /** Takes what became ready. */
  public interface Sink {
    void ready(long token, int events);
  }

  /** Waking has the token 0, which is not delivered. */
  public Epoll() {
    fd = (int) Kernel.check(LibC.INSTANCE.epoll_create1(CLOEXEC), "epoll_create1");
    wake = (int) Kernel.check(LibC.INSTANCE.eventfd(0, CLOEXEC | NONBLOCK), "eventfd");
    add(wake, IN, 0);
  }

  /**
   * @param token handed to the sink
   */
  public void add(int target, int interest, long token) {
    try (NativeMemory event = NativeMemory.allocate(EVENT_SIZE)) {
      event.putInt(0, interest);
      event.putLong(DATA_OFFSET, token);
      Kernel.check(LibC.INSTANCE.epoll_ctl(fd, ADD, target, event), "epoll_ctl add " + target);
    }
  }

  /** No error when it is not there. */
  public void remove(int target) {
    NativeMemory unused = events;
    LibC.INSTANCE.epoll_ctl(fd, DELETE, target, unused);
  }

  /** Returns after something became ready, the time is over, or {@link #wake}. -1: no limit. */
  public void await(int timeoutMillis, Sink sink) {
    int count = LibC.INSTANCE.epoll_wait(fd, events, CAPACITY, timeoutMillis);
    if (count < 0) {
      int errno = Kernel.errno();
      if (errno == Errno.EINTR.number()) {
        return;
      }
      throw new KernelException("epoll_wait", errno);
    }
    for (int i = 0; i < count; i++) {
      long token = events.getLong((long) i * EVENT_SIZE + DATA_OFFSET);
      if (token == 0) {
        Kernel.read(wake, counter);
      } else {
        sink.ready(token, events.getInt((long) i * EVENT_SIZE));
      }
    }
  }

  public void wake() {
    byte[] one = new byte[8];
    one[0] = 1;
    one[7] = 0;
    LibC.INSTANCE.write(wake, one, one.length);
  }

  @Override
  public void close() {
    Kernel.close(wake);
    Kernel.close(fd);
  }
}
