package dev.jctl.controller.api;

import dev.jctl.shim.ContainerRuntime;
import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.SandboxConnection;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code portforward} in the channels of one WebSocket, as clients do it that know no SPDY: the nth
 * port of the request has channel 2n for its bytes and 2n + 1 for errors, on both of which comes
 * first the port itself, in two bytes, the lower one first. Each port is one connection, whose end
 * is told by the end of all.
 */
final class ChannelledPorts {
  private static final Logger LOG = LoggerFactory.getLogger(ChannelledPorts.class);
  private static final int BUFFER = 32 << 10;

  private final ContainerRuntime runtime;
  private final String sandboxId;
  private final WebSocketFrames frames;
  private final AtomicInteger open = new AtomicInteger();

  ChannelledPorts(ContainerRuntime runtime, String sandboxId, WebSocketFrames frames) {
    this.runtime = runtime;
    this.sandboxId = sandboxId;
    this.frames = frames;
  }

  /** Returns when the client has gone. */
  void run(List<Integer> ports) {
    List<Optional<SandboxConnection>> inside = new ArrayList<>();
    open.set(ports.size());
    try {
      for (int i = 0; i < ports.size(); i++) {
        inside.add(connect(i, ports.get(i)));
      }
      passOn(inside);
    } catch (IOException e) {
      LOG.debug("port-forward ended: {}", e.getMessage());
    } finally {
      inside.forEach(connection -> connection.ifPresent(SandboxConnection::close));
    }
  }

  private Optional<SandboxConnection> connect(int index, int port) throws IOException {
    byte[] greeting = {(byte) port, (byte) (port >> 8)};
    frames.send(2 * index, greeting, 0, greeting.length);
    frames.send(2 * index + 1, greeting, 0, greeting.length);
    try {
      SandboxConnection inside =
          runtime.connect(sandboxId, PortForward.LOOPBACK, port, PortForward.PATIENCE);
      Thread.ofVirtual().name("port-forward").start(() -> copyBack(inside, 2 * index));
      return Optional.of(inside);
    } catch (RuntimeFailure e) {
      byte[] why = PortForward.failure(port, e).getBytes(StandardCharsets.UTF_8);
      frames.send(2 * index + 1, why, 0, why.length);
      ended();
      return Optional.empty();
    }
  }

  private void passOn(List<Optional<SandboxConnection>> inside) throws IOException {
    for (Optional<byte[]> m = frames.receive(); m.isPresent(); m = frames.receive()) {
      byte[] message = m.get();
      int channel = message.length == 0 ? -1 : message[0] & 0xff;
      if (channel < 0 || channel % 2 != 0 || channel / 2 >= inside.size()) {
        continue; // nothing that a client has to say
      }
      Optional<SandboxConnection> to = inside.get(channel / 2);
      if (to.isPresent()) {
        to.get().output().write(message, 1, message.length - 1);
        to.get().output().flush();
      }
    }
  }

  private void copyBack(SandboxConnection inside, int channel) {
    byte[] buffer = new byte[BUFFER];
    try {
      InputStream in = inside.input();
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        frames.send(channel, buffer, 0, n);
      }
      ended();
    } catch (IOException e) {
      LOG.debug("port-forward: {}", e.getMessage()); // one of both has gone
    }
  }

  /** One port has nothing more to say. */
  private void ended() throws IOException {
    if (open.decrementAndGet() == 0) {
      frames.close();
    }
  }
}
