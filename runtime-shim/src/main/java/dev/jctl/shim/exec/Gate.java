package dev.jctl.shim.exec;

import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.kernel.Child;
import dev.jctl.shim.kernel.Errno;
import dev.jctl.shim.kernel.Kernel;
import dev.jctl.shim.kernel.KernelException;
import dev.jctl.shim.plan.ProcessSteps;
import dev.jctl.shim.spec.OciSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;

/**
 * A child between {@code clone3} and {@code execve}, and our end of the socket that it waits at.
 * The end of the connection says that the child has gone on to its program, or is dead; which of
 * the two is in its syscall program.
 */
final class Gate implements Launcher.Launched {
  private static final int SIGKILL = 9;

  private final Child child;
  private final OciSpec.Process process;
  private final int socket;
  private final long startTicks;

  private Gate(Child child, OciSpec.Process process, int socket, long startTicks) {
    this.child = child;
    this.process = process;
    this.socket = socket;
    this.startTicks = startTicks;
  }

  /** Waits until the child has done all before its gate. Takes {@code socket} over. */
  static Gate await(Child child, OciSpec.Process process, int socket) {
    byte[] ready = new byte[1];
    if (Kernel.read(socket, ready) == 1) {
      return new Gate(child, process, socket, startTicks(child.pid()));
    }
    Kernel.close(socket);
    KernelException failure = ended(child);
    Kernel.close(child.pidfd());
    throw new RuntimeFailure(
        RuntimeFailure.Reason.KERNEL, String.valueOf(failure.getMessage()), failure);
  }

  private static KernelException ended(Child child) {
    KernelException failure =
        child
            .failure()
            .map(Child.Failure::exception)
            .orElseGet(
                () ->
                    new KernelException(
                        "the process was killed before its start", Errno.ESRCH.number()));
    Processes.reap(child.pidfd());
    return failure;
  }

  private static long startTicks(int pid) {
    try {
      String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
      return Long.parseLong(stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1)[19]);
    } catch (IOException e) {
      throw new RuntimeFailure(
          RuntimeFailure.Reason.KERNEL, "process " + pid + " is gone: " + e.getMessage(), e);
    }
  }

  @Override
  public int pid() {
    return child.pid();
  }

  @Override
  public int pidfd() {
    return child.pidfd();
  }

  @Override
  public long startTicks() {
    return startTicks;
  }

  @Override
  public Instant start() {
    try {
      Kernel.write(socket, new byte[] {'s'});
      Kernel.read(socket, new byte[1]);
    } finally {
      Kernel.close(socket);
    }
    var failure = child.failure();
    if (failure.isPresent()) {
      Processes.reap(child.pidfd());
      throw failed(failure.get());
    }
    return Instant.now();
  }

  private RuntimeFailure failed(Child.Failure failure) {
    if (!failure.record().call().equals("execve")) {
      KernelException cause = failure.exception();
      return new RuntimeFailure(
          RuntimeFailure.Reason.KERNEL, String.valueOf(cause.getMessage()), cause);
    }
    String program = process.args().getFirst();
    List<Long> results = child.results("execve");
    if (results.contains((long) -Errno.EACCES.number())
        || failure.errno() == Errno.ENOEXEC.number()) {
      int errno =
          failure.errno() == Errno.ENOEXEC.number() ? failure.errno() : Errno.EACCES.number();
      return new RuntimeFailure(
          RuntimeFailure.Reason.COMMAND_NOT_EXECUTABLE,
          "\"" + program + "\" cannot be executed: " + Errno.describe(errno));
    }
    if (failure.errno() == Errno.ENOENT.number() || failure.errno() == Errno.ENOTDIR.number()) {
      String where = program.contains("/") ? "" : " in PATH " + ProcessSteps.path(process);
      return new RuntimeFailure(
          RuntimeFailure.Reason.COMMAND_NOT_FOUND,
          "\"" + program + "\" is not in the image" + where);
    }
    return new RuntimeFailure(
        RuntimeFailure.Reason.KERNEL, "\"" + program + "\": " + Errno.describe(failure.errno()));
  }

  @Override
  public void abandon() {
    try {
      Kernel.pidfdSendSignal(child.pidfd(), SIGKILL);
    } catch (KernelException e) {
      if (!e.is(Errno.ESRCH)) {
        throw e;
      }
    } finally {
      Kernel.close(socket);
    }
    Processes.reap(child.pidfd());
  }
}
