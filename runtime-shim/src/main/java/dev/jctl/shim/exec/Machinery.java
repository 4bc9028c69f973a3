package dev.jctl.shim.exec;

import dev.jctl.shim.kernel.ChildInterpreter;
import dev.jctl.shim.kernel.NamespaceThreads;
import dev.jctl.shim.kernel.NamespaceThreads.Afterwards;
import dev.jctl.shim.kernel.ThisProcess;

/**
 * What every start needs: the code that children run, threads that make them, what this process may
 * give.
 */
record Machinery(
    ChildInterpreter interpreter,
    NamespaceThreads launches,
    LowDescriptors numbers,
    HostFacts facts) {
  /** For some starts at once. */
  private static final int NUMBERS = 48;

  /** For a process that stays, while it has few descriptors open. */
  static Machinery ofDaemon() {
    return withSpares(2, NUMBERS);
  }

  /** For a process that makes one child or two. */
  static Machinery ofCommand() {
    return withSpares(0, 0);
  }

  /**
   * @param threads so many wait for a start
   */
  private static Machinery withSpares(int threads, int numbers) {
    // a child that has joined a container, or has its user, shares our memory until its execve
    ThisProcess.forbidTracing();
    return new Machinery(
        new ChildInterpreter(),
        new NamespaceThreads(Afterwards.END, threads),
        new LowDescriptors(numbers),
        HostFacts.read());
  }
}
