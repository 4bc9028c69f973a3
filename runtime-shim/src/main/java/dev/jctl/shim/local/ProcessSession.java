package dev.jctl.shim.local;

import dev.jctl.shim.ExecSession;
import dev.jctl.shim.exec.Launcher;
import dev.jctl.shim.kernel.Kernel;
import dev.jctl.shim.kernel.KernelException;
import dev.jctl.shim.kernel.Pidfd.ExitStatus;
import dev.jctl.shim.kernel.Terminal;
import dev.jctl.shim.kernel.Transfer;
import dev.jctl.shim.plan.Signals;
import dev.jctl.shim.spec.OciSpec;
import dev.jctl.shim.supervise.EventLoop;
import dev.jctl.shim.supervise.PolledDescriptor;
import dev.jctl.shim.supervise.ProcessWatch;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A further process in a container, with pipes or a terminal. */
final class ProcessSession implements ExecSession {
  private final PolledDescriptor input;
  private final PolledDescriptor output;
  private final @Nullable PolledDescriptor errors;
  private final boolean terminal;
  private final CompletableFuture<Integer> exit = new CompletableFuture<>();
  private final OutputStream stdin;
  private final InputStream stdout;
  private final InputStream stderr;
  private int pidfd = -1;

  private ProcessSession(
      PolledDescriptor input,
      PolledDescriptor output,
      @Nullable PolledDescriptor errors,
      boolean terminal) {
    this.input = input;
    this.output = output;
    this.errors = errors;
    this.terminal = terminal;
    this.stdin = terminal ? new TerminalInput(input) : input.output();
    this.stdout = output.input();
    this.stderr = errors == null ? InputStream.nullInputStream() : errors.input();
  }

  /**
   * @param pid of one that is in the container already
   * @param start makes the process with the descriptors it is given
   */
  static ProcessSession start(
      EventLoop loop,
      int pid,
      OciSpec.Process process,
      Function<Launcher.Stdio, Launcher.Launched> start) {
    return process.terminal()
        ? startOnTerminal(loop, Terminal.openFor(pid), process.consoleSize(), start)
        : startOnPipes(loop, start);
  }

  private static ProcessSession startOnTerminal(
      EventLoop loop,
      Terminal.Pair pair,
      OciSpec.@Nullable ConsoleSize size,
      Function<Launcher.Stdio, Launcher.Launched> start) {
    Launcher.Launched launched;
    try {
      if (size != null) {
        Terminal.resize(pair.master(), size.width(), size.height());
      }
      launched = start.apply(new Launcher.Stdio.Pty(pair.slave()));
    } catch (RuntimeException e) {
      Kernel.close(pair.master());
      throw e;
    } finally {
      Kernel.close(pair.slave());
    }
    PolledDescriptor master = new PolledDescriptor(loop, pair.master());
    ProcessSession session = new ProcessSession(master, master, null, true);
    session.watch(loop, launched);
    return session;
  }

  private static ProcessSession startOnPipes(
      EventLoop loop, Function<Launcher.Stdio, Launcher.Launched> start) {
    List<Integer> ours = new ArrayList<>();
    List<Integer> theirs = new ArrayList<>();
    Launcher.Launched launched;
    try {
      for (int i = 0; i < 3; i++) {
        int[] pipe = Kernel.pipe();
        ours.add(pipe[i == 0 ? 1 : 0]);
        theirs.add(pipe[i == 0 ? 0 : 1]);
      }
      ours.forEach(Transfer::makeNonBlocking);
      launched =
          start.apply(new Launcher.Stdio.Descriptors(theirs.get(0), theirs.get(1), theirs.get(2)));
    } catch (RuntimeException e) {
      ours.forEach(Kernel::close);
      throw e;
    } finally {
      theirs.forEach(Kernel::close);
    }
    ProcessSession session =
        new ProcessSession(
            new PolledDescriptor(loop, ours.get(0)),
            new PolledDescriptor(loop, ours.get(1)),
            new PolledDescriptor(loop, ours.get(2)),
            false);
    session.watch(loop, launched);
    return session;
  }

  private synchronized void watch(EventLoop loop, Launcher.Launched launched) {
    pidfd = launched.pidfd();
    ProcessWatch.start(loop, pidfd, launched.pid(), launched.startTicks(), this::ended);
  }

  private synchronized void ended(Optional<ExitStatus> status) {
    Kernel.close(pidfd);
    pidfd = -1;
    exit.complete(status.map(ExitStatus::code).orElse(-1));
  }

  @Override
  public OutputStream stdin() {
    return stdin;
  }

  @Override
  public InputStream stdout() {
    return stdout;
  }

  @Override
  public InputStream stderr() {
    return stderr;
  }

  @Override
  public void resize(int columns, int rows) {
    if (terminal) {
      resize(output, columns, rows);
    }
  }

  static void resize(PolledDescriptor terminal, int columns, int rows) {
    try {
      terminal.with(fd -> Terminal.resize(fd, columns, rows));
    } catch (IOException ended) {
      return; // nobody looks at it any more
    }
  }

  @Override
  public OptionalInt waitFor(Duration timeout) {
    return await(exit, timeout);
  }

  static OptionalInt await(CompletableFuture<Integer> exit, Duration timeout) {
    try {
      return OptionalInt.of(exit.get(timeout.toMillis(), TimeUnit.MILLISECONDS));
    } catch (TimeoutException e) {
      return OptionalInt.empty();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return OptionalInt.empty();
    }
  }

  @Override
  public void close() {
    kill();
    input.close();
    output.close();
    if (errors != null) {
      errors.close();
    }
  }

  private synchronized void kill() {
    if (pidfd < 0) {
      return;
    }
    try {
      Kernel.pidfdSendSignal(pidfd, Signals.SIGKILL);
    } catch (KernelException gone) {
      return;
    }
  }

  /** A terminal stays open when input ends: its end-of-file character says so. */
  static final class TerminalInput extends OutputStream {
    private static final int END_OF_FILE = 4;
    private final OutputStream master;

    TerminalInput(PolledDescriptor master) {
      this.master = master.output();
    }

    @Override
    public void write(int b) throws IOException {
      master.write(b);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      master.write(bytes, offset, length);
    }

    @Override
    public void close() throws IOException {
      master.write(END_OF_FILE);
    }
  }
}
