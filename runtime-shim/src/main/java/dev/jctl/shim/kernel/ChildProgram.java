package dev.jctl.shim.kernel;

import com.kenai.jffi.MemoryIO;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;

/**
 * A syscall program in memory, as {@link ChildInterpreter} reads it, with what the child needs
 * besides: its stack, the strings and structures of arguments, the arguments of {@code clone3}.
 *
 * <p>One block: control, records, then data in the order of its making. It is written in the heap
 * and copied when it is begun, as each access to memory outside costs much more. Parent and child
 * both look at it then, so it may be closed only after the child has left it, by exec or death.
 */
public final class ChildProgram implements AutoCloseable {
  private static final MemoryIO MEMORY = MemoryIO.getInstance();

  // the control block
  static final int CLONE_ARGS = 0;
  static final int CLONE_ARGS_SIZE = 8;
  static final int FIRST_RECORD = 16;
  static final int SAVED_MASK = 24;
  static final int ALL_SIGNALS = 32;
  static final int FAILED = 40;
  static final int CURRENT = 48;
  private static final int STAGE = 56;
  private static final int PIDFD = 64;
  private static final int PID = 72;
  private static final int NO_STORES = 80;
  private static final int CONTROL_BYTES = 88;

  // a record
  static final int NUMBER = 0;
  static final int FIRST_ARGUMENT = 8;
  static final int RESULT = 56;
  static final int MINIMUM = 64;
  static final int TOLERATED = 72;
  static final int SKIPPED_BYTES = 80;
  static final int STORES = 88;
  static final int RECORD_BYTES = 96;

  /** struct clone_args up to and including {@code cgroup}, clone(2). */
  private static final int CLONE_ARGS_BYTES = 88;

  private static final long CLONE_VM = 0x100;
  private static final long CLONE_FILES = 0x400;
  private static final long CLONE_PIDFD = 0x1000;
  private static final long CLONE_VFORK = 0x4000;
  private static final long CLONE_PARENT_SETTID = 0x100000;
  private static final long CLONE_CLEAR_SIGHAND = 0x1_0000_0000L;
  private static final long CLONE_INTO_CGROUP = 0x2_0000_0000L;
  static final int SIGCHLD = 17;

  /** clone3 insists on one; nothing is ever pushed. */
  private static final int STACK_BYTES = 4096;

  /** A child is made in less, when nothing else goes on. */
  private static final long AWAKE_NANOS = 1_000_000;

  private static final int FUTEX_WAIT = 0;
  private static final int FUTEX_WAKE = 1;

  /** Stage after the child has left the program. */
  private static final int OVER = 0xfff;

  private final long address;
  private final int records;
  private final ByteBuffer image;

  /** Where the next use of a record's result is noted; 0 for those that are not used. */
  private final long[] results;

  private long free;

  /**
   * @param namespaces CLONE_NEW flags
   * @param records number of records
   * @param dataBytes room for {@link #bytes}, {@link #text}, {@link #words} and {@link #results}
   */
  public ChildProgram(long namespaces, int records, int dataBytes) {
    int size =
        CONTROL_BYTES + records * RECORD_BYTES + CLONE_ARGS_BYTES + STACK_BYTES + 16 + dataBytes;
    this.address = MEMORY.allocateMemory(size, true);
    if (address == 0) {
      throw new KernelException("malloc of " + size + " bytes", Errno.ENOMEM.number());
    }
    this.records = records;
    this.results = new long[records];
    this.image = ByteBuffer.allocate(size).order(ByteOrder.nativeOrder());
    this.free = address + CONTROL_BYTES + (long) records * RECORD_BYTES;
    long arguments = take(CLONE_ARGS_BYTES);
    put(address + CLONE_ARGS, arguments);
    put(address + CLONE_ARGS_SIZE, CLONE_ARGS_BYTES);
    put(address + FIRST_RECORD, record(0));
    put(address + ALL_SIGNALS, -1);
    fillCloneArguments(arguments, namespaces);
  }

  private void fillCloneArguments(long arguments, long namespaces) {
    // CLONE_VFORK also keeps the out-of-memory killer away from a child that shares our memory
    long flags =
        CLONE_VM
            | CLONE_FILES
            | CLONE_VFORK
            | CLONE_PIDFD
            | CLONE_PARENT_SETTID
            | CLONE_CLEAR_SIGHAND
            | namespaces;
    put(arguments, flags);
    put(arguments + 8, address + PIDFD);
    put(arguments + 24, address + PID);
    put(arguments + 32, SIGCHLD);
    put(arguments + 40, (take(STACK_BYTES) + 15) & ~15L);
    take(16);
    put(arguments + 48, STACK_BYTES);
  }

  /**
   * Makes it in another group of v2 than this process.
   *
   * @param directory descriptor, open until the child is made
   */
  public void group(int directory) {
    long arguments = image.getLong(CLONE_ARGS);
    put(arguments, image.getLong(offset(arguments)) | CLONE_INTO_CGROUP);
    put(arguments + 80, directory);
  }

  /** To be called once, by who makes the child: nothing that is added later is seen by it. */
  long begin() {
    MEMORY.putByteArray(address, image.array(), 0, offset(free));
    return address;
  }

  private int offset(long at) {
    return (int) (at - address);
  }

  private void put(long at, long value) {
    image.putLong(offset(at), value);
  }

  private long record(int index) {
    return address + CONTROL_BYTES + (long) index * RECORD_BYTES;
  }

  private long take(int bytes) {
    long taken = free;
    free += (bytes + 7) & ~7;
    if (offset(free) > image.capacity()) {
      throw new IllegalStateException("the program's data does not fit");
    }
    return taken;
  }

  /** Bytes that a text takes at most; to know it exactly, it would have to be encoded twice. */
  public static int sizeOf(String text) {
    return (3 * text.length() + 1 + 7) & ~7;
  }

  public long bytes(byte[] bytes) {
    long at = take(bytes.length);
    image.put(offset(at), bytes);
    return at;
  }

  /** With a NUL behind it. */
  public long text(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    long at = take(bytes.length + 1);
    image.put(offset(at), bytes);
    return at;
  }

  public long words(List<Long> words) {
    long at = take(8 * words.size());
    for (int i = 0; i < words.size(); i++) {
      put(at + 8L * i, words.get(i));
    }
    return at;
  }

  /** Address of the word that the program counts its stages in. */
  public long stageAddress() {
    return address + STAGE;
  }

  /**
   * @param minimum a lesser result is a failure
   * @param tolerated unless it is this one: then the program goes on
   * @param skipped that many records later
   */
  public void record(int index, int number, long minimum, long tolerated, int skipped) {
    long at = record(Objects.checkIndex(index, records));
    put(at + NUMBER, number);
    put(at + MINIMUM, minimum);
    put(at + TOLERATED, tolerated);
    put(at + SKIPPED_BYTES, (long) skipped * RECORD_BYTES);
    if (results[index] == 0) {
      put(at + STORES, address + NO_STORES);
    }
  }

  public void argument(int index, int argument, long value) {
    put(argumentOf(index, argument), value);
  }

  private long argumentOf(int index, int argument) {
    return record(Objects.checkIndex(index, records)) + FIRST_ARGUMENT + 8L * argument;
  }

  /** So many {@link #use}s are made of a record's result. */
  public void results(int index, int uses) {
    results[index] = take(8 * (uses + 1));
    put(record(index) + STORES, results[index]);
  }

  /** Makes the result of {@code from} an argument of a later record. */
  public void use(int from, int index, int argument) {
    put(results[from], argumentOf(index, argument));
    results[from] += 8;
  }

  // --- while it runs

  /** Pid of the child; 0 before it is made. */
  public int pid() {
    return MEMORY.getInt(address + PID);
  }

  /** Of the child, close-on-exec. */
  public int pidfd() {
    return MEMORY.getInt(address + PIDFD);
  }

  /** Result of a record, negative an errno; 0 when it has not run. */
  public long result(int index) {
    return MEMORY.getLong(record(Objects.checkIndex(index, records)) + RESULT);
  }

  /** The record that ended the program. */
  public OptionalInt failedRecord() {
    long failed = MEMORY.getLong(address + FAILED);
    return failed == 0 ? OptionalInt.empty() : OptionalInt.of(indexOf(failed));
  }

  /** The record that ran last. */
  public int currentRecord() {
    long current = MEMORY.getLong(address + CURRENT);
    return current == 0 ? 0 : indexOf(current);
  }

  private int indexOf(long recordAddress) {
    return (int) ((recordAddress - record(0)) / RECORD_BYTES);
  }

  /**
   * Blocks until the program says that it has reached that stage, or is over, or the time is up.
   *
   * @return whether it is at the stage, and not over
   */
  public boolean awaitStage(int stage, long timeoutMillis) {
    long deadline = System.nanoTime() + timeoutMillis * 1_000_000;
    int seen = awaitAwake(stage);
    while (seen < stage && deadline - System.nanoTime() > 0) {
      awaitChange(seen, deadline - System.nanoTime());
      seen = MEMORY.getInt(stageAddress());
    }
    return seen >= stage && seen < OVER;
  }

  /**
   * For a while without sleeping: who sleeps is woken on the processor of the child, and holds it
   * up there.
   *
   * @return the stage then
   */
  @SuppressWarnings("ThreadPriorityCheck") // whom it yields to is what is waited for
  private int awaitAwake(int stage) {
    long end = System.nanoTime() + AWAKE_NANOS;
    int seen = MEMORY.getInt(stageAddress());
    while (seen < stage && end - System.nanoTime() > 0) {
      Thread.yield();
      seen = MEMORY.getInt(stageAddress());
    }
    return seen;
  }

  private void awaitChange(int seen, long nanos) {
    try (NativeMemory timeout = NativeMemory.allocate(16)) {
      timeout.putLong(0, Math.max(0, nanos) / 1_000_000_000);
      timeout.putLong(8, Math.max(0, nanos) % 1_000_000_000);
      LibC.INSTANCE.syscall(
          SyscallNumbers.of("futex"), stageAddress(), FUTEX_WAIT, seen, timeout.address(), 0, 0);
    }
  }

  /** To be called when {@link ChildInterpreter#run} has returned: wakes those who wait. */
  public void over() {
    MEMORY.putInt(stageAddress(), OVER);
    LibC.INSTANCE.syscall(
        SyscallNumbers.of("futex"), stageAddress(), FUTEX_WAKE, Integer.MAX_VALUE, 0, 0, 0);
  }

  @Override
  public void close() {
    MEMORY.freeMemory(address);
  }
}
