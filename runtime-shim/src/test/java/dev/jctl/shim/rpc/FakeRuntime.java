package dev.jctl.shim.rpc;

import dev.jctl.shim.ContainerChanges;
import dev.jctl.shim.ContainerRuntime;
import dev.jctl.shim.ExecSession;
import dev.jctl.shim.RuntimeEvent;
import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.SandboxConnection;
import dev.jctl.shim.io.ByteQueue;
import dev.jctl.shim.spec.ContainerSpec;
import dev.jctl.shim.spec.Exposure;
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
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Writes down what it is asked, and answers with fixed values. */
final class FakeRuntime implements ContainerRuntime {
  final ConcurrentLinkedQueue<List<Object>> calls = new ConcurrentLinkedQueue<>();
  List<Observed.Sandbox> sandboxes = List.of(SEEN);
  @Nullable RuntimeFailure notRun;
  final List<Consumer<RuntimeEvent>> listeners = new CopyOnWriteArrayList<>();

  static final Observed.Host HOST =
      new Observed.Host("0a1b2c3d", "boot", "6.18", "hybrid", Map.of("a", "b"), List.of("w"));
  static final NetworkSpec NETWORK =
      new NetworkSpec("n1", List.of("10.90.0.0/24"), List.of("10.90.0.1/24"), true, 1400);
  static final ServiceSpec SERVICE =
      new ServiceSpec(
          "ns.web",
          "web.ns.svc.cluster.local",
          List.of("web.ns.svc.cluster.local", "web.ns"),
          List.of("10.96.0.10"),
          List.of(
              new ServiceSpec.Port(
                  "http", "TCP", 80, 30_080, List.of(new ServiceSpec.Target("10.90.0.2", 8080)))),
          List.of(new ServiceSpec.Member("a", List.of("10.90.0.2"))),
          null,
          600,
          Exposure.to(List.of("192.0.2.0/24")),
          List.of(),
          null);
  static final Restriction RESTRICTION =
      new Restriction(
          "s1",
          List.of("10.90.0.2"),
          List.of(new Restriction.Allowed("10.0.0.0", "10.0.0.9", "TCP", 80, 81)),
          null);
  static final PortSpec PORT =
      new PortSpec("s1", "TCP", "0.0.0.0", 8080, "10.90.0.2", 80, Exposure.WORLD);
  static final VolumeSpec VOLUME = new VolumeSpec("v1", VolumeSpec.Driver.TMPFS, 1 << 20);
  static final SandboxSpec SANDBOX =
      new SandboxSpec(
          "s1",
          "web",
          Set.of(SandboxSpec.HostNamespace.PID),
          List.of(
              new SandboxSpec.NetworkAttachment(
                  "n1", "eth0", List.of("10.90.0.2/24"), null, List.of("web"))),
          new SandboxSpec.Dns(
              SandboxSpec.Dns.Source.NETWORKS,
              List.of("192.0.2.53"),
              List.of("example"),
              List.of("ndots:2")),
          Map.of("10.0.0.1", List.of("a", "b")),
          Map.of("net.ipv4.ip_forward", "1"),
          new OciSpec.Resources(List.of(), null, null, new OciSpec.Pids(9), Map.of()),
          Map.of("pod", "web"));
  static final OciSpec.Resources RESOURCES =
      new OciSpec.Resources(
          List.of(new OciSpec.DeviceRule(true, "c", 1L, null, "rwm")),
          new OciSpec.Memory(64L << 20, null, null),
          new OciSpec.Cpu(512L, 50_000L, 100_000L, null, null),
          new OciSpec.Pids(50),
          Map.of());
  static final OciSpec.Process PROCESS =
      new OciSpec.Process(
          false,
          null,
          new OciSpec.User(101, 101, 18, List.of(7)),
          List.of("sh", "-c", "echo \u00fc"),
          List.of("PATH=/bin"),
          "/",
          new OciSpec.Capabilities(
              List.of("CAP_CHOWN"), List.of("CAP_CHOWN"), List.of(), List.of(), List.of()),
          List.of(new OciSpec.Rlimit("RLIMIT_NOFILE", 1024, 2048)),
          true,
          100);
  static final ContainerSpec CONTAINER =
      new ContainerSpec(
          "c1",
          "s1",
          List.of("aa", "bb"),
          new OciSpec(
              OciSpec.VERSION,
              new OciSpec.Root("", true),
              PROCESS,
              null,
              null,
              List.of(new OciSpec.Mount("/proc", "proc", "proc", List.of("nosuid"))),
              Map.of(),
              new OciSpec.Linux(
                  List.of(new OciSpec.Namespace("pid", null)),
                  List.of(),
                  List.of(),
                  List.of(new OciSpec.Device("/dev/null", "c", 1, 3, 438, 0, 0)),
                  null,
                  RESOURCES,
                  null,
                  new OciSpec.Seccomp(
                      "SCMP_ACT_ERRNO",
                      1,
                      List.of("SCMP_ARCH_X86_64"),
                      List.of(
                          new OciSpec.SyscallRule(
                              List.of("read"),
                              "SCMP_ACT_ALLOW",
                              null,
                              List.of(new OciSpec.SyscallArg(0, -1, 2, "SCMP_CMP_EQ"))))),
                  Map.of(),
                  List.of("/proc/kcore"),
                  List.of("/proc/sys"))),
          "nobody",
          List.of(
              new ContainerSpec.VolumeMount(
                  new ContainerSpec.Source.Volume("v1"), "/data", true, "sub"),
              new ContainerSpec.VolumeMount(
                  new ContainerSpec.Source.HostPath("/srv"), "/srv", false, "")),
          "/logs/c1",
          3,
          true,
          "SIGQUIT",
          Map.of("a", "b"),
          true);
  static final Observed.Container RUNNING =
      new Observed.Container(
          CONTAINER,
          new Observed.State.Running(42, Instant.parse("2026-01-01T00:00:00.123456789Z")),
          List.of("/data"));
  static final Observed.Sandbox SEEN =
      new Observed.Sandbox(
          SANDBOX,
          true,
          List.of(
              new Observed.Attachment(
                  "n1", "eth0", List.of("10.90.0.2/24"), null, List.of("route missing"))),
          List.of(
              RUNNING,
              new Observed.Container(
                  CONTAINER,
                  new Observed.State.Exited(
                      137, 9, "OOMKilled", "", null, Instant.parse("2026-01-01T00:00:01Z")),
                  List.of()),
              new Observed.Container(CONTAINER, new Observed.State.Created(), List.of())));

  private void called(Object... call) {
    calls.add(List.of(call));
  }

  @Override
  public Observed.Host host() {
    return HOST;
  }

  @Override
  public Set<String> layers() {
    return Set.of("aa", "bb");
  }

  /** A directory, a file with the container's id in it, and a failure after that for "bad". */
  @Override
  public ContainerChanges changes(String containerId, Reading reading) {
    LayerEntry.Attributes attributes = new LayerEntry.Attributes(0644, 0, 0, 5, Map.of());
    byte[] text = containerId.repeat(100_000).getBytes(java.nio.charset.StandardCharsets.UTF_8);
    Iterator<LayerEntry> entries =
        List.<LayerEntry>of(
                new LayerEntry.Directory("d", attributes),
                new LayerEntry.File(
                    "d/f", attributes, text.length, new java.io.ByteArrayInputStream(text)))
            .iterator();
    return new ContainerChanges() {
      @Override
      public boolean hasNext() {
        if (!entries.hasNext() && containerId.equals("bad")) {
          throw new RuntimeFailure(RuntimeFailure.Reason.KERNEL, "unreadable");
        }
        return entries.hasNext();
      }

      @Override
      public LayerEntry next() {
        return entries.next();
      }

      @Override
      public void close() {}
    };
  }

  /** {@code big} is given up after one entry; {@code there} asks for none. */
  @Override
  public void unpackLayer(String layerId, Iterator<LayerEntry> entries) {
    List<Object> seen = new ArrayList<>(List.of("unpackLayer", layerId));
    if (layerId.equals("there")) {
      return;
    }
    while (entries.hasNext()) {
      seen.add(digest(entries.next()));
      if (layerId.equals("big")) {
        throw new RuntimeFailure(RuntimeFailure.Reason.NO_SPACE, "disk full");
      }
    }
    calls.add(seen);
  }

  private static Object digest(LayerEntry entry) {
    if (!(entry instanceof LayerEntry.File file)) {
      return entry instanceof LayerEntry.Directory d ? d.path() : entry;
    }
    try {
      // every second file is left unread, as a runtime that fails early would
      return file.path().endsWith("1")
          ? file.path()
          : file.path() + ":" + java.util.Arrays.hashCode(file.content().readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void removeLayer(String layerId) {
    throw new RuntimeFailure(RuntimeFailure.Reason.IN_USE, "layer " + layerId + ": used by c1");
  }

  @Override
  public void ensureNetwork(NetworkSpec network) {
    called("ensureNetwork", network);
  }

  @Override
  public void removeNetwork(String networkId) {
    called("removeNetwork", networkId);
  }

  @Override
  public List<Observed.Network> networks() {
    return List.of(new Observed.Network(NETWORK, "jb0", List.of("down"), List.of("missing")));
  }

  @Override
  public void publishPorts(String sandboxId, List<PortSpec> ports) {
    called("publishPorts", sandboxId, ports);
  }

  @Override
  public List<String> ensureService(ServiceSpec service) {
    called("ensureService", service);
    return List.of("node port tcp 0.0.0.0:30080: sandbox s1 has it");
  }

  @Override
  public void removeService(String serviceId) {
    called("removeService", serviceId);
  }

  @Override
  public List<ServiceSpec> services() {
    return List.of(SERVICE);
  }

  @Override
  public void restrict(Restriction restriction) {
    called("restrict", restriction);
  }

  @Override
  public void unrestrict(String sandboxId) {
    called("unrestrict", sandboxId);
  }

  @Override
  public List<Restriction> restrictions() {
    return List.of(RESTRICTION);
  }

  @Override
  public void repairPorts() {
    called("repairPorts");
  }

  @Override
  public Observed.Ports ports() {
    return new Observed.Ports(List.of(PORT), List.of(), List.of("table missing"));
  }

  @Override
  public Observed.Volume ensureVolume(VolumeSpec volume) {
    return new Observed.Volume(volume, "/v/" + volume.id(), true, false);
  }

  @Override
  public void writeVolume(String volumeId, List<VolumeFile> files) {
    called("writeVolume", List.of(volumeId, files));
  }

  @Override
  public void removeVolume(String volumeId) {
    called("removeVolume", volumeId);
  }

  @Override
  public List<Observed.Volume> volumes() {
    return List.of(new Observed.Volume(VOLUME, "/v", false, false));
  }

  @Override
  public Optional<Observed.VolumeUsage> volumeUsage(String volumeId) {
    return Optional.of(new Observed.VolumeUsage(1, 2, Observed.VolumeUsage.Limit.QUOTA));
  }

  @Override
  public Observed.Volume populateVolume(VolumeSpec volume, VolumeSource source) {
    return new Observed.Volume(volume, "/v/" + source, true, false);
  }

  @Override
  public Observed.Snapshot createSnapshot(SnapshotSpec snapshot) {
    return new Observed.Snapshot(snapshot, "2026-01-01T00:00:00Z", 7);
  }

  @Override
  public void removeSnapshot(String snapshotId) {
    called("removeSnapshot", snapshotId);
  }

  @Override
  public List<Observed.Snapshot> snapshots() {
    return List.of();
  }

  @Override
  public void createSandbox(SandboxSpec sandbox) {
    called("createSandbox", sandbox);
  }

  @Override
  public void updateSandbox(SandboxSpec sandbox) {
    called("updateSandbox", sandbox);
  }

  @Override
  public void repairSandbox(String sandboxId) {
    called("repairSandbox", sandboxId);
  }

  @Override
  public void removeSandbox(String sandboxId) {
    called("removeSandbox", sandboxId);
  }

  @Override
  public Optional<Observed.Sandbox> sandbox(String sandboxId) {
    return sandboxId.equals("s1") ? Optional.of(SEEN) : Optional.empty();
  }

  @Override
  public List<Observed.Sandbox> sandboxes() {
    return sandboxes;
  }

  @Override
  public void createContainer(ContainerSpec container) {
    called("createContainer", container);
  }

  @Override
  public void runContainer(ContainerSpec container) {
    called("runContainer", container);
  }

  @Override
  public Optional<RuntimeFailure> runFirst(SandboxSpec sandbox, ContainerSpec container) {
    called("runFirst", sandbox, container);
    return Optional.ofNullable(notRun);
  }

  @Override
  public void startContainer(String containerId) {
    called("startContainer", containerId);
  }

  @Override
  public void signalContainer(String containerId, int signal) {
    called("signalContainer", containerId, signal);
  }

  @Override
  public void stopContainer(String containerId, Duration grace) {
    called("stopContainer", containerId, grace);
  }

  @Override
  public void pauseContainer(String containerId) {
    called("pauseContainer", containerId);
  }

  @Override
  public void resumeContainer(String containerId) {
    called("resumeContainer", containerId);
  }

  @Override
  public void removeContainer(String containerId) {
    called("removeContainer", containerId);
  }

  @Override
  public void updateResources(String containerId, OciSpec.Resources resources) {
    called("updateResources", containerId, resources);
  }

  @Override
  public void repairMounts(String containerId) {
    called("repairMounts", containerId);
  }

  @Override
  public Optional<Observed.Container> container(String containerId) {
    return containerId.equals("c1") ? Optional.of(RUNNING) : Optional.empty();
  }

  @Override
  public Optional<Observed.Usage> usage(String containerId) {
    return Optional.of(new Observed.Usage(1, 2, 3, Map.of("cpu", new Observed.Pressure(4, 5))));
  }

  @Override
  public void removeLogs(String logDirectory) {
    called("removeLogs", logDirectory);
  }

  /** Echoes input in upper case, then says its size on stderr and ends with 7. */
  @Override
  public ExecSession exec(String containerId, OciSpec.Process process) {
    if (!containerId.equals("c1")) {
      throw new RuntimeFailure(RuntimeFailure.Reason.NOT_FOUND, "no container " + containerId);
    }
    return new Echo();
  }

  @Override
  public ExecSession attach(String containerId) {
    return new Echo();
  }

  private static final class Echo implements ExecSession {
    private final ByteQueue out = new ByteQueue(1 << 16);
    private final ByteQueue err = new ByteQueue(1 << 16);
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile String size = "none";

    @Override
    public OutputStream stdin() {
      return new OutputStream() {
        @Override
        public void write(int b) throws IOException {
          write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
          byte[] upper = java.util.Arrays.copyOfRange(bytes, offset, offset + length);
          for (int i = 0; i < length; i++) {
            upper[i] = (byte) Character.toUpperCase(upper[i]);
          }
          try {
            out.put(upper);
          } catch (InterruptedException e) {
            throw new IOException(e);
          }
        }

        @Override
        public void close() {
          err.offer(size.getBytes(java.nio.charset.StandardCharsets.UTF_8));
          out.end();
          err.end();
          ended.countDown();
        }
      };
    }

    @Override
    public InputStream stdout() {
      return out.stream();
    }

    @Override
    public InputStream stderr() {
      return err.stream();
    }

    @Override
    public void resize(int columns, int rows) {
      size = columns + "x" + rows;
    }

    @Override
    public OptionalInt waitFor(Duration timeout) {
      try {
        return ended.await(timeout.toMillis(), TimeUnit.MILLISECONDS)
            ? OptionalInt.of(7)
            : OptionalInt.empty();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return OptionalInt.empty();
      }
    }

    @Override
    public void close() {
      ended.countDown();
      out.end();
      err.end();
    }
  }

  /** Sends back what it gets. */
  @Override
  public SandboxConnection connect(String sandboxId, String host, int port, Duration timeout) {
    Echo echo = new Echo();
    return new SandboxConnection() {
      private final InputStream input = echo.stdout();

      @Override
      public InputStream input() {
        return input;
      }

      @Override
      public OutputStream output() {
        return echo.stdin();
      }

      @Override
      public void close() {
        echo.close();
      }
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
