package dev.jctl.shim.kernel;

/** What this process may set of itself. */
public final class ThisProcess {
  private static final int PR_SET_DUMPABLE = 4;

  private ThisProcess() {}

  /**
   * Ends it without a word to the JVM, which would wait for threads that are in the kernel, as is
   * one whose child waits for its start.
   */
  public static void endAtOnce(int status) {
    Kernel.syscall("exit_group", status, 0, 0, 0, 0, 0, "exit_group");
  }

  /** getrlimit(2); -1: none. */
  public static long hardLimit(int resource) {
    try (NativeMemory limit = NativeMemory.allocate(16)) {
      Kernel.syscall("prlimit64", 0, resource, 0, limit.address(), 0, 0, "prlimit64 " + resource);
      return limit.getLong(8);
    }
  }

  /**
   * Nobody without CAP_SYS_PTRACE may look at its memory from now on, nor at that of a child that
   * shares it, prctl(2).
   */
  public static void forbidTracing() {
    Kernel.syscall("prctl", PR_SET_DUMPABLE, 0, 0, 0, 0, 0, "prctl PR_SET_DUMPABLE");
  }
}
