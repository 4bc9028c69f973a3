package dev.jctl.shim.rpc;

import dev.jctl.shim.ExecSession;
import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.RuntimeFailure.Reason;
import dev.jctl.shim.io.ByteQueue;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The client's side of an exec or attach session. Both outputs must be read, as with a process's
 * pipes: one that is full holds up the other.
 */
final class ClientSession implements ExecSession {
  private static final int QUEUE_BYTES = 128 << 10;

  private final FrameChannel connection;
  private final ByteQueue stdout = new ByteQueue(QUEUE_BYTES);
  private final ByteQueue stderr = new ByteQueue(QUEUE_BYTES);
  private final CompletableFuture<Integer> exit = new CompletableFuture<>();
  private final InputStream stdoutStream = stdout.stream();
  private final InputStream stderrStream = stderr.stream();
  private final OutputStream stdin = new Stdin();

  ClientSession(FrameChannel connection) {
    this.connection = connection;
    Thread.ofVirtual().name("rpc-session").start(this::receiveAll);
  }

  private void receiveAll() {
    try {
      while (!exit.isDone()) {
        receive(connection.expect());
      }
      stdout.end();
      stderr.end();
    } catch (IOException e) {
      broken(e);
    } catch (InterruptedException e) {
      broken(new IOException("interrupted", e));
      Thread.currentThread().interrupt();
    }
  }

  private void receive(FrameChannel.Frame frame) throws IOException, InterruptedException {
    switch (frame.type()) {
      // false: the caller closed that stream; the rest of it is of no interest
      case STDOUT -> stdout.put(frame.payload());
      case STDERR -> stderr.put(frame.payload());
      case EXIT -> exit.complete(connection.parse(frame, Integer.class));
      default -> throw new IOException("unexpected frame " + frame.type());
    }
  }

  private void broken(IOException cause) {
    IOException seen =
        cause instanceof EOFException
            ? new IOException("the runtime went away during the session", cause)
            : cause;
    stdout.fail(seen);
    stderr.fail(seen);
    exit.completeExceptionally(seen);
  }

  @Override
  public OutputStream stdin() {
    return stdin;
  }

  @Override
  public InputStream stdout() {
    return stdoutStream;
  }

  @Override
  public InputStream stderr() {
    return stderrStream;
  }

  @Override
  public void resize(int columns, int rows) {
    try {
      connection.writeJson(FrameType.RESIZE, new FrameType.Size(columns, rows));
    } catch (IOException e) {
      throw new RuntimeFailure(Reason.UNAVAILABLE, "resize: " + e.getMessage(), e);
    }
  }

  @Override
  public OptionalInt waitFor(Duration timeout) {
    try {
      return OptionalInt.of(exit.get(timeout.toMillis(), TimeUnit.MILLISECONDS));
    } catch (TimeoutException e) {
      return OptionalInt.empty();
    } catch (ExecutionException e) {
      throw new RuntimeFailure(Reason.UNAVAILABLE, "exit code not known: " + e.getCause(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return OptionalInt.empty();
    }
  }

  @Override
  public void close() {
    RpcClient.closeQuietly(connection);
    stdout.end();
    stderr.end();
  }

  private final class Stdin extends OutputStream {
    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      for (int done = 0; done < length; done += FrameChannel.CHUNK) {
        int count = Math.min(FrameChannel.CHUNK, length - done);
        byte[] chunk = java.util.Arrays.copyOfRange(bytes, offset + done, offset + done + count);
        connection.write(FrameType.STDIN, chunk);
      }
    }

    @Override
    public void close() throws IOException {
      if (!exit.isDone()) {
        connection.write(FrameType.STDIN_END, new byte[0]);
      }
    }
  }
}
