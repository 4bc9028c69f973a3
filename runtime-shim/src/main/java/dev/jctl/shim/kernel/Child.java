package dev.jctl.shim.kernel;

import java.util.List;

/**
 * A child that runs a syscall program. It shares this JVM's memory until its {@code execve}; its
 * program is kept until then by this object, which must stay referenced.
 */
public final class Child {
  private static final long CLONE_VM = 0x100;
  private static final long CLONE_PIDFD = 0x1000;
  private static final long CLONE_CLEAR_SIGHAND = 0x100000000L;
  private static final int SIGCHLD = 17;
  private static final int CLONE_ARGS = 88;
  private static final int STACK = 4096;

  private final NativeProgram program;
  private final NativeMemory stack;
  private final int pid;
  private final int pidfd;

  private Child(NativeProgram program, NativeMemory stack, int pid, int pidfd) {
    this.program = program;
    this.stack = stack;
    this.pid = pid;
    this.pidfd = pidfd;
  }

  /**
   * clone3(2).
   *
   * @param namespaces CLONE_NEW flags
   */
  public static Child spawn(List<SyscallRecord> records, long namespaces) {
    NativeProgram program = new NativeProgram(records);
    NativeMemory stack = NativeMemory.allocate(STACK);
    NativeMemory pidfd = NativeMemory.allocate(8);
    NativeMemory masks = NativeMemory.allocate(24);
    masks.putLong(0, -1);
    NativeMemory arguments = NativeMemory.allocate(CLONE_ARGS);
    arguments.putLong(0, CLONE_VM | CLONE_PIDFD | CLONE_CLEAR_SIGHAND | namespaces);
    arguments.putLong(8, pidfd.address());
    arguments.putLong(32, SIGCHLD);
    arguments.putLong(40, stack.address());
    arguments.putLong(48, STACK);
    long result = ChildInterpreter.spawn(arguments, CLONE_ARGS, program.memory(), masks);
    if (result < 0) {
      throw new KernelException("clone3", (int) -result);
    }
    return new Child(program, stack, (int) result, pidfd.getInt(0));
  }

  public int pid() {
    return pid;
  }

  /** Belongs to the caller. */
  public int pidfd() {
    return pidfd;
  }

  /** The call that ended the child, with its errno; null while there is none. */
  public java.util.Optional<Failure> failure() {
    int failed = program.failedRecord();
    return failed < 0
        ? java.util.Optional.empty()
        : java.util.Optional.of(
            new Failure(program.records().get(failed), (int) -program.result(failed)));
  }

  /** What the calls with that name returned, negative errnos for failures, in order. */
  public List<Long> results(String call) {
    return java.util.stream.IntStream.range(0, program.records().size())
        .filter(i -> program.records().get(i).call().equals(call))
        .mapToObj(program::result)
        .toList();
  }

  public record Failure(SyscallRecord record, int errno) {
    public KernelException exception() {
      return new KernelException(record.purpose() + " (" + record.call() + ")", errno);
    }
  }

  @Override
  public String toString() {
    return "child " + pid + " (stack " + Long.toHexString(stack.address()) + ")";
  }
}
