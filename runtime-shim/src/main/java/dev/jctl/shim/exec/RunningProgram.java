package dev.jctl.shim.exec;

import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.RuntimeFailure.Reason;
import dev.jctl.shim.kernel.ChildInterpreter;
import dev.jctl.shim.kernel.ChildProgram;
import dev.jctl.shim.kernel.Errno;
import dev.jctl.shim.kernel.Kernel;
import dev.jctl.shim.kernel.KernelException;
import dev.jctl.shim.kernel.Pidfd;
import dev.jctl.shim.plan.Argument.Name;
import dev.jctl.shim.plan.NamespaceTypes;
import dev.jctl.shim.plan.SyscallProgram;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.IntConsumer;

/**
 * A child in its program. The thread that made it is suspended by the kernel until the child has
 * left the program by {@code execve} or death; others look at the shared memory meanwhile.
 */
final class RunningProgram {
  private static final int SIGKILL = 9;
  private static final long PATIENCE_MILLIS = 60_000;

  private final String name;
  private final SyscallProgram program;
  private final ChildProgram memory;
  private final CompletableFuture<Void> over;
  private final int startPipe;

  private RunningProgram(
      String name,
      SyscallProgram program,
      ChildProgram memory,
      CompletableFuture<Void> over,
      int startPipe) {
    this.name = name;
    this.program = program;
    this.memory = memory;
    this.over = over;
    this.startPipe = startPipe;
  }

  /**
   * Makes the child; returns when it is there, with descriptors of its own, and sets up what it
   * needs.
   *
   * @param name of the container, for messages
   * @param externals all but the start pipe and the stage
   * @param maps writes the id maps of that pid, if the program waits for them
   */
  static RunningProgram start(
      Machinery machinery,
      String name,
      SyscallProgram program,
      ProgramLoader.Externals externals,
      IntConsumer maps) {
    return start(machinery, name, program, externals, maps, () -> {}, Kernel.pipe());
  }

  /**
   * @param groundwork returns when all is there that the child needs at once: it is laid out
   *     meanwhile
   * @param pipe both ends of what the program waits at; ours to close
   */
  static RunningProgram start(
      Machinery machinery,
      String name,
      SyscallProgram program,
      ProgramLoader.Externals externals,
      IntConsumer maps,
      Runnable groundwork,
      int[] pipe) {
    try (Descriptors reading = new Descriptors(machinery.numbers(), externals.reserved())) {
      reading.owned(pipe[0]);
      ProgramLoader.Externals all = externals.with(Name.START, reading.given(pipe[0]));
      CompletableFuture<ChildProgram> laidOut = new CompletableFuture<>();
      CompletableFuture<Void> over =
          machinery
              .launches()
              .start("launch " + name, () -> run(machinery.interpreter(), program, laidOut, all));
      ChildProgram memory;
      try {
        memory = layOut(program, all, groundwork, reading);
      } catch (RuntimeException e) {
        laidOut.completeExceptionally(e);
        // until then it may join by descriptors that the caller closes
        var _ = over.handle((_, _) -> null).join();
        throw e;
      }
      laidOut.complete(memory);
      RunningProgram running = new RunningProgram(name, program, memory, over, pipe[1]);
      running.awaitMade(maps);
      return running;
    }
  }

  /** And has its group, when that is there. */
  private static ChildProgram layOut(
      SyscallProgram program,
      ProgramLoader.Externals externals,
      Runnable groundwork,
      Descriptors reading) {
    ChildProgram memory =
        ProgramLoader.load(program, externals.with(Name.UNNEEDED, externals.end()));
    try {
      groundwork.run();
      program
          .group()
          .map(directory -> Kernel.open(directory, Kernel.O_PATH | Kernel.O_DIRECTORY, 0))
          .map(reading::owned)
          .ifPresent(memory::group);
      return memory;
    } catch (RuntimeException e) {
      memory.close();
      throw e;
    }
  }

  /** Joins the namespaces while the program is being laid out. */
  private static void run(
      ChildInterpreter interpreter,
      SyscallProgram program,
      CompletableFuture<ChildProgram> laidOut,
      ProgramLoader.Externals externals) {
    try {
      for (SyscallProgram.Join join : program.joins()) {
        join(join, externals);
      }
      interpreter.run(laidOut.join());
    } finally {
      laidOut.join().over();
    }
  }

  private static void join(SyscallProgram.Join join, ProgramLoader.Externals externals) {
    int flag = (int) NamespaceTypes.flag(join.type());
    Long container = externals.named().get(Name.CONTAINER);
    if (container != null) {
      Kernel.setns(container.intValue(), flag, join.type());
      return;
    }
    int fd = Kernel.open(join.path(), Kernel.O_RDONLY, 0);
    try {
      Kernel.setns(fd, flag, join.type() + " of " + join.path());
    } finally {
      Kernel.close(fd);
    }
  }

  private void awaitMade(IntConsumer maps) {
    if (!memory.awaitStage(SyscallProgram.MADE, PATIENCE_MILLIS) && !hasFailedByItself()) {
      throw ended();
    }
    if (!program.mapsUsers()) {
      return;
    }
    await(SyscallProgram.MAPS);
    try {
      maps.accept(memory.pid());
      proceed();
    } catch (RuntimeException e) {
      endUnseen();
      release();
      throw e;
    }
  }

  /** Returns when all is set up; when that fails the child is gone, and the descriptor of it. */
  void awaitReady() {
    await(SyscallProgram.READY);
  }

  /** Returns when all is mounted, and hooks can run; then {@link #proceed}. */
  void awaitMounted() {
    await(SyscallProgram.MOUNTED);
  }

  /**
   * Waits until its filter is in force, lets its listener be taken, and the program go on; nothing
   * is done for a filter that has none.
   *
   * @param taker is given pid and listener, which is closed afterwards; when it fails the child is
   *     gone
   */
  void handListenerTo(ListenerTaker taker) {
    OptionalInt record = program.listener();
    if (record.isEmpty()) {
      return;
    }
    await(SyscallProgram.FILTERED);
    try {
      int listener = Kernel.pidfdGetfd(pidfd(), (int) memory.result(record.getAsInt()));
      try {
        taker.take(pid(), listener);
      } finally {
        Kernel.close(listener);
      }
    } catch (RuntimeException e) {
      endUnseen();
      release();
      throw e;
    }
    proceed();
  }

  /**
   * The child was there, and ended before anybody looked: on a busy machine it may. As if it had
   * ended a little later, that is told by who waits for more of it.
   */
  private boolean hasFailedByItself() {
    return memory.pid() != 0 && memory.failedRecord().isPresent();
  }

  private void await(int stage) {
    if (!memory.awaitStage(stage, PATIENCE_MILLIS)) {
      throw ended();
    }
  }

  private RuntimeFailure ended() {
    endUnseen();
    return released();
  }

  int pid() {
    return memory.pid();
  }

  /** Belongs to the caller, unless {@link #awaitReady} fails. */
  int pidfd() {
    return memory.pidfd();
  }

  void proceed() {
    Kernel.write(startPipe, new byte[1]);
  }

  /**
   * Lets it execute its command, when all is set up; returns when it has. However this ends, it is
   * over.
   */
  void execute() {
    try {
      proceed();
    } catch (KernelException e) {
      if (!e.is(Errno.EPIPE)) { // it has failed meanwhile: see below
        throw e;
      }
    }
    awaitLeft();
    if (!succeeded()) {
      awaitOver();
      throw released();
    }
    release();
  }

  /**
   * Nobody holds the other end of the pipe any more: execve has closed the child's, or its death.
   * The thread that made the child hears of that too, but may have to wait for the processor that
   * the child is on.
   */
  private void awaitLeft() {
    if (!Kernel.awaitNoReader(startPipe, PATIENCE_MILLIS / 1000)) {
      throw new RuntimeFailure(Reason.TIMEOUT, name + ": execve takes more than a minute");
    }
  }

  /** The last that was tried is an execve, and it did not come back. */
  private boolean succeeded() {
    return memory.failedRecord().isEmpty()
        && program.records().get(memory.currentRecord()).call().startsWith("execve");
  }

  /** Ends it instead, and takes its end unless another has. */
  void abandon() {
    kill();
    awaitOver();
    try {
      Pidfd.awaitEnd(memory.pidfd());
    } catch (KernelException e) {
      if (!e.is(Errno.ECHILD)) {
        throw e;
      }
    }
    release();
  }

  /** It waits at its last stage, and does not need this process any more. */
  void leave() {
    Kernel.close(startPipe);
  }

  /** Nobody else knows of it yet. */
  void endUnseen() {
    if (memory.pid() == 0) {
      awaitOver();
      return;
    }
    kill();
    awaitOver();
    Pidfd.awaitEnd(memory.pidfd());
    Kernel.close(memory.pidfd());
  }

  private void kill() {
    try {
      Kernel.pidfdSendSignal(memory.pidfd(), SIGKILL);
    } catch (KernelException e) {
      if (!e.is(Errno.ESRCH)) {
        throw e;
      }
    }
  }

  private void awaitOver() {
    try {
      over.get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      // told by failure(), if it matters to anyone
    } catch (TimeoutException e) {
      throw new RuntimeFailure(Reason.TIMEOUT, name + ": execve takes more than a minute", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RuntimeFailure(Reason.KERNEL, name + ": interrupted", e);
    }
  }

  private RuntimeFailure released() {
    RuntimeFailure failure =
        over.isCompletedExceptionally()
            ? ProgramFailure.ofThread(name, over.exceptionNow())
            : ProgramFailure.ofProgram(name, program, memory);
    release();
    return failure;
  }

  /** The thread that made the child looks at the memory once more when it is let go. */
  private void release() {
    Kernel.close(startPipe);
    var _ = over.whenComplete((_, _) -> memory.close());
  }
}
