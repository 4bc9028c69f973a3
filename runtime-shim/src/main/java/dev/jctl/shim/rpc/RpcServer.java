package dev.jctl.shim.rpc;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.jctl.shim.ContainerRuntime;
import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.RuntimeFailure.Reason;
import dev.jctl.shim.json.RuntimeJson;
import dev.jctl.shim.kernel.ThisThread;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves a {@link ContainerRuntime} on a Unix socket that only its owner may open. One platform
 * thread a connection: a virtual one costs two more wake-ups a call, and there are about as many
 * connections as calls at once.
 */
public final class RpcServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RpcServer.class);

  /** More connections than these wait to be accepted; each costs a descriptor and a buffer. */
  private static final int MAX_CONNECTIONS = 512;

  private final ContainerRuntime runtime;
  private final Path socket;
  private final ServerSocketChannel listener;
  private final ObjectMapper json = RuntimeJson.mapper();
  private final Semaphore slots = new Semaphore(MAX_CONNECTIONS);
  private final Set<FrameChannel> open = ConcurrentHashMap.newKeySet();

  private RpcServer(ContainerRuntime runtime, Path socket, ServerSocketChannel listener) {
    this.runtime = runtime;
    this.socket = socket;
    this.listener = listener;
  }

  /**
   * Listens at once. A socket file that nobody answers on is replaced.
   *
   * @throws IOException when another process answers there, or the path cannot be bound
   */
  public static RpcServer start(ContainerRuntime runtime, Path socket) throws IOException {
    removeStale(socket);
    ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    RpcServer server = new RpcServer(runtime, socket, listener);
    try {
      server.bind();
    } catch (IOException e) {
      listener.close();
      throw e;
    }
    Thread.ofPlatform().name("rpc-accept").daemon().start(server::acceptAll);
    return server;
  }

  private static void removeStale(Path socket) throws IOException {
    if (!Files.exists(socket)) {
      return;
    }
    try (SocketChannel probe = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
      throw new IOException(socket + ": another runtime answers there (" + probe + ")");
    } catch (java.net.ConnectException nobody) {
      Files.delete(socket);
    }
  }

  /** Bound under another name and renamed, so that nobody can connect before the mode is set. */
  private void bind() throws IOException {
    Path aside = socket.resolveSibling(socket.getFileName() + ".new");
    Files.deleteIfExists(aside);
    listener.bind(UnixDomainSocketAddress.of(aside));
    Files.setPosixFilePermissions(aside, PosixFilePermissions.fromString("rw-------"));
    Files.move(aside, socket, java.nio.file.StandardCopyOption.ATOMIC_MOVE);
  }

  private void acceptAll() {
    while (listener.isOpen()) {
      try {
        slots.acquire();
        SocketChannel channel = listener.accept();
        Thread.ofPlatform()
            .name("rpc")
            .daemon()
            .start(() -> serve(new FrameChannel(channel, json)));
      } catch (ClosedChannelException closed) {
        return;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      } catch (IOException e) {
        slots.release();
        LOG.warn("accept on {}: {}", socket, e.getMessage());
      }
    }
  }

  private void serve(FrameChannel connection) {
    ThisThread.takeShortTurns();
    open.add(connection);
    try (connection) {
      answerAll(connection);
    } catch (IOException e) {
      LOG.debug("connection ended: {}", e.toString());
    } catch (RuntimeException e) {
      LOG.error("connection failed", e);
    } finally {
      open.remove(connection);
      slots.release();
    }
  }

  private void answerAll(FrameChannel connection) throws IOException {
    for (FrameChannel.Frame frame = connection.read(); frame != null; frame = connection.read()) {
      switch (connection.parse(frame, Call.class)) {
        case Call.Unary call -> answer(connection, call);
        case Call.Streaming call -> {
          stream(connection, call);
          return;
        }
      }
    }
  }

  private void answer(FrameChannel connection, Call.Unary call) throws IOException {
    @Nullable Object result;
    try {
      result = perform(call);
    } catch (RuntimeException e) {
      connection.writeJson(FrameType.FAILURE, failure(e));
      return;
    }
    if (result instanceof List<?> list) {
      connection.writeList(list);
    } else {
      connection.writeJson(FrameType.RESULT, result);
    }
  }

  private void stream(FrameChannel connection, Call.Streaming call) throws IOException {
    try {
      new ServedStream(runtime, connection).serve(call);
    } catch (RuntimeException e) {
      connection.writeJson(FrameType.FAILURE, failure(e));
    }
  }

  private static FrameType.Failure failure(RuntimeException e) {
    if (e instanceof RuntimeFailure failure) {
      return new FrameType.Failure(failure.reason(), String.valueOf(failure.getMessage()));
    }
    LOG.error("call failed unexpectedly", e);
    return new FrameType.Failure(Reason.KERNEL, e.toString());
  }

  private @Nullable Object perform(Call.Unary call) {
    return switch (call) {
      case Call.Host() -> runtime.host();
      case Call.Layers() -> runtime.layers();
      case Call.RemoveLayer(var id) -> done(() -> runtime.removeLayer(id));
      case Call.EnsureNetwork(var network) -> done(() -> runtime.ensureNetwork(network));
      case Call.RemoveNetwork(var id) -> done(() -> runtime.removeNetwork(id));
      case Call.Networks() -> runtime.networks();
      case Call.PublishPorts(var id, var ports) -> done(() -> runtime.publishPorts(id, ports));
      case Call.EnsureService(var service) -> runtime.ensureService(service);
      case Call.RemoveService(var id) -> done(() -> runtime.removeService(id));
      case Call.Services() -> runtime.services();
      case Call.Restrict(var restriction) -> done(() -> runtime.restrict(restriction));
      case Call.Unrestrict(var id) -> done(() -> runtime.unrestrict(id));
      case Call.Restrictions() -> runtime.restrictions();
      case Call.RepairPorts() -> done(runtime::repairPorts);
      case Call.Ports() -> runtime.ports();
      case Call.EnsureVolume(var volume) -> runtime.ensureVolume(volume);
      case Call.WriteVolume(var id, var files) -> done(() -> runtime.writeVolume(id, files));
      case Call.RemoveVolume(var id) -> done(() -> runtime.removeVolume(id));
      case Call.Volumes() -> runtime.volumes();
      case Call.VolumeUsage(var id) -> value(runtime.volumeUsage(id));
      case Call.PopulateVolume(var volume, var source) -> runtime.populateVolume(volume, source);
      case Call.CreateSnapshot(var snapshot) -> runtime.createSnapshot(snapshot);
      case Call.RemoveSnapshot(var id) -> done(() -> runtime.removeSnapshot(id));
      case Call.Snapshots() -> runtime.snapshots();
      case Call.CreateSandbox(var sandbox) -> done(() -> runtime.createSandbox(sandbox));
      case Call.UpdateSandbox(var sandbox) -> done(() -> runtime.updateSandbox(sandbox));
      case Call.RepairSandbox(var id) -> done(() -> runtime.repairSandbox(id));
      case Call.RemoveSandbox(var id) -> done(() -> runtime.removeSandbox(id));
      case Call.Sandbox(var id) -> value(runtime.sandbox(id));
      case Call.Sandboxes() -> runtime.sandboxes();
      case Call.CreateContainer(var container) -> done(() -> runtime.createContainer(container));
      case Call.RunContainer(var container) -> done(() -> runtime.runContainer(container));
      case Call.RunFirst(var sandbox, var container) ->
          value(runtime.runFirst(sandbox, container).map(RpcServer::failure));
      case Call.StartContainer(var id) -> done(() -> runtime.startContainer(id));
      case Call.SignalContainer(var id, var signal) ->
          done(() -> runtime.signalContainer(id, signal));
      case Call.StopContainer(var id, var grace) -> done(() -> runtime.stopContainer(id, grace));
      case Call.PauseContainer(var id) -> done(() -> runtime.pauseContainer(id));
      case Call.ResumeContainer(var id) -> done(() -> runtime.resumeContainer(id));
      case Call.RemoveContainer(var id) -> done(() -> runtime.removeContainer(id));
      case Call.UpdateResources(var id, var resources) ->
          done(() -> runtime.updateResources(id, resources));
      case Call.RepairMounts(var id) -> done(() -> runtime.repairMounts(id));
      case Call.Container(var id) -> value(runtime.container(id));
      case Call.Usage(var id) -> value(runtime.usage(id));
      case Call.RemoveLogs(var directory) -> done(() -> runtime.removeLogs(directory));
    };
  }

  private static @Nullable Object done(Runnable action) {
    action.run();
    return null;
  }

  private static <T> @Nullable Object value(Optional<T> result) {
    return result.isPresent() ? result.get() : null;
  }

  /** Stops listening and ends all connections; the runtime stays as it is. */
  @Override
  public void close() throws IOException {
    listener.close();
    Files.deleteIfExists(socket);
    for (FrameChannel connection : open) {
      connection.close();
    }
  }
}
