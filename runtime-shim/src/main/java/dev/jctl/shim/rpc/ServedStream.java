package dev.jctl.shim.rpc;

import dev.jctl.shim.ContainerRuntime;
import dev.jctl.shim.ExecSession;
import dev.jctl.shim.RuntimeEvent;
import dev.jctl.shim.SandboxConnection;
import dev.jctl.shim.kernel.ThisThread;
import dev.jctl.shim.spec.LayerEntry;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.OptionalInt;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;

/** The server's side of a call that takes its connection over. */
final class ServedStream {
  /** How long output that others still hold open is waited for after a process's own end. */
  private static final Duration OUTPUT_AFTER_EXIT = Duration.ofSeconds(2);

  private static final Duration FOREVER = Duration.ofDays(365);
  private static final int MAX_EVENTS = 1024;

  private final ContainerRuntime runtime;
  private final FrameChannel connection;

  ServedStream(ContainerRuntime runtime, FrameChannel connection) {
    this.runtime = runtime;
    this.connection = connection;
  }

  void serve(Call.Streaming call) throws IOException {
    switch (call) {
      case Call.UnpackLayer(var id) -> unpack(id);
      case Call.Exec(var id, var process) -> session(runtime.exec(id, process));
      case Call.Attach(var id) -> session(runtime.attach(id));
      case Call.Connect(var id, var host, var port, var timeout) ->
          connect(runtime.connect(id, host, port, timeout));
      case Call.Subscribe() -> subscribe();
    }
  }

  /**
   * The answer may come before all entries were read (the layer is there already, or the disk is
   * full); the client then sees its own writing fail and reads the answer.
   */
  private void unpack(String layerId) throws IOException {
    runtime.unpackLayer(layerId, new Entries());
    connection.writeJson(FrameType.RESULT, null);
  }

  private final class Entries implements Iterator<LayerEntry> {
    private @Nullable LayerEntry next;
    private @Nullable Content content;
    private boolean ended;

    @Override
    public boolean hasNext() {
      if (next == null && !ended) {
        try {
          advance();
        } catch (IOException e) {
          throw new UncheckedIOException("layer from the client: " + e.getMessage(), e);
        }
      }
      return next != null;
    }

    private void advance() throws IOException {
      if (content != null) {
        content.skipRest();
      }
      FrameChannel.Frame frame = connection.expect();
      switch (frame.type()) {
        case END -> ended = true;
        case ENTRY -> {
          EntryHead head = connection.parse(frame, EntryHead.class);
          content = head.kind() == EntryHead.Kind.FILE ? new Content(head.size()) : null;
          next = head.toEntry(content == null ? InputStream.nullInputStream() : content);
        }
        default -> throw new IOException("unexpected frame " + frame.type());
      }
    }

    @Override
    public LayerEntry next() {
      if (!hasNext() || next == null) {
        throw new NoSuchElementException();
      }
      LayerEntry entry = next;
      next = null;
      return entry;
    }
  }

  /** A file's content, in DATA frames. */
  private final class Content extends InputStream {
    private long remaining;
    private byte[] chunk = new byte[0];
    private int position;

    Content(long size) {
      this.remaining = size;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      if (remaining == 0 || length == 0) {
        return length == 0 ? 0 : -1;
      }
      if (position == chunk.length) {
        FrameChannel.Frame frame = connection.expect();
        if (frame.type() != FrameType.DATA || frame.payload().length > remaining) {
          throw new IOException("unexpected frame " + frame.type() + " in a file's content");
        }
        chunk = frame.payload();
        position = 0;
      }
      int count = Math.min(length, chunk.length - position);
      System.arraycopy(chunk, position, target, offset, count);
      position += count;
      remaining -= count;
      return count;
    }

    void skipRest() throws IOException {
      skipNBytes(remaining);
    }
  }

  private void session(ExecSession session) throws IOException {
    try (session) {
      connection.writeJson(FrameType.RESULT, null);
      Thread output = pump(session.stdout(), FrameType.STDOUT);
      Thread errors = pump(session.stderr(), FrameType.STDERR);
      Thread.ofVirtual().name("rpc-exit").start(() -> reportExit(session, output, errors));
      takeInput(session);
    }
  }

  /** Until the client closes. */
  private void takeInput(ExecSession session) throws IOException {
    for (FrameChannel.Frame frame = connection.read(); frame != null; frame = connection.read()) {
      switch (frame.type()) {
        case STDIN -> feed(session.stdin(), frame.payload());
        case STDIN_END -> session.stdin().close();
        case RESIZE -> {
          FrameType.Size size = connection.parse(frame, FrameType.Size.class);
          session.resize(size.columns(), size.rows());
        }
        default -> throw new IOException("unexpected frame " + frame.type());
      }
    }
  }

  /** A process that reads no more must not end the session: its output and exit still count. */
  private static void feed(OutputStream stdin, byte[] bytes) {
    try {
      stdin.write(bytes);
      stdin.flush();
    } catch (IOException gone) {
      return;
    }
  }

  private Thread pump(InputStream source, FrameType type) {
    return Thread.ofVirtual()
        .name("rpc-" + type)
        .start(
            () -> {
              byte[] buffer = new byte[FrameChannel.CHUNK / 2];
              try {
                for (int n = source.read(buffer); n >= 0; n = source.read(buffer)) {
                  connection.write(type, buffer, n);
                }
              } catch (IOException e) {
                return; // the session or the connection was closed: nothing more to carry
              }
            });
  }

  private void reportExit(ExecSession session, Thread output, Thread errors) {
    try {
      OptionalInt code = session.waitFor(FOREVER);
      output.join(OUTPUT_AFTER_EXIT);
      errors.join(OUTPUT_AFTER_EXIT);
      if (code.isPresent()) {
        connection.writeJson(FrameType.EXIT, code.getAsInt());
      }
    } catch (IOException gone) {
      return;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void connect(SandboxConnection target) throws IOException {
    try (target) {
      connection.writeJson(FrameType.RESULT, null);
      Thread back = Thread.ofVirtual().name("rpc-connect").start(() -> copyBack(target));
      connection.rawInput().transferTo(target.output());
      target.output().close();
      back.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void copyBack(SandboxConnection target) {
    try {
      target.input().transferTo(connection.rawOutput());
      connection.endOutput();
    } catch (IOException e) {
      try {
        connection.close();
      } catch (IOException closing) {
        return;
      }
    }
  }

  /** Events that a slow client does not take are folded into one Resync. */
  private void subscribe() throws IOException {
    BlockingQueue<RuntimeEvent> events = new ArrayBlockingQueue<>(MAX_EVENTS);
    ContainerRuntime.Subscription subscription = runtime.subscribe(event -> enqueue(events, event));
    try {
      connection.writeJson(FrameType.RESULT, null);
      Thread sender = Thread.ofPlatform().name("rpc-events").daemon().start(() -> sendAll(events));
      // the client says nothing more: this returns when it has gone
      connection.read();
      sender.interrupt();
    } finally {
      subscription.close();
    }
  }

  private static void enqueue(BlockingQueue<RuntimeEvent> events, RuntimeEvent event) {
    if (!events.offer(event)) {
      events.clear();
      events.offer(new RuntimeEvent.Resync());
    }
  }

  private void sendAll(BlockingQueue<RuntimeEvent> events) {
    ThisThread.takeShortTurns();
    try {
      while (true) {
        connection.writeJson(FrameType.EVENT, events.take());
      }
    } catch (IOException | InterruptedException gone) {
      return;
    }
  }
}
