package dev.jctl.shim.local;

import dev.jctl.shim.ExecSession;
import dev.jctl.shim.io.ByteQueue;
import dev.jctl.shim.log.LogPump;
import dev.jctl.shim.log.OutputStreamName;
import dev.jctl.shim.supervise.PolledDescriptor;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Listens along to a container's output. One that does not keep up is cut off; the container and
 * its log are never held up.
 */
final class AttachSession implements ExecSession, LogPump.Listener {
  private static final int QUEUE_BYTES = 1 << 20;

  private final ByteQueue out = new ByteQueue(QUEUE_BYTES);
  private final ByteQueue err = new ByteQueue(QUEUE_BYTES);
  private final InputStream stdout = out.stream();
  private final InputStream stderr = err.stream();
  private final OutputStream stdin;
  private final Input input;
  private final @Nullable PolledDescriptor terminal;
  private final CompletableFuture<Integer> exit;
  private final Runnable detach;

  /**
   * @param stdin of the container, or one that takes nothing
   * @param endInput called when {@code stdin} ends, or who wrote to it has gone
   * @param terminal for its size; stays open when this is closed
   * @param exit code, once known
   */
  AttachSession(
      OutputStream stdin,
      Runnable endInput,
      @Nullable PolledDescriptor terminal,
      CompletableFuture<Integer> exit,
      java.util.function.Consumer<LogPump.Listener> detach) {
    this.stdin = stdin;
    this.input = new Input(stdin, endInput);
    this.terminal = terminal;
    this.exit = exit;
    this.detach = () -> detach.accept(this);
  }

  @Override
  public boolean output(OutputStreamName stream, byte[] bytes) {
    ByteQueue queue = stream == OutputStreamName.STDOUT ? out : err;
    if (queue.offer(bytes)) {
      return true;
    }
    IOException cause = new IOException("output was not read fast enough");
    out.fail(cause);
    err.fail(cause);
    return false;
  }

  @Override
  public void end() {
    out.end();
    err.end();
  }

  @Override
  public OutputStream stdin() {
    return input;
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
    if (terminal != null) {
      ProcessSession.resize(terminal, columns, rows);
    }
  }

  @Override
  public OptionalInt waitFor(Duration timeout) {
    return ProcessSession.await(exit, timeout);
  }

  @Override
  public void close() {
    detach.run();
    end();
    input.leave();
    if (terminal == null) {
      try {
        stdin.close();
      } catch (IOException e) {
        return; // the container may have gone; nothing of ours is left either way
      }
    }
  }

  private static final class Input extends FilterOutputStream {
    private final Runnable ended;
    private volatile boolean used;

    Input(OutputStream stdin, Runnable ended) {
      super(stdin);
      this.ended = ended;
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      used = true;
      out.write(bytes, offset, length);
    }

    @Override
    public void close() throws IOException {
      try {
        super.close();
      } finally {
        ended.run();
      }
    }

    void leave() {
      if (used) {
        ended.run();
      }
    }
  }
}
