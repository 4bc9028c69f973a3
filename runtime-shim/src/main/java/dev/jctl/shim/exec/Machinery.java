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
  static Machinery ofDaemon() {
    return of(2, LowDescriptors.ofDaemon());
  }

  static Machinery ofCommand() {
    return of(0, LowDescriptors.ofCommand());
  }

  /**
   * @param threads so many wait for a start
   */
  private static Machinery of(int threads, LowDescriptors numbers) {
    // a child that has joined a container, or has its user, shares our memory until its execve
    ThisProcess.forbidTracing();
    return new Machinery(
        new ChildInterpreter(),
        new NamespaceThreads(Afterwards.END, threads),
        numbers,
        HostFacts.read());
  }
}
