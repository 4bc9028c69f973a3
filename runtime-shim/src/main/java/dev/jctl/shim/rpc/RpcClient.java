package dev.jctl.shim.rpc;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.jctl.shim.ContainerChanges;
import dev.jctl.shim.ContainerRuntime;
import dev.jctl.shim.ExecSession;
import dev.jctl.shim.RuntimeEvent;
import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.RuntimeFailure.Reason;
import dev.jctl.shim.SandboxConnection;
import dev.jctl.shim.json.RuntimeJson;
import dev.jctl.shim.spec.ContainerSpec;
import dev.jctl.shim.spec.LayerEntry;
import dev.jctl.shim.spec.NetworkSpec;
import dev.jctl.shim.spec.Observed;
import dev.jctl.shim.spec.OciSpec;
import dev.jctl.shim.spec.PortSpec;
import dev.jctl.shim.spec.Restriction;
import dev.jctl.shim.spec.SandboxSpec;
import dev.jctl.shim.spec.ServiceSpec;
import dev.jctl.shim.spec.SnapshotSpec;
import dev.jctl.shim.spec.VolumeFile;
import dev.jctl.shim.spec.VolumeSource;
import dev.jctl.shim.spec.VolumeSpec;
import java.io.IOException;
import java.io.InputStream;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingDeque;
import java.util.concurrent.LinkedBlockingDeque;
import java.util.function.Consumer;

/**
 * The runtime of another process. Connections are kept and used again; while nobody answers, each
 * call tries for about two seconds and then fails with UNAVAILABLE. A call whose connection breaks
 * after it was sent fails with UNAVAILABLE too: it may or may not have been carried out, so look.
 */
public final class RpcClient implements ContainerRuntime {
  private static final int MAX_IDLE = 8;
  private static final int TRIES = 6;
  private static final Duration FIRST_PAUSE = Duration.ofMillis(50);

  private final Path socket;
  private final ObjectMapper json = RuntimeJson.mapper();
  private final BlockingDeque<FrameChannel> idle = new LinkedBlockingDeque<>(MAX_IDLE);
  private volatile boolean closed;

  public RpcClient(Path socket) {
    this.socket = socket;
  }

  // --- unary calls

  @Override
  public Observed.Host host() {
    return required(new Call.Host(), new TypeReference<Observed.Host>() {});
  }

  @Override
  public Set<String> layers() {
    return required(new Call.Layers(), new TypeReference<Set<String>>() {});
  }

  @Override
  public void removeLayer(String layerId) {
    run(new Call.RemoveLayer(layerId));
  }

  @Override
  public void ensureNetwork(NetworkSpec network) {
    run(new Call.EnsureNetwork(network));
  }

  @Override
  public void removeNetwork(String networkId) {
    run(new Call.RemoveNetwork(networkId));
  }

  @Override
  public List<Observed.Network> networks() {
    return list(new Call.Networks(), new TypeReference<List<Observed.Network>>() {});
  }

  @Override
  public void publishPorts(String sandboxId, List<PortSpec> ports) {
    run(new Call.PublishPorts(sandboxId, ports));
  }

  @Override
  public List<String> ensureService(ServiceSpec service) {
    return list(new Call.EnsureService(service), new TypeReference<List<String>>() {});
  }

  @Override
  public void removeService(String serviceId) {
    run(new Call.RemoveService(serviceId));
  }

  @Override
  public List<ServiceSpec> services() {
    return list(new Call.Services(), new TypeReference<List<ServiceSpec>>() {});
  }

  @Override
  public void restrict(Restriction restriction) {
    run(new Call.Restrict(restriction));
  }

  @Override
  public void unrestrict(String sandboxId) {
    run(new Call.Unrestrict(sandboxId));
  }

  @Override
  public List<Restriction> restrictions() {
    return list(new Call.Restrictions(), new TypeReference<List<Restriction>>() {});
  }

  @Override
  public void repairPorts() {
    run(new Call.RepairPorts());
  }

  @Override
  public Observed.Ports ports() {
    return required(new Call.Ports(), new TypeReference<Observed.Ports>() {});
  }

  @Override
  public Observed.Volume ensureVolume(VolumeSpec volume) {
    return required(new Call.EnsureVolume(volume), new TypeReference<Observed.Volume>() {});
  }

  @Override
  public void writeVolume(String volumeId, List<VolumeFile> files) {
    run(new Call.WriteVolume(volumeId, files));
  }

  @Override
  public void removeVolume(String volumeId) {
    run(new Call.RemoveVolume(volumeId));
  }

  @Override
  public List<Observed.Volume> volumes() {
    return list(new Call.Volumes(), new TypeReference<List<Observed.Volume>>() {});
  }

  @Override
  public Optional<Observed.VolumeUsage> volumeUsage(String volumeId) {
    return optional(new Call.VolumeUsage(volumeId), Observed.VolumeUsage.class);
  }

  @Override
  public Observed.Volume populateVolume(VolumeSpec volume, VolumeSource source) {
    return required(
        new Call.PopulateVolume(volume, source), new TypeReference<Observed.Volume>() {});
  }

  @Override
  public Observed.Snapshot createSnapshot(SnapshotSpec snapshot) {
    return required(new Call.CreateSnapshot(snapshot), new TypeReference<Observed.Snapshot>() {});
  }

  @Override
  public void removeSnapshot(String snapshotId) {
    run(new Call.RemoveSnapshot(snapshotId));
  }

  @Override
  public List<Observed.Snapshot> snapshots() {
    return list(new Call.Snapshots(), new TypeReference<List<Observed.Snapshot>>() {});
  }

  @Override
  public void createSandbox(SandboxSpec sandbox) {
    run(new Call.CreateSandbox(sandbox));
  }

  @Override
  public void updateSandbox(SandboxSpec sandbox) {
    run(new Call.UpdateSandbox(sandbox));
  }

  @Override
  public void repairSandbox(String sandboxId) {
    run(new Call.RepairSandbox(sandboxId));
  }

  @Override
  public void removeSandbox(String sandboxId) {
    run(new Call.RemoveSandbox(sandboxId));
  }

  @Override
  public Optional<Observed.Sandbox> sandbox(String sandboxId) {
    return optional(new Call.Sandbox(sandboxId), Observed.Sandbox.class);
  }

  @Override
  public List<Observed.Sandbox> sandboxes() {
    return list(new Call.Sandboxes(), new TypeReference<List<Observed.Sandbox>>() {});
  }

  @Override
  public void createContainer(ContainerSpec container) {
    run(new Call.CreateContainer(container));
  }

  @Override
  public void runContainer(ContainerSpec container) {
    run(new Call.RunContainer(container));
  }

  @Override
  public Optional<RuntimeFailure> runFirst(SandboxSpec sandbox, ContainerSpec container) {
    return optional(new Call.RunFirst(sandbox, container), FrameType.Failure.class)
        .map(FrameType.Failure::thrown);
  }

  @Override
  public void startContainer(String containerId) {
    run(new Call.StartContainer(containerId));
  }

  @Override
  public void signalContainer(String containerId, int signal) {
    run(new Call.SignalContainer(containerId, signal));
  }

  @Override
  public void stopContainer(String containerId, Duration grace) {
    run(new Call.StopContainer(containerId, grace));
  }

  @Override
  public void pauseContainer(String containerId) {
    run(new Call.PauseContainer(containerId));
  }

  @Override
  public void resumeContainer(String containerId) {
    run(new Call.ResumeContainer(containerId));
  }

  @Override
  public void removeContainer(String containerId) {
    run(new Call.RemoveContainer(containerId));
  }

  @Override
  public void updateResources(String containerId, OciSpec.Resources resources) {
    run(new Call.UpdateResources(containerId, resources));
  }

  @Override
  public void repairMounts(String containerId) {
    run(new Call.RepairMounts(containerId));
  }

  @Override
  public Optional<Observed.Container> container(String containerId) {
    return optional(new Call.Container(containerId), Observed.Container.class);
  }

  @Override
  public Optional<Observed.Usage> usage(String containerId) {
    return optional(new Call.Usage(containerId), Observed.Usage.class);
  }

  @Override
  public void removeLogs(String logDirectory) {
    run(new Call.RemoveLogs(logDirectory));
  }

  private void run(Call.Unary call) {
    call(call, (_, answer) -> answer);
  }

  private <T> T required(Call.Unary call, TypeReference<T> type) {
    return Objects.requireNonNull(
        call(call, (connection, answer) -> connection.parse(answer, type)),
        "the runtime answered null");
  }

  private <T> Optional<T> optional(Call.Unary call, Class<T> type) {
    return call(call, (connection, answer) -> connection.parseOptional(answer, type));
  }

  private <T> List<T> list(Call.Unary call, TypeReference<List<T>> type) {
    return call(call, (connection, answer) -> connection.parseList(answer, type));
  }

  private interface Parser<T> {
    /**
     * @param answer its first frame; others may follow on the connection
     */
    T parse(FrameChannel connection, FrameChannel.Frame answer) throws IOException;
  }

  private <T> T call(Call.Unary call, Parser<T> parser) {
    FrameChannel connection = send(call);
    try {
      FrameChannel.Frame answer = connection.expect();
      checkResult(connection, answer);
      T result = parser.parse(connection, answer);
      release(connection);
      return result;
    } catch (RuntimeFailure failure) {
      release(connection);
      throw failure;
    } catch (IOException e) {
      closeQuietly(connection);
      throw new RuntimeFailure(
          Reason.UNAVAILABLE, "the runtime at " + socket + " went away during " + name(call), e);
    }
  }

  /** Without its arguments: there may be secrets in a container's environment. */
  private static String name(Call call) {
    return call.getClass().getSimpleName();
  }

  // --- connections

  /**
   * Sends on a kept connection, or a new one. A kept one that the other side has closed takes
   * nothing (EPIPE), so sending again is safe.
   */
  private FrameChannel send(Call call) {
    for (FrameChannel kept = idle.poll(); kept != null; kept = idle.poll()) {
      if (sent(kept, call)) {
        return kept;
      }
    }
    FrameChannel fresh = connect();
    if (sent(fresh, call)) {
      return fresh;
    }
    throw new RuntimeFailure(
        Reason.UNAVAILABLE, "the runtime at " + socket + " closed the connection");
  }

  private static boolean sent(FrameChannel connection, Call call) {
    try {
      connection.writeJson(FrameType.CALL, call);
      return true;
    } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
      closeQuietly(connection);
      throw new RuntimeFailure(Reason.INVALID, "call cannot be sent: " + e.getMessage(), e);
    } catch (IOException e) {
      closeQuietly(connection);
      return false;
    }
  }

  private FrameChannel connect() {
    Duration pause = FIRST_PAUSE;
    for (int attempt = 1; ; attempt++) {
      if (closed) {
        throw new RuntimeFailure(Reason.UNAVAILABLE, "this client was closed");
      }
      try {
        return open();
      } catch (IOException e) {
        if (attempt == TRIES) {
          throw new RuntimeFailure(
              Reason.UNAVAILABLE,
              "the runtime at " + socket + " cannot be reached: " + e.getMessage(),
              e);
        }
      }
      pause(pause);
      pause = pause.multipliedBy(2);
    }
  }

  private FrameChannel open() throws IOException {
    return new FrameChannel(SocketChannel.open(UnixDomainSocketAddress.of(socket)), json);
  }

  private static void pause(Duration duration) {
    try {
      Thread.sleep(duration);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RuntimeFailure(
          Reason.UNAVAILABLE, "interrupted while connecting to the runtime", e);
    }
  }

  private void release(FrameChannel connection) {
    if (closed || !idle.offerFirst(connection)) {
      closeQuietly(connection);
    }
  }

  static void closeQuietly(FrameChannel connection) {
    try {
      connection.close();
    } catch (IOException e) {
      return; // nothing depends on how a connection that is given up ends
    }
  }

  private static void checkResult(FrameChannel connection, FrameChannel.Frame answer)
      throws IOException {
    switch (answer.type()) {
      case RESULT -> {}
      case FAILURE -> throw connection.parse(answer, FrameType.Failure.class).thrown();
      default -> throw new IOException("unexpected frame " + answer.type());
    }
  }

  // --- streams

  @Override
  public void unpackLayer(String layerId, Iterator<LayerEntry> entries) {
    try (FrameChannel connection = send(new Call.UnpackLayer(layerId))) {
      LayerSender sender = new LayerSender(connection);
      Optional<IOException> broken = sender.send(entries);
      FrameChannel.Frame answer = answerAfter(connection, broken);
      checkResult(connection, answer);
    } catch (IOException e) {
      throw new RuntimeFailure(
          Reason.UNAVAILABLE, "unpack layer " + layerId + ": " + e.getMessage(), e);
    }
  }

  /** The server answers early when it needs no more; that shows as a failed write here. */
  private static FrameChannel.Frame answerAfter(
      FrameChannel connection, Optional<IOException> broken) throws IOException {
    try {
      return connection.expect();
    } catch (IOException e) {
      broken.ifPresent(e::addSuppressed);
      throw e;
    }
  }

  @Override
  public ContainerChanges changes(String containerId, Reading reading) {
    return new LayerReceiver(takeOver(new Call.Changes(containerId, reading)));
  }

  @Override
  public ExecSession exec(String containerId, OciSpec.Process process) {
    return new ClientSession(takeOver(new Call.Exec(containerId, process)));
  }

  @Override
  public ExecSession attach(String containerId) {
    return new ClientSession(takeOver(new Call.Attach(containerId)));
  }

  @Override
  public SandboxConnection connect(String sandboxId, String host, int port, Duration timeout) {
    return new ClientConnection(takeOver(new Call.Connect(sandboxId, host, port, timeout)));
  }

  private FrameChannel takeOver(Call.Streaming call) {
    FrameChannel connection = send(call);
    try {
      FrameChannel.Frame answer = connection.expect();
      checkResult(connection, answer);
      return connection;
    } catch (IOException e) {
      closeQuietly(connection);
      throw new RuntimeFailure(
          Reason.UNAVAILABLE, "the runtime at " + socket + " went away during " + name(call), e);
    } catch (RuntimeFailure e) {
      closeQuietly(connection);
      throw e;
    }
  }

  @Override
  public Subscription subscribe(Consumer<RuntimeEvent> listener) {
    return new ClientSubscription(this::open, listener);
  }

  /** Ends kept connections; sessions and subscriptions have their own end. */
  @Override
  public void close() {
    closed = true;
    for (FrameChannel kept = idle.poll(); kept != null; kept = idle.poll()) {
      closeQuietly(kept);
    }
  }

  /** The rest of a connection that was taken over, as plain bytes. */
  private record ClientConnection(FrameChannel connection) implements SandboxConnection {
    @Override
    public InputStream input() {
      return connection.rawInput();
    }

    @Override
    public java.io.OutputStream output() {
      return new java.io.FilterOutputStream(connection.rawOutput()) {
        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
          out.write(bytes, offset, length);
        }

        @Override
        public void close() throws IOException {
          connection.endOutput();
        }
      };
    }

    @Override
    public void close() {
      closeQuietly(connection);
    }
  }
}
