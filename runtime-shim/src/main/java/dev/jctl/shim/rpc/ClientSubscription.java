package dev.jctl.shim.rpc;

import dev.jctl.shim.ContainerRuntime;
import dev.jctl.shim.RuntimeEvent;
import java.io.IOException;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Listens until closed. After each connection, the first included, the listener gets a Resync:
 * whatever happened before may have been missed.
 */
final class ClientSubscription implements ContainerRuntime.Subscription {
  private static final Logger LOG = LoggerFactory.getLogger(ClientSubscription.class);
  private static final Duration FIRST_PAUSE = Duration.ofMillis(50);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(1);

  /** Opens one connection, without trying again. */
  interface Connector {
    FrameChannel open() throws IOException;
  }

  private final Connector connector;
  private final Consumer<RuntimeEvent> listener;
  private final Thread thread;
  private volatile boolean closed;
  private volatile @Nullable FrameChannel current;

  ClientSubscription(Connector connector, Consumer<RuntimeEvent> listener) {
    this.connector = connector;
    this.listener = listener;
    this.thread = Thread.ofPlatform().name("runtime-events").daemon().start(this::listenAll);
  }

  private void listenAll() {
    Duration pause = FIRST_PAUSE;
    while (!closed) {
      pause = listen() ? FIRST_PAUSE : longer(pause);
      try {
        Thread.sleep(pause);
      } catch (InterruptedException e) {
        return; // closed
      }
    }
  }

  private static Duration longer(Duration pause) {
    Duration doubled = pause.multipliedBy(2);
    return doubled.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : doubled;
  }

  /** Until the connection ends. Whether there was one. */
  private boolean listen() {
    boolean connected = false;
    try (FrameChannel connection = connector.open()) {
      current = connection;
      connection.writeJson(FrameType.CALL, new Call.Subscribe());
      connected = connection.expect().type() == FrameType.RESULT;
      deliver(new RuntimeEvent.Resync());
      while (connected && !closed) {
        deliver(connection.parse(connection.expect(), RuntimeEvent.class));
      }
    } catch (IOException e) {
      LOG.debug("events: {}", e.getMessage());
    }
    return connected;
  }

  private void deliver(RuntimeEvent event) {
    try {
      listener.accept(event);
    } catch (RuntimeException e) {
      LOG.error("listener failed on {}", event, e);
    }
  }

  @Override
  public void close() {
    closed = true;
    FrameChannel connection = current;
    if (connection != null) {
      RpcClient.closeQuietly(connection);
    }
    thread.interrupt();
  }
}
