package dev.jctl.shim.command;

import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.RuntimeFailure.Reason;
import dev.jctl.shim.exec.Launcher;
import dev.jctl.shim.kernel.DescriptorSocket;
import dev.jctl.shim.kernel.Kernel;
import dev.jctl.shim.kernel.Terminal;
import dev.jctl.shim.kernel.Transfer;
import dev.jctl.shim.spec.OciSpec;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Supplier;

/**
 * Standard streams of a process: ours, or a terminal of its own.
 *
 * @param master of the terminal
 * @param socket where who wants the master waits for it
 */
record Console(Launcher.Stdio stdio, OptionalInt master, Optional<String> socket)
    implements AutoCloseable {
  /** Whether we stay and pass on what is typed and shown. */
  enum Attendance {
    STAYS,
    LEAVES
  }

  /**
   * @param terminal makes one, when the process is to have it
   */
  static Console open(
      OciSpec.Process process,
      Optional<String> socket,
      Attendance attendance,
      Supplier<Terminal.Pair> terminal) {
    if (!process.terminal()) {
      if (socket.isPresent()) {
        throw new RuntimeFailure(
            Reason.INVALID, "--console-socket: the process has no terminal (process.terminal)");
      }
      return new Console(
          new Launcher.Stdio.Descriptors(0, 1, 2), OptionalInt.empty(), Optional.empty());
    }
    if (socket.isEmpty() && attendance == Attendance.LEAVES) {
      throw new RuntimeFailure(
          Reason.INVALID,
          "process.terminal: with nobody who stays for its terminal, --console-socket is needed");
    }
    Terminal.Pair pair = terminal.get();
    Transfer.makeBlocking(pair.master());
    OciSpec.ConsoleSize size = process.consoleSize();
    if (size != null && size.width() > 0 && size.height() > 0) {
      Terminal.resize(pair.master(), size.width(), size.height());
    }
    return new Console(new Launcher.Stdio.Pty(pair.slave()), OptionalInt.of(pair.master()), socket);
  }

  /** The process has it now. */
  void handOver() {
    if (stdio instanceof Launcher.Stdio.Pty(int slave)) {
      Kernel.close(slave);
    }
    socket.ifPresent(path -> DescriptorSocket.send(path, master.getAsInt(), "/dev/ptmx"));
  }

  @Override
  public void close() {
    master.ifPresent(Kernel::close);
  }
}
