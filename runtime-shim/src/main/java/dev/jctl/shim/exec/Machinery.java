package dev.jctl.shim.exec;

import dev.jctl.shim.kernel.ChildInterpreter;
import dev.jctl.shim.kernel.NamespaceThreads;
import dev.jctl.shim.kernel.NamespaceThreads.Afterwards;
import dev.jctl.shim.kernel.ThisProcess;

/**
 * What every start needs: the code that children run, threads that make them, what this process may
 * give.
 */
record Machinery(ChildInterpreter interpreter, NamespaceThreads launches, HostFacts facts) {
  /**
   * @param threads so many wait for a start
   */
  static Machinery withSpareThreads(int threads) {
    // a child that has joined a container, or has its user, shares our memory until its execve
    ThisProcess.forbidTracing();
    return new Machinery(
        new ChildInterpreter(), new NamespaceThreads(Afterwards.END, threads), HostFacts.read());
  }
}
