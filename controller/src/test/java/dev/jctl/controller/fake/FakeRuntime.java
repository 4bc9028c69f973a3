package dev.jctl.controller.fake;

import dev.jctl.shim.ContainerChanges;
import dev.jctl.shim.ContainerRuntime;
import dev.jctl.shim.ExecSession;
import dev.jctl.shim.RuntimeEvent;
import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.RuntimeFailure.Reason;
import dev.jctl.shim.SandboxConnection;
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
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/**
 * A machine in memory that keeps the contract of {@link ContainerRuntime}: nothing can be made
 * before what it needs, nothing removed under what uses it, no id is used twice. Processes run
 * until they are told to end.
 */
public final class FakeRuntime implements ContainerRuntime {
  private static final class Sandbox {
    SandboxSpec spec;
    boolean namespaces = true;
    final Map<String, List<String>> drift = new TreeMap<>();

    Sandbox(SandboxSpec spec) {
      this.spec = spec;
    }
  }

  private static final class Process {
    ContainerSpec spec;
    Observed.State state = new Observed.State.Created();
    List<String> missingMounts = List.of();

    Process(ContainerSpec spec) {
      this.spec = spec;
    }
  }

  private final InstantSource clock;
  private final Set<String> layers = new HashSet<>();
  private final Map<String, NetworkSpec> networks = new TreeMap<>();
  private final Map<String, List<String>> networkDrift = new TreeMap<>();
  private final Map<String, List<String>> networkRepaired = new TreeMap<>();
  private final Map<String, VolumeSpec> volumes = new TreeMap<>();
  private final Set<String> unmounted = new HashSet<>();
  private final Map<String, Observed.Snapshot> snapshots = new TreeMap<>();
  private long used;
  private Observed.VolumeUsage.Limit keptBy = Observed.VolumeUsage.Limit.MEASURED;
  private final Map<String, List<VolumeFile>> written = new TreeMap<>();
  private final Map<String, Sandbox> sandboxes = new TreeMap<>();
  private final Map<String, Process> containers = new LinkedHashMap<>();
  private final Map<String, List<PortSpec>> ports = new TreeMap<>();
  private final Map<String, ServiceSpec> services = new TreeMap<>();
  private Set<Integer> listenedOn = Set.of();
  private final Map<String, Restriction> restrictions = new TreeMap<>();
  private final Set<String> usedIds = new HashSet<>();
  private final Set<String> unknownCommands = new HashSet<>();
  private final List<Consumer<RuntimeEvent>> listeners = new CopyOnWriteArrayList<>();
  private final List<String> calls = new CopyOnWriteArrayList<>();
  private final Map<String, RuntimeFailure> refusals = new TreeMap<>();
  private List<String> portDrift = List.of();
  private List<String> portsRepaired = List.of();
  private int httpStatus = 200;
  private int nextPid = 100;

  public FakeRuntime(InstantSource clock) {
    this.clock = clock;
  }

  // --- what tests do behind the controller's back

  /** A process ends by itself, or is killed by another. */
  public void end(String containerId, int exitCode, int signal) {
    synchronized (this) {
      exit(container0(containerId), exitCode, signal, exitCode == 0 ? "Completed" : "Error", "");
    }
    tellContainer(containerId);
  }

  /** A call fails from now on, {@code ensureNetwork default.front}. */
  public synchronized void refuse(String call, Reason reason, String message) {
    refusals.put(call, new RuntimeFailure(reason, message));
  }

  /** None fails any more. */
  public synchronized void refuseNothing() {
    refusals.clear();
  }

  private void call(String call) {
    RuntimeFailure refusal = refusals.get(call);
    if (refusal != null) {
      throw refusal;
    }
  }

  public void removeInterface(String sandboxId, String networkId) {
    synchronized (this) {
      sandbox0(sandboxId).drift.put(networkId, List.of("veth missing"));
    }
    tell(new RuntimeEvent.SandboxChanged(sandboxId));
  }

  public void flushTables() {
    synchronized (this) {
      portDrift = List.of("table missing");
      networks.keySet().forEach(n -> networkDrift.put(n, List.of("isolation rules missing")));
    }
    tell(new RuntimeEvent.NetworksChanged());
  }

  /** Rules that are gone, and that an update puts back before anybody looks. */
  public void replaceRules() {
    synchronized (this) {
      portsRepaired = List.of("table missing");
    }
    tell(new RuntimeEvent.NetworksChanged());
  }

  public void removeBridge(String networkId) {
    synchronized (this) {
      networkDrift.put(networkId, List.of("bridge missing"));
    }
    tell(new RuntimeEvent.NetworksChanged());
  }

  /** A bridge that is gone, and that an interface finds to be missing before its Network does. */
  public void removeBridgeOf(String sandboxId, String networkId) {
    synchronized (this) {
      networkDrift.put(networkId, List.of("bridge missing"));
    }
    removeInterface(sandboxId, networkId);
  }

  public void unmountVolumes(String containerId) {
    synchronized (this) {
      Process process = container0(containerId);
      process.missingMounts =
          process.spec.volumes().stream().map(ContainerSpec.VolumeMount::destination).toList();
    }
    tellContainer(containerId);
  }

  public void unmountVolume(String volumeId) {
    synchronized (this) {
      unmounted.add(volumeId);
    }
    tell(new RuntimeEvent.VolumeChanged(volumeId));
  }

  /** As after a restart of the machine. */
  public void reboot() {
    synchronized (this) {
      sandboxes.values().forEach(s -> s.namespaces = false);
      for (Process p : containers.values()) {
        if (p.state instanceof Observed.State.Running) {
          exit(p, -1, 0, "ExitCodeUnknown", "the machine was restarted");
        }
      }
      networks.clear();
      ports.clear();
    }
    tell(new RuntimeEvent.Resync());
  }

  public synchronized void answerHttpWith(int status) {
    httpStatus = status;
  }

  /** {@code args[0]} that is in no image. */
  public synchronized void forgetCommand(String command) {
    unknownCommands.add(command);
  }

  /** What was asked for that changes something, in order. */
  public List<String> calls() {
    return List.copyOf(calls);
  }

  public synchronized List<Observed.Container> containers() {
    return containers.values().stream().map(FakeRuntime::observed).toList();
  }

  /** Whether nothing is left of anybody. */
  public synchronized boolean isEmpty() {
    return layers.isEmpty()
        && networks.isEmpty()
        && volumes.isEmpty()
        && sandboxes.isEmpty()
        && containers.isEmpty()
        && ports.isEmpty();
  }

  private void exit(Process process, int code, int signal, String reason, String message) {
    var started = process.state instanceof Observed.State.Running r ? r.startedAt() : null;
    process.state =
        new Observed.State.Exited(code, signal, reason, message, started, clock.instant());
  }

  private void tell(RuntimeEvent event) {
    listeners.forEach(l -> l.accept(event));
  }

  private void tellContainer(String containerId) {
    Optional<Observed.Container> container = container(containerId);
    container.ifPresent(
        c -> tell(new RuntimeEvent.ContainerChanged(c.spec().sandboxId(), containerId, c.state())));
  }

  private Process container0(String id) {
    Process process = containers.get(id);
    if (process == null) {
      throw new RuntimeFailure(Reason.NOT_FOUND, "container " + id + " does not exist");
    }
    return process;
  }

  private Sandbox sandbox0(String id) {
    Sandbox sandbox = sandboxes.get(id);
    if (sandbox == null) {
      throw new RuntimeFailure(Reason.NOT_FOUND, "sandbox " + id + " does not exist");
    }
    return sandbox;
  }

  private static void require(boolean holds, Reason reason, String message) {
    if (!holds) {
      throw new RuntimeFailure(reason, message);
    }
  }

  // --- the contract

  @Override
  public Observed.Host host() {
    return new Observed.Host("0123abcd", "boot", "6.18", "v2", Map.of(), List.of());
  }

  @Override
  public synchronized Set<String> layers() {
    return Set.copyOf(layers);
  }

  /** Nothing is ever changed here. */
  @Override
  public ContainerChanges changes(String containerId, Reading reading) {
    return new ContainerChanges() {
      @Override
      public boolean hasNext() {
        return false;
      }

      @Override
      public LayerEntry next() {
        throw new java.util.NoSuchElementException();
      }

      @Override
      public void close() {}
    };
  }

  @Override
  public synchronized void unpackLayer(String layerId, Iterator<LayerEntry> entries) {
    entries.forEachRemaining(e -> {});
    layers.add(layerId);
  }

  @Override
  public synchronized void removeLayer(String layerId) {
    boolean used = containers.values().stream().anyMatch(c -> c.spec.layers().contains(layerId));
    require(!used, Reason.IN_USE, "layer " + layerId + " is in use");
    layers.remove(layerId);
  }

  @Override
  public synchronized void ensureNetwork(NetworkSpec network) {
    calls.add("ensureNetwork " + network.id());
    call("ensureNetwork " + network.id());
    networks.put(network.id(), network);
    networkDrift.remove(network.id());
    networkRepaired.remove(network.id());
  }

  @Override
  public synchronized void removeNetwork(String networkId) {
    boolean used =
        sandboxes.values().stream()
            .flatMap(s -> s.spec.networks().stream())
            .anyMatch(n -> n.networkId().equals(networkId));
    require(!used, Reason.IN_USE, "network " + networkId + " is in use");
    networks.remove(networkId);
    networkDrift.remove(networkId);
    networkRepaired.remove(networkId);
  }

  @Override
  public synchronized List<Observed.Network> networks() {
    return networks.values().stream()
        .map(
            n ->
                new Observed.Network(
                    n,
                    "jb" + n.id(),
                    networkDrift.getOrDefault(n.id(), List.of()),
                    networkRepaired.getOrDefault(n.id(), List.of())))
        .toList();
  }

  @Override
  public synchronized void publishPorts(String sandboxId, List<PortSpec> wanted) {
    calls.add("publishPorts " + sandboxId + " " + wanted.size());
    sandbox0(sandboxId);
    call("publishPorts " + wanted.size());
    for (PortSpec p : wanted) {
      ports.forEach(
          (holder, held) ->
              require(
                  holder.equals(sandboxId)
                      || held.stream()
                          .noneMatch(
                              h ->
                                  h.hostPort() == p.hostPort()
                                      && h.protocol().equals(p.protocol())),
                  Reason.PORT_TAKEN,
                  "port " + p.hostPort() + " is held by sandbox " + holder));
    }
    if (wanted.isEmpty()) {
      ports.remove(sandboxId);
    } else {
      ports.put(sandboxId, List.copyOf(wanted));
    }
  }

  @Override
  public synchronized List<String> ensureService(ServiceSpec service) {
    call("ensureService " + service.id());
    Map<Integer, String> taken = new TreeMap<>();
    ports.forEach(
        (holder, held) -> held.forEach(h -> taken.put(h.hostPort(), "sandbox " + holder)));
    listenedOn.forEach(port -> taken.put(port, "a process"));
    services.put(service.id(), service.withoutNodePorts(p -> taken.containsKey(p.nodePort())));
    return service.ports().stream()
        .filter(p -> taken.containsKey(p.nodePort()))
        .map(p -> "node port " + p.nodePort() + ": " + taken.get(p.nodePort()) + " has it")
        .toList();
  }

  /** As after a restart of the runtime: processes of the machine listen on these ports by now. */
  public void processesListenOn(Integer... hostPorts) {
    synchronized (this) {
      listenedOn = Set.of(hostPorts);
      services.replaceAll(
          (id, service) -> service.withoutNodePorts(p -> listenedOn.contains(p.nodePort())));
    }
    tell(new RuntimeEvent.Resync());
  }

  @Override
  public synchronized void removeService(String serviceId) {
    services.remove(serviceId);
  }

  @Override
  public synchronized List<ServiceSpec> services() {
    return List.copyOf(services.values());
  }

  @Override
  public synchronized void restrict(Restriction restriction) {
    restrictions.put(restriction.id(), restriction);
  }

  @Override
  public synchronized void unrestrict(String sandboxId) {
    restrictions.remove(sandboxId);
  }

  @Override
  public synchronized List<Restriction> restrictions() {
    return List.copyOf(restrictions.values());
  }

  @Override
  public synchronized void repairPorts() {
    calls.add("repairPorts");
    portDrift = List.of();
    portsRepaired = List.of();
  }

  @Override
  public synchronized Observed.Ports ports() {
    return new Observed.Ports(
        ports.values().stream().flatMap(List::stream).toList(), portDrift, portsRepaired);
  }

  @Override
  public synchronized Observed.Volume ensureVolume(VolumeSpec volume) {
    call("ensureVolume " + volume.id() + " " + volume.sizeBytes());
    volumes.put(volume.id(), volume);
    unmounted.remove(volume.id());
    return observed(volume);
  }

  private Observed.Volume observed(VolumeSpec volume) {
    String id = volume.id();
    return new Observed.Volume(volume, "/volumes/" + id, !unmounted.contains(id), false);
  }

  @Override
  public synchronized void writeVolume(String volumeId, List<VolumeFile> files) {
    written.put(volumeId, List.copyOf(files));
  }

  /** What is in a volume whose content the controller gives. */
  public synchronized List<VolumeFile> written(String volumeId) {
    return written.getOrDefault(volumeId, List.of());
  }

  @Override
  public synchronized void removeVolume(String volumeId) {
    boolean used =
        containers.values().stream()
            .flatMap(c -> c.spec.volumes().stream())
            .anyMatch(v -> v.source().equals(new ContainerSpec.Source.Volume(volumeId)));
    require(!used, Reason.IN_USE, "volume " + volumeId + " is in use");
    volumes.remove(volumeId);
  }

  @Override
  public synchronized List<Observed.Volume> volumes() {
    return volumes.values().stream().map(this::observed).toList();
  }

  /** What is told of the use of all volumes. */
  public synchronized void fillVolumes(long usedBytes, Observed.VolumeUsage.Limit limit) {
    used = usedBytes;
    keptBy = limit;
  }

  @Override
  public synchronized Optional<Observed.VolumeUsage> volumeUsage(String volumeId) {
    return Optional.ofNullable(volumes.get(volumeId))
        .map(v -> new Observed.VolumeUsage(used, v.sizeBytes(), keptBy));
  }

  @Override
  public synchronized Observed.Volume populateVolume(VolumeSpec volume, VolumeSource source) {
    calls.add("populateVolume " + volume.id() + " " + source);
    if (source instanceof VolumeSource.Snapshot(var id)) {
      require(snapshots.containsKey(id), Reason.NOT_FOUND, "snapshot " + id);
    }
    return ensureVolume(volume);
  }

  @Override
  public synchronized Observed.Snapshot createSnapshot(SnapshotSpec snapshot) {
    calls.add("createSnapshot " + snapshot.id());
    require(volumes.containsKey(snapshot.volumeId()), Reason.NOT_FOUND, snapshot.volumeId());
    return snapshots.computeIfAbsent(
        snapshot.id(), id -> new Observed.Snapshot(snapshot, clock.instant().toString(), used));
  }

  @Override
  public synchronized void removeSnapshot(String snapshotId) {
    calls.add("removeSnapshot " + snapshotId);
    snapshots.remove(snapshotId);
  }

  @Override
  public synchronized List<Observed.Snapshot> snapshots() {
    return List.copyOf(snapshots.values());
  }

  @Override
  public synchronized void createSandbox(SandboxSpec sandbox) {
    calls.add("createSandbox " + sandbox.id());
    require(!sandboxes.containsKey(sandbox.id()), Reason.ALREADY_EXISTS, sandbox.id());
    sandbox
        .networks()
        .forEach(
            n ->
                require(
                    networks.containsKey(n.networkId()),
                    Reason.NOT_FOUND,
                    "network " + n.networkId() + " does not exist"));
    sandboxes.put(sandbox.id(), new Sandbox(sandbox));
  }

  @Override
  public synchronized void updateSandbox(SandboxSpec sandbox) {
    calls.add("updateSandbox " + sandbox.id());
    sandbox0(sandbox.id()).spec = sandbox;
  }

  @Override
  public void repairSandbox(String sandboxId) {
    bringBackInterfaces(sandboxId);
    tell(new RuntimeEvent.NetworksChanged());
  }

  private synchronized void bringBackInterfaces(String sandboxId) {
    calls.add("repairSandbox " + sandboxId);
    Sandbox sandbox = sandbox0(sandboxId);
    sandbox.drift.clear();
    for (SandboxSpec.NetworkAttachment network : sandbox.spec.networks()) {
      List<String> gone = networkDrift.remove(network.networkId());
      if (gone != null) {
        networkRepaired.put(network.networkId(), gone);
      }
    }
  }

  @Override
  public synchronized void removeSandbox(String sandboxId) {
    calls.add("removeSandbox " + sandboxId);
    containers.values().removeIf(c -> c.spec.sandboxId().equals(sandboxId));
    ports.remove(sandboxId);
    sandboxes.remove(sandboxId);
  }

  @Override
  public synchronized Optional<Observed.Sandbox> sandbox(String sandboxId) {
    return Optional.ofNullable(sandboxes.get(sandboxId)).map(this::observed);
  }

  @Override
  public synchronized List<Observed.Sandbox> sandboxes() {
    return sandboxes.values().stream().map(this::observed).toList();
  }

  private Observed.Sandbox observed(Sandbox sandbox) {
    List<Observed.Attachment> attached = new ArrayList<>();
    for (SandboxSpec.NetworkAttachment n : sandbox.spec.networks()) {
      attached.add(
          new Observed.Attachment(
              n.networkId(),
              n.interfaceName(),
              n.addresses(),
              null,
              sandbox.drift.getOrDefault(n.networkId(), List.of())));
    }
    return new Observed.Sandbox(
        sandbox.spec,
        sandbox.namespaces,
        attached,
        containers.values().stream()
            .filter(c -> c.spec.sandboxId().equals(sandbox.spec.id()))
            .map(FakeRuntime::observed)
            .toList());
  }

  private static Observed.Container observed(Process process) {
    return new Observed.Container(process.spec, process.state, process.missingMounts);
  }

  @Override
  public synchronized void createContainer(ContainerSpec container) {
    calls.add("createContainer " + container.id());
    require(sandbox0(container.sandboxId()).namespaces, Reason.NOT_RUNNING, "no namespaces");
    require(usedIds.add(container.id()), Reason.ALREADY_EXISTS, container.id() + " was used");
    require(layers.containsAll(container.layers()), Reason.NOT_FOUND, "a layer is not unpacked");
    for (ContainerSpec.VolumeMount mount : container.volumes()) {
      require(
          !(mount.source() instanceof ContainerSpec.Source.Volume v)
              || volumes.containsKey(v.volumeId()),
          Reason.NOT_FOUND,
          "volume of " + mount.destination() + " does not exist");
    }
    containers.put(container.id(), new Process(container));
  }

  @Override
  public void runContainer(ContainerSpec container) {
    createContainer(container);
    startContainer(container.id());
  }

  @Override
  public void startContainer(String containerId) {
    calls.add("startContainer " + containerId);
    synchronized (this) {
      Process process = container0(containerId);
      require(process.state instanceof Observed.State.Created, Reason.NOT_RUNNING, "it has ended");
      String command =
          process.spec.oci().process().args().isEmpty()
              ? ""
              : process.spec.oci().process().args().getFirst();
      if (unknownCommands.contains(command)) {
        String message = "start " + containerId + ": " + command + " is not in the image";
        exit(process, 127, 0, "StartError", message);
        throw new RuntimeFailure(Reason.COMMAND_NOT_FOUND, message);
      }
      process.state = new Observed.State.Running(nextPid++, clock.instant());
    }
    tellContainer(containerId);
  }

  @Override
  public void pauseContainer(String containerId) {
    calls.add("pauseContainer " + containerId);
    setPaused(containerId, true);
  }

  @Override
  public void resumeContainer(String containerId) {
    calls.add("resumeContainer " + containerId);
    setPaused(containerId, false);
  }

  private synchronized void setPaused(String containerId, boolean paused) {
    Process process = container0(containerId);
    if (process.state instanceof Observed.State.Running running) {
      process.state = new Observed.State.Running(running.pid(), running.startedAt(), paused);
    } else {
      require(!paused, Reason.NOT_RUNNING, containerId);
    }
  }

  @Override
  public synchronized void signalContainer(String containerId, int signal) {
    calls.add("signalContainer " + containerId + " " + signal);
  }

  @Override
  public void stopContainer(String containerId, Duration grace) {
    calls.add("stopContainer " + containerId + " " + grace.toSeconds() + "s");
    synchronized (this) {
      Process process = container0(containerId);
      if (process.state instanceof Observed.State.Running) {
        exit(process, 143, 15, "Error", "");
      }
    }
    tellContainer(containerId);
  }

  @Override
  public synchronized void removeContainer(String containerId) {
    calls.add("removeContainer " + containerId);
    containers.remove(containerId);
  }

  @Override
  public synchronized void updateResources(String containerId, OciSpec.Resources resources) {
    calls.add("updateResources " + containerId);
    Process process = container0(containerId);
    ContainerSpec s = process.spec;
    OciSpec o = s.oci();
    OciSpec.Linux l = o.linux();
    OciSpec.Linux linux =
        new OciSpec.Linux(
            l.namespaces(),
            l.uidMappings(),
            l.gidMappings(),
            l.devices(),
            l.cgroupsPath(),
            resources,
            l.rootfsPropagation(),
            l.seccomp(),
            l.sysctl(),
            l.maskedPaths(),
            l.readonlyPaths());
    OciSpec oci =
        new OciSpec(
            o.ociVersion(),
            o.root(),
            o.process(),
            o.hostname(),
            o.domainname(),
            o.mounts(),
            o.annotations(),
            linux);
    process.spec = s.withOci(oci);
  }

  @Override
  public synchronized void repairMounts(String containerId) {
    calls.add("repairMounts " + containerId);
    call("repairMounts");
    container0(containerId).missingMounts = List.of();
  }

  @Override
  public synchronized Optional<Observed.Container> container(String containerId) {
    return Optional.ofNullable(containers.get(containerId)).map(FakeRuntime::observed);
  }

  @Override
  public Optional<Observed.Usage> usage(String containerId) {
    return Optional.empty();
  }

  @Override
  public void removeLogs(String logDirectory) {
    calls.add("removeLogs");
  }

  @Override
  public ExecSession exec(String containerId, OciSpec.Process process) {
    synchronized (this) {
      boolean paused =
          container0(containerId).state instanceof Observed.State.Running r && r.paused();
      require(!paused, Reason.NOT_RUNNING, containerId + " is paused");
    }
    int code = process.args().contains("false") ? 1 : 0;
    return new ExecSession() {
      @Override
      public OutputStream stdin() {
        return OutputStream.nullOutputStream();
      }

      @Override
      public InputStream stdout() {
        return InputStream.nullInputStream();
      }

      @Override
      public InputStream stderr() {
        return InputStream.nullInputStream();
      }

      @Override
      public void resize(int columns, int rows) {}

      @Override
      public OptionalInt waitFor(Duration timeout) {
        return OptionalInt.of(code);
      }

      @Override
      public void close() {}
    };
  }

  @Override
  public ExecSession attach(String containerId) {
    throw new UnsupportedOperationException();
  }

  @Override
  public SandboxConnection connect(String sandboxId, String host, int port, Duration timeout) {
    String answer;
    synchronized (this) {
      sandbox0(sandboxId);
      answer = "HTTP/1.1 " + httpStatus + " as asked\r\n\r\n";
    }
    return new SandboxConnection() {
      @Override
      public InputStream input() {
        return new ByteArrayInputStream(answer.getBytes(StandardCharsets.US_ASCII));
      }

      @Override
      public OutputStream output() {
        return new ByteArrayOutputStream();
      }

      @Override
      public void close() {}
    };
  }

  @Override
  public Subscription subscribe(Consumer<RuntimeEvent> listener) {
    listeners.add(listener);
    return () -> listeners.remove(listener);
  }

  @Override
  public void close() {}
}
