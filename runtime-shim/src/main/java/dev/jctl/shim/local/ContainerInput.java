package dev.jctl.shim.local;

import dev.jctl.shim.kernel.Kernel;
import dev.jctl.shim.kernel.KernelException;
import dev.jctl.shim.supervise.EventLoop;
import dev.jctl.shim.supervise.PolledDescriptor;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** A container's standard input, which all that attach to it share. */
final class ContainerInput {
  private final EventLoop loop;
  private final Path fifo;
  private final boolean once;
  private @Nullable PolledDescriptor terminal;

  /** Writing end that keeps it from ending before its first attach does; -1: none, or no more. */
  private int own;

  /**
   * @param fifo that is there unless it has a terminal, or reads nothing
   * @param once whether it ends with its first attach
   * @param terminal descriptor of its master, ours to close
   * @param own writing end, ours to close
   */
  ContainerInput(EventLoop loop, Path fifo, boolean once, OptionalInt terminal, OptionalInt own) {
    this.loop = loop;
    this.fifo = fifo;
    this.once = once;
    this.terminal = terminal.isPresent() ? new PolledDescriptor(loop, terminal.getAsInt()) : null;
    this.own = own.orElse(-1);
  }

  /** For its size; null: it has none, or has ended. */
  synchronized @Nullable PolledDescriptor terminal() {
    return terminal;
  }

  /** One that takes nothing when nothing is read from it any more. */
  synchronized OutputStream stream() {
    if (terminal != null) {
      return new ProcessSession.TerminalInput(terminal);
    }
    if (!Files.exists(fifo) || (once && own < 0)) {
      return OutputStream.nullOutputStream();
    }
    try {
      int fd = Kernel.open(fifo.toString(), Kernel.O_WRONLY | Kernel.O_NONBLOCK, 0);
      return new PolledDescriptor(loop, fd).output();
    } catch (KernelException e) {
      throw Failures.of("open " + fifo, e);
    }
  }

  /** What reads it sees its end once those that write to it have gone. */
  synchronized void end() {
    if (own >= 0) {
      Kernel.close(own);
      own = -1;
    }
  }

  synchronized void close() {
    end();
    if (terminal != null) {
      terminal.close();
      terminal = null;
    }
  }
}
