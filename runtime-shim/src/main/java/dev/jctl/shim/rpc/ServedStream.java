package dev.jctl.shim.rpc;

import dev.jctl.shim.ContainerChanges;
import dev.jctl.shim.ContainerRuntime;
import dev.jctl.shim.ExecSession;
import dev.jctl.shim.RuntimeEvent;
import dev.jctl.shim.SandboxConnection;
import dev.jctl.shim.kernel.ThisThread;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

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
      case Call.Changes(var id, var reading) -> changes(id, reading);
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
    runtime.unpackLayer(layerId, new LayerReceiver(connection));
    connection.writeJson(FrameType.RESULT, null);
  }

  /** What goes wrong after the first answer is one more answer, in an entry's place. */
  private void changes(String containerId, ContainerRuntime.Reading reading) throws IOException {
    try (ContainerChanges changes = runtime.changes(containerId, reading)) {
      connection.writeJson(FrameType.RESULT, null);
      Optional<IOException> broken = new LayerSender(connection).send(changes);
      if (broken.isPresent()) {
        throw broken.get();
      }
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
