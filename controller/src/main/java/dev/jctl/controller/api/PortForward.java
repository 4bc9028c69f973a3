package dev.jctl.controller.api;

import dev.jctl.controller.spdy.SpdyConnection;
import dev.jctl.controller.spdy.SpdyStream;
import dev.jctl.shim.ContainerRuntime;
import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.SandboxConnection;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code portforward.k8s.io}: for each connection the client opens two streams that bear the same
 * {@code requestID}, one for errors and one for the bytes.
 */
final class PortForward {
  private static final Logger LOG = LoggerFactory.getLogger(PortForward.class);
  static final String LOOPBACK = "127.0.0.1";
  static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final int BUFFER = 32 << 10;

  private final ContainerRuntime runtime;
  private final String sandboxId;
  private final Map<String, SpdyStream> errors = new ConcurrentHashMap<>();

  PortForward(ContainerRuntime runtime, String sandboxId) {
    this.runtime = runtime;
    this.sandboxId = sandboxId;
  }

  /** Returns when the client has gone. */
  void run(SpdyConnection connection) {
    try {
      connection.run(this::opened);
    } catch (IOException e) {
      LOG.debug("port-forward ended: {}", e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void opened(SpdyStream stream) {
    String request = stream.header("requestid");
    if (stream.header("streamtype").equals("error")) {
      // those that were given up before the bytes had a stream are of no use to anybody
      errors.values().removeIf(SpdyStream::isBroken);
      errors.put(request, stream);
      return;
    }
    Optional<SpdyStream> error = Optional.ofNullable(errors.remove(request));
    Thread.ofVirtual().name("port-forward").start(() -> forward(stream, error));
  }

  private void forward(SpdyStream data, Optional<SpdyStream> error) {
    try {
      forward(data);
      if (error.isPresent()) {
        error.get().finish();
      }
    } catch (RuntimeFailure | IOException | NumberFormatException e) {
      fail(data, error, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      data.forget();
      error.ifPresent(SpdyStream::forget);
    }
  }

  private void forward(SpdyStream data) throws IOException, InterruptedException {
    int port = Integer.parseInt(data.header("port"));
    try (SandboxConnection inside = runtime.connect(sandboxId, LOOPBACK, port, PATIENCE)) {
      Thread back = Thread.ofVirtual().name("port-forward").start(() -> copyBack(inside, data));
      for (Optional<byte[]> b = data.receive(); b.isPresent(); b = data.receive()) {
        inside.output().write(b.get());
        inside.output().flush();
      }
      if (!data.isBroken()) {
        inside.output().close();
        back.join();
      }
    }
  }

  private static void copyBack(SandboxConnection inside, SpdyStream data) {
    byte[] buffer = new byte[BUFFER];
    try {
      InputStream in = inside.input();
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        data.send(buffer, n);
      }
      data.finish();
    } catch (IOException e) {
      LOG.debug("port-forward: {}", e.getMessage()); // one of both has gone
    }
  }

  private static void fail(SpdyStream data, Optional<SpdyStream> error, Exception why) {
    byte[] bytes = failure(data.header("port"), why).getBytes(StandardCharsets.UTF_8);
    try {
      if (error.isPresent()) {
        error.get().send(bytes, bytes.length);
        error.get().finish();
      }
      data.cancel();
    } catch (IOException e) {
      LOG.debug("port-forward: {}", e.getMessage());
    }
  }

  static String failure(Object port, Exception why) {
    return "error forwarding port " + port + " to pod: " + why.getMessage();
  }
}
