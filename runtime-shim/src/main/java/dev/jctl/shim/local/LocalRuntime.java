package dev.jctl.shim.local;

import dev.jctl.shim.ContainerChanges;
import dev.jctl.shim.ContainerRuntime;
import dev.jctl.shim.ExecSession;
import dev.jctl.shim.RuntimeEvent;
import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.RuntimeFailure.Reason;
import dev.jctl.shim.SandboxConnection;
import dev.jctl.shim.cgroup.CgroupLayout;
import dev.jctl.shim.cgroup.Cgroups;
import dev.jctl.shim.exec.Launcher;
import dev.jctl.shim.exec.LinuxGroupKernel;
import dev.jctl.shim.layer.LayerReader;
import dev.jctl.shim.layer.LayerStore;
import dev.jctl.shim.layer.MountPoints;
import dev.jctl.shim.log.LogPump;
import dev.jctl.shim.network.HostResolvConf;
import dev.jctl.shim.network.Networking;
import dev.jctl.shim.observe.FileIdentity;
import dev.jctl.shim.plan.Signals;
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
import dev.jctl.shim.supervise.EventLoop;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The runtime in this process. What there is, is on disk and in the kernel; the maps here only find
 * it. Containers outlive this.
 */
public final class LocalRuntime implements ContainerRuntime {
  private static final Logger LOG = LoggerFactory.getLogger(LocalRuntime.class);

  /** Of all instances of the machine. */
  private static final Path USER_RANGES = Path.of("/run/jctl-ids");

  /** Makes the network side once the instance is known. */
  public interface NetworkingFactory {
    /**
     * @param running whether something runs in the sandbox of that id
     */
    Networking make(String instance, Predicate<String> running);
  }

  private final Instance instance;
  private final Services services;
  private final Networking networking;
  private final LayerStore layers;
  private final Chores discards = new Chores();
  private final Snapshots snapshots;
  private final Volumes volumes;
  private final Map<String, SandboxLife> sandboxes = new ConcurrentHashMap<>();
  private final Map<String, ContainerLife> containers;
  private final List<Consumer<RuntimeEvent>> listeners;

  private final AtomicBoolean watchingVolumes = new AtomicBoolean();
  private final Set<String> toldLost = ConcurrentHashMap.newKeySet();

  private final Map<String, ReentrantLock> backends = new ConcurrentHashMap<>();

  /** Between "nobody uses it" and its removal nobody may begin to use it. */
  private final ReentrantLock claims = new ReentrantLock();

  private LocalRuntime(
      Instance instance,
      Services services,
      Networking networking,
      LayerStore layers,
      Map<String, ContainerLife> containers,
      List<Consumer<RuntimeEvent>> listeners) {
    this.instance = instance;
    this.services = services;
    this.networking = networking;
    this.layers = layers;
    this.containers = containers;
    this.listeners = listeners;
    this.snapshots = new Snapshots(services.places(), services.records(), services.clock());
    this.volumes = new Volumes(services.places(), services.records(), snapshots, this::regain);
  }

  /**
   * Takes over what an earlier process left in {@code data}, and removes what nobody owns.
   *
   * @throws RuntimeFailure IN_USE when another process has that directory
   */
  public static LocalRuntime start(
      Path data, Path run, Launcher launcher, NetworkingFactory networkingFactory) {
    Places places = new Places(data.toAbsolutePath(), run.toAbsolutePath());
    Instance instance = Instance.open(places);
    try {
      return start(places, instance, launcher, networkingFactory);
    } catch (RuntimeException | IOException e) {
      instance.close();
      throw e instanceof RuntimeException failure
          ? failure
          : new RuntimeFailure(Reason.KERNEL, "start runtime: " + e.getMessage(), e);
    }
  }

  private static LocalRuntime start(
      Places places, Instance instance, Launcher launcher, NetworkingFactory networkingFactory)
      throws IOException {
    List<Consumer<RuntimeEvent>> listeners = new CopyOnWriteArrayList<>();
    CgroupLayout layout = CgroupLayout.parse(Files.readAllLines(Path.of("/proc/self/mountinfo")));
    Cgroups cgroups = new Cgroups(layout, instance.id(), new LinuxGroupKernel());
    cgroups.prepare();
    MountPoints.make(places.mountPoints());
    EventLoop loop = EventLoop.start();
    InstantSource clock = InstantSource.system();
    Chores chores = new Chores();
    SandboxUsers users =
        new SandboxUsers(
            places, launcher, new UserRanges(USER_RANGES, instance.id(), places.allNamespaces()));
    Services services =
        new Services(
            places,
            new RecordFiles(),
            loop,
            new LogPump.Shared(loop, clock),
            cgroups,
            launcher,
            new Prepared(places, launcher, cgroups, users, chores),
            users,
            new Furnishing(places, new RecordFiles(), launcher),
            chores,
            new MountWatch(),
            new HostResolvConf(Path.of("/etc/resolv.conf")),
            AppArmorProfile.of(instance.id()),
            SeLinux.ofHost(),
            clock,
            instance.bootId(),
            event -> deliver(listeners, event));
    Map<String, ContainerLife> containers = new ConcurrentHashMap<>();
    LocalRuntime runtime =
        new LocalRuntime(
            instance,
            services,
            networkingFactory.make(instance.id(), sandbox -> running(containers, sandbox)),
            new LayerStore(places.layers()),
            containers,
            listeners);
    runtime.adopt();
    return runtime;
  }

  private static boolean running(Map<String, ContainerLife> containers, String sandboxId) {
    return containers.values().stream()
        .anyMatch(
            life ->
                life.sandboxId().equals(sandboxId)
                    && life.state() instanceof Observed.State.Running);
  }

  private static void deliver(List<Consumer<RuntimeEvent>> listeners, RuntimeEvent event) {
    for (Consumer<RuntimeEvent> listener : listeners) {
      try {
        listener.accept(event);
      } catch (RuntimeException e) {
        LOG.error("listener failed on {}", event, e);
      }
    }
  }

  private void adopt() {
    Places places = services.places();
    RecordFiles.makePrivateDirectory(places.containers());
    RecordFiles.makePrivateDirectory(places.confidential());
    RecordFiles.makeDirectories(places.sandboxes());
    RecordFiles.makeDirectories(places.networks());
    RecordFiles.makeDirectories(places.services());
    RecordFiles.makeDirectories(places.restrictions());
    if (instance.rebooted()) {
      layers.dropUnsynced();
    }
    layers.sweep();
    snapshots.adopt();
    Adoption adoption = new Adoption(services, networking);
    adoption.sandboxes().forEach(life -> sandboxes.put(life.spec().id(), life));
    adoption.containers().forEach(life -> containers.put(life.spec().id(), life));
    volumes.adopt(); // some from containers that still have them
    containers.values().forEach(ContainerLife::settleAfterAdoption);
    adoption.sweep(sandboxes.keySet(), containers.keySet());
    adoption.adoptNetworking(sandboxes.values());
    forgetWhatNobodyChanged();
    networking.onDrift(services.events());
    watchVolumes();
    services.prepared().start();
    LOG.info(
        "instance {}: {} sandboxes, {} containers taken over",
        instance.id(),
        sandboxes.size(),
        containers.size());
  }

  /** What is put right at a start is told of as repaired, unless it is not to be there then. */
  private void forgetWhatNobodyChanged() {
    if (instance.rebooted()) {
      networking.forgetRepaired();
    }
    if (instance.rebooted() || sandboxes.isEmpty()) {
      volumes.forgetRepaired();
    }
  }

  // --- host

  @Override
  public Observed.Host host() {
    CgroupLayout.Mode mode = services.cgroups().layout().mode();
    List<String> warnings = new ArrayList<>();
    if (!services.users().possible()) {
      warnings.add(
          "the kernel or the file system of "
              + services.places().data()
              + " does not map ids of overlays: root in a Pod is root of the machine");
    }
    services.appArmor().warning().ifPresent(warnings::add);
    return new Observed.Host(
        instance.id(),
        instance.bootId(),
        System.getProperty("os.version"),
        mode.name().toLowerCase(java.util.Locale.ROOT),
        Map.of("architecture", System.getProperty("os.arch")),
        warnings);
  }

  // --- layers

  @Override
  public Set<String> layers() {
    return layers.layers();
  }

  @Override
  public void unpackLayer(String layerId, Iterator<LayerEntry> entries) {
    layers.unpack(layerId, entries);
  }

  @Override
  public void removeLayer(String layerId) {
    Optional<Path> detached;
    claims.lock();
    try {
      refuseIfUsed("layer " + layerId, spec -> spec.usedLayers().anyMatch(layerId::equals));
      detached = layers.detach(layerId);
    } finally {
      claims.unlock();
    }
    detached.ifPresent(tree -> discards.after(Duration.ZERO, () -> layers.discard(tree)));
  }

  private void refuseIfUsed(String what, Function<ContainerSpec, Boolean> uses) {
    for (ContainerLife life : containers.values()) {
      if (uses.apply(life.spec())) {
        throw new RuntimeFailure(Reason.IN_USE, what + " is used by container " + life.spec().id());
      }
    }
  }

  // --- networks and ports

  @Override
  public void ensureNetwork(NetworkSpec network) {
    networking.ensureNetwork(network);
    Path record = services.places().networkRecord(network.id());
    if (!services.records().read(record, NetworkSpec.class).equals(Optional.of(network))) {
      services.records().write(record, network);
    }
  }

  @Override
  public void removeNetwork(String networkId) {
    claims.lock();
    try {
      for (SandboxLife life : sandboxes.values()) {
        if (attached(life.spec(), networkId)) {
          throw new RuntimeFailure(
              Reason.IN_USE, "network " + networkId + " is used by sandbox " + life.spec().id());
        }
      }
      networking.removeNetwork(networkId);
      RecordFiles.delete(services.places().networkRecord(networkId));
    } finally {
      claims.unlock();
    }
  }

  private static boolean attached(SandboxSpec sandbox, String networkId) {
    return sandbox.networks().stream().anyMatch(n -> n.networkId().equals(networkId));
  }

  @Override
  public List<Observed.Network> networks() {
    return networking.networks();
  }

  @Override
  public void publishPorts(String sandboxId, List<PortSpec> ports) {
    SandboxLife life = requireSandbox(sandboxId);
    life.change().lock();
    try {
      requireSandbox(sandboxId);
      networking.publishPorts(sandboxId, ports);
      services
          .records()
          .write(services.places().portsRecord(sandboxId), ports.toArray(PortSpec[]::new));
    } finally {
      life.change().unlock();
    }
  }

  @Override
  public List<String> ensureService(ServiceSpec service) {
    Path record = services.places().serviceRecord(service.id());
    List<String> taken = networking.ensureService(service);
    services.records().write(record, service);
    return taken;
  }

  @Override
  public void removeService(String serviceId) {
    networking.removeService(serviceId);
    RecordFiles.delete(services.places().serviceRecord(serviceId));
  }

  @Override
  public List<ServiceSpec> services() {
    return networking.services();
  }

  @Override
  public void restrict(Restriction restriction) {
    Path record = services.places().restrictionRecord(restriction.id());
    networking.restrict(restriction);
    services.records().write(record, restriction);
  }

  @Override
  public void unrestrict(String sandboxId) {
    networking.unrestrict(sandboxId);
    RecordFiles.delete(services.places().restrictionRecord(sandboxId));
  }

  @Override
  public List<Restriction> restrictions() {
    return services.records().readAll(services.places().restrictions(), Restriction.class);
  }

  @Override
  public void repairPorts() {
    networking.repairPorts();
  }

  @Override
  public Observed.Ports ports() {
    return networking.ports();
  }

  // --- volumes

  @Override
  public Observed.Volume ensureVolume(VolumeSpec volume) {
    ReentrantLock lock = volume.backend() == null ? claims : backend(volume.id());
    lock.lock();
    try {
      return volumes.ensure(volume);
    } finally {
      lock.unlock();
      watchVolumes();
    }
  }

  /** Who waits for what others keep holds up nobody else. */
  private ReentrantLock backend(String volumeId) {
    return backends.computeIfAbsent(volumeId, id -> new ReentrantLock());
  }

  /** From the first on that is mounted. */
  private void watchVolumes() {
    if (volumes.anyMounted() && watchingVolumes.compareAndSet(false, true)) {
      var _ = services.mounts().watch(Path.of("/proc/self/mountinfo"), this::tellLostVolumes);
    }
  }

  /** Each once, in the thread that watches mounts. */
  private void tellLostVolumes() {
    Set<String> lost = volumes.lost();
    toldLost.retainAll(lost);
    lost.stream()
        .filter(toldLost::add)
        .forEach(id -> services.events().accept(new RuntimeEvent.VolumeChanged(id)));
  }

  private boolean regain(String volumeId, Path path, FileIdentity root) {
    ContainerSpec.Source source = new ContainerSpec.Source.Volume(volumeId);
    return users(volumeId).stream().anyMatch(life -> life.giveBack(source, path, root));
  }

  @Override
  public void writeVolume(String volumeId, List<VolumeFile> files) {
    claims.lock();
    try {
      VolumeContent.write(volumes.require(volumeId), files);
    } finally {
      claims.unlock();
    }
  }

  @Override
  public void removeVolume(String volumeId) {
    ReentrantLock lock = backend(volumeId);
    lock.lock();
    try {
      withdraw(volumeId).ifPresent(volumes::remove);
    } finally {
      lock.unlock();
      backends.remove(volumeId, lock);
    }
  }

  private Optional<VolumeSpec> withdraw(String volumeId) {
    claims.lock();
    try {
      ContainerSpec.Source source = new ContainerSpec.Source.Volume(volumeId);
      refuseIfUsed(
          "volume " + volumeId,
          spec -> spec.volumes().stream().anyMatch(v -> v.source().equals(source)));
      return volumes.withdraw(volumeId);
    } finally {
      claims.unlock();
    }
  }

  @Override
  public List<Observed.Volume> volumes() {
    return volumes.observe();
  }

  @Override
  public Optional<Observed.VolumeUsage> volumeUsage(String volumeId) {
    return volumes.usage(volumeId);
  }

  /** Not under the lock of claims: nobody can claim it before it is whole. */
  @Override
  public Observed.Volume populateVolume(VolumeSpec volume, VolumeSource source) {
    Observed.Volume made = volumes.populate(volume, source);
    watchVolumes();
    return made;
  }

  @Override
  public Observed.Snapshot createSnapshot(SnapshotSpec snapshot) {
    Path volume = volumes.require(snapshot.volumeId());
    return snapshots.create(
        snapshot,
        volume,
        switch (snapshot.quiesce()) {
          case NONE -> () -> () -> {};
          case FREEZE -> () -> frozen(users(snapshot.volumeId()));
        });
  }

  private List<ContainerLife> users(String volumeId) {
    ContainerSpec.Source source = new ContainerSpec.Source.Volume(volumeId);
    return containers.values().stream()
        .filter(life -> life.spec().volumes().stream().anyMatch(v -> v.source().equals(source)))
        .filter(life -> life.state() instanceof Observed.State.Running)
        .toList();
  }

  private Snapshots.Stillness frozen(List<ContainerLife> users) {
    List<ContainerLife> held = new ArrayList<>();
    Snapshots.Stillness stillness = () -> held.forEach(ContainerLife::letGo);
    try {
      for (ContainerLife life : users) {
        held.add(life);
        life.hold();
      }
      users.forEach(ContainerLife::awaitStill);
      return stillness;
    } catch (RuntimeException e) {
      stillness.close();
      throw e;
    }
  }

  @Override
  public void removeSnapshot(String snapshotId) {
    snapshots.remove(snapshotId);
  }

  @Override
  public List<Observed.Snapshot> snapshots() {
    return snapshots.all();
  }

  // --- sandboxes

  private SandboxLife requireSandbox(String sandboxId) {
    SandboxLife life = sandboxes.get(sandboxId);
    if (life == null) {
      throw Failures.notFound("sandbox", sandboxId);
    }
    return life;
  }

  @Override
  public void createSandbox(SandboxSpec sandbox) {
    create(sandbox, () -> {});
  }

  /**
   * @param inside what is done in it first, which may make it, and does not fail
   */
  private void create(SandboxSpec sandbox, Runnable inside) {
    SandboxLife life = new SandboxLife(services, networking, sandbox, false);
    life.change().lock();
    try {
      claim(life);
      try {
        inside.run();
        life.create();
      } catch (RuntimeException e) {
        sandboxes.remove(sandbox.id(), life);
        throw life.takeBack(e);
      }
    } finally {
      life.change().unlock();
    }
  }

  private void claim(SandboxLife life) {
    String id = life.spec().id();
    services.places().sandbox(id); // checks the id
    claims.lock();
    try {
      if (sandboxes.putIfAbsent(id, life) != null) {
        throw new RuntimeFailure(Reason.ALREADY_EXISTS, "sandbox " + id + " exists already");
      }
    } finally {
      claims.unlock();
    }
  }

  @Override
  public void updateSandbox(SandboxSpec sandbox) {
    SandboxLife life = requireSandbox(sandbox.id());
    life.change().lock();
    try {
      requireSandbox(sandbox.id());
      life.update(sandbox);
    } finally {
      life.change().unlock();
    }
  }

  @Override
  public void repairSandbox(String sandboxId) {
    SandboxLife life = requireSandbox(sandboxId);
    life.change().lock();
    try {
      requireSandbox(sandboxId);
      life.repair();
    } finally {
      life.change().unlock();
    }
  }

  @Override
  public void removeSandbox(String sandboxId) {
    SandboxLife life = sandboxes.get(sandboxId);
    if (life == null) {
      return;
    }
    life.change().lock();
    try {
      if (sandboxes.get(sandboxId) != life) {
        return;
      }
      containersOf(sandboxId).forEach(this::remove);
      life.remove();
      sandboxes.remove(sandboxId);
    } finally {
      life.change().unlock();
    }
  }

  private List<ContainerLife> containersOf(String sandboxId) {
    return containers.values().stream().filter(life -> life.sandboxId().equals(sandboxId)).toList();
  }

  @Override
  public Optional<Observed.Sandbox> sandbox(String sandboxId) {
    return Optional.ofNullable(sandboxes.get(sandboxId))
        .map(life -> observe(life, containersOf(sandboxId)));
  }

  @Override
  public List<Observed.Sandbox> sandboxes() {
    Map<String, List<ContainerLife>> inside =
        containers.values().stream().collect(Collectors.groupingBy(ContainerLife::sandboxId));
    return sandboxes.values().stream()
        .map(life -> observe(life, inside.getOrDefault(life.spec().id(), List.of())))
        .toList();
  }

  private static Observed.Sandbox observe(SandboxLife life, List<ContainerLife> inside) {
    return life.observe(inside.stream().map(ContainerLife::observe).toList());
  }

  // --- containers

  private ContainerLife requireContainer(String containerId) {
    ContainerLife life = containers.get(containerId);
    if (life == null) {
      throw Failures.notFound("container", containerId);
    }
    return life;
  }

  @Override
  public void createContainer(ContainerSpec container) {
    create(new ContainerLife(services, container), ContainerLife.Phase.WAITING);
  }

  @Override
  public void runContainer(ContainerSpec container) {
    ContainerLife life = new ContainerLife(services, container);
    life.undisturbed(
        () -> {
          create(life, ContainerLife.Phase.STARTING);
          life.start();
        });
  }

  /** The sandbox is made by making the container. Whether that did, its own making tells. */
  @Override
  public Optional<RuntimeFailure> runFirst(SandboxSpec sandbox, ContainerSpec container) {
    if (!container.sandboxId().equals(sandbox.id())) {
      throw new RuntimeFailure(
          Reason.INVALID,
          "container %s is of sandbox %s; to be the first of sandbox %s it must name that"
              .formatted(container.id(), container.sandboxId(), sandbox.id()));
    }
    AtomicReference<@Nullable RuntimeFailure> failed = new AtomicReference<>();
    create(
        sandbox,
        () -> {
          try {
            runContainer(container);
          } catch (RuntimeException e) {
            failed.set(Failures.of("run container " + container.id(), e));
          }
        });
    return Optional.ofNullable(failed.get());
  }

  private void create(ContainerLife life, ContainerLife.Phase next) {
    ContainerSpec container = life.spec();
    SandboxLife sandbox = requireSandbox(container.sandboxId());
    sandbox.use().lock();
    try {
      requireSandbox(container.sandboxId());
      claim(life);
      Optional<HeldNamespace> processes = Optional.empty();
      try {
        processes = processes(container);
        life.create(sandbox, directories(container), sources(), processes, next);
      } catch (RuntimeException e) {
        containers.remove(container.id(), life);
        throw e;
      } finally {
        processes.ifPresent(HeldNamespace::close);
      }
    } finally {
      sandbox.use().unlock();
    }
  }

  private Optional<HeldNamespace> processes(ContainerSpec container) {
    String of = container.processesOf();
    if (of == null) {
      return Optional.empty();
    }
    ContainerLife other = requireContainer(of);
    if (!other.sandboxId().equals(container.sandboxId())) {
      throw new RuntimeFailure(
          Reason.INVALID,
          "container %s can only see processes of its own sandbox, and %s is not in it"
              .formatted(container.id(), of));
    }
    return Optional.of(other.processes());
  }

  private VolumePaths.Sources sources() {
    return new VolumePaths.Sources(volumes::require, this::stack);
  }

  private List<Path> stack(List<String> layerIds) {
    return layers.stack(layerIds, (below, user) -> services.launcher().showImage(below, ".", user));
  }

  /** From here on its layers and volumes are in use. */
  private void claim(ContainerLife life) {
    ContainerSpec spec = life.spec();
    Signals.parse(spec.stopSignal());
    claims.lock();
    try {
      requireLayer(services.places().mountPoints());
      spec.usedLayers().map(layers::directory).forEach(LocalRuntime::requireLayer);
      if (containers.putIfAbsent(spec.id(), life) != null) {
        throw new RuntimeFailure(
            Reason.ALREADY_EXISTS, "container " + spec.id() + " exists already");
      }
    } finally {
      claims.unlock();
    }
  }

  /** Not under the lock of claims: some may first have to be made, and nobody removes any now. */
  private List<Path> directories(ContainerSpec container) {
    List<Path> directories = new ArrayList<>(List.of(services.places().mountPoints()));
    directories.addAll(stack(container.layers()));
    return directories;
  }

  private static void requireLayer(Path directory) {
    if (!Files.isDirectory(directory)) {
      throw Failures.notFound("layer", directory.getFileName().toString());
    }
  }

  @Override
  public void startContainer(String containerId) {
    requireContainer(containerId).start();
  }

  @Override
  public void signalContainer(String containerId, int signal) {
    requireContainer(containerId).signal(signal);
  }

  @Override
  public void stopContainer(String containerId, Duration grace) {
    requireContainer(containerId).stop(grace);
  }

  @Override
  public void pauseContainer(String containerId) {
    requireContainer(containerId).pause();
  }

  @Override
  public void resumeContainer(String containerId) {
    requireContainer(containerId).resume();
  }

  @Override
  public void removeContainer(String containerId) {
    ContainerLife life = containers.get(containerId);
    if (life != null) {
      remove(life);
    }
  }

  private void remove(ContainerLife life) {
    life.remove();
    containers.remove(life.spec().id(), life);
  }

  @Override
  public void updateResources(String containerId, OciSpec.Resources resources) {
    requireContainer(containerId).update(resources);
  }

  @Override
  public void repairMounts(String containerId) {
    requireContainer(containerId).repairMounts(sources());
  }

  @Override
  public Optional<Observed.Container> container(String containerId) {
    return Optional.ofNullable(containers.get(containerId)).map(ContainerLife::observe);
  }

  @Override
  public Optional<Observed.Usage> usage(String containerId) {
    return Optional.ofNullable(containers.get(containerId))
        .flatMap(life -> services.cgroups().usage(life.sandboxId(), containerId));
  }

  @Override
  public ContainerChanges changes(String containerId, Reading reading) {
    ContainerLife life = requireContainer(containerId);
    return switch (reading) {
      case AS_IT_IS -> life.changes(LayerReader.Content.WHOLE);
      case NAMES -> life.changes(LayerReader.Content.NAMES);
      case FROZEN -> whileStill(life);
    };
  }

  private ContainerChanges whileStill(ContainerLife life) {
    boolean runs = life.state() instanceof Observed.State.Running;
    Snapshots.Stillness stillness = frozen(runs ? List.of(life) : List.of());
    try {
      return new StillChanges(life.changes(LayerReader.Content.WHOLE), stillness);
    } catch (RuntimeException e) {
      stillness.close();
      throw e;
    }
  }

  /** Only what looks like a log is deleted, and directories that are empty then. */
  @Override
  public void removeLogs(String logDirectory) {
    Path directory = Path.of(logDirectory).normalize();
    if (!directory.isAbsolute() || directory.getNameCount() < 2) {
      throw new RuntimeFailure(Reason.INVALID, "not a directory of logs: " + logDirectory);
    }
    try {
      for (Path file : RecordFiles.entries(directory)) {
        if (file.getFileName().toString().matches("\\d+\\.log(\\..*)?")) {
          Files.deleteIfExists(file);
        }
      }
      deleteIfEmpty(directory);
      Path parent = directory.getParent();
      Path allLogs = services.places().data().resolve("logs");
      if (parent != null && parent.startsWith(allLogs) && !parent.equals(allLogs)) {
        deleteIfEmpty(parent);
      }
    } catch (IOException e) {
      throw Failures.of("remove logs in " + directory, e);
    }
  }

  private static void deleteIfEmpty(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      return;
    }
    boolean empty;
    try (Stream<Path> entries = Files.list(directory)) {
      empty = entries.findAny().isEmpty();
    }
    if (empty) {
      Files.deleteIfExists(directory);
    }
  }

  // --- processes in containers

  @Override
  public ExecSession exec(String containerId, OciSpec.Process process) {
    return requireContainer(containerId).exec(process);
  }

  @Override
  public ExecSession attach(String containerId) {
    return requireContainer(containerId).attach();
  }

  @Override
  public SandboxConnection connect(String sandboxId, String host, int port, Duration timeout) {
    SandboxLife life = requireSandbox(sandboxId);
    return SandboxDialer.connect(
        life.hasNetworkNamespace() ? life.networkNamespace() : null,
        new InetSocketAddress(host, port),
        timeout);
  }

  // --- events

  @Override
  public Subscription subscribe(Consumer<RuntimeEvent> listener) {
    listeners.add(listener);
    return () -> listeners.remove(listener);
  }

  /** Containers go on; logs are flushed and go on with the next process. */
  @Override
  public void close() {
    services.mounts().close();
    containers.values().forEach(ContainerLife::release);
    services.prepared().close();
    services.chores().close();
    discards.close(); // what is left of them goes at the next start
    services.loop().close();
    if (sandboxes.isEmpty()) {
      removeEmptyParents();
    }
    networking.close();
    instance.close();
  }

  /** What only holds things of which there are none; the next start makes it again. */
  private void removeEmptyParents() {
    try {
      services.cgroups().removeAll();
      services.appArmor().close();
      volumes.release();
      networking.releaseUnused();
      deleteIfEmpty(services.places().allNamespaces());
      deleteIfEmpty(services.places().preparedContainers());
      deleteIfEmpty(services.places().preparedSandboxes());
      deleteIfEmpty(services.places().mountedVolumes());
      deleteIfEmpty(services.places().confidential());
      deleteIfEmpty(USER_RANGES);
    } catch (RuntimeFailure | IOException e) {
      LOG.warn("while stopping: {}", e.getMessage());
    }
  }
}
