package dev.jctl.shim;

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
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * All that a controller may ask of the machine. Calls are idempotent where they name a desired
 * state ({@code ensure…}, {@code remove…}); each is undone fully when it fails. All throw {@link
 * RuntimeFailure}. Safe for many threads.
 */
public interface ContainerRuntime extends AutoCloseable {
  Observed.Host host();

  // --- layers: unpacked once, shared by all root file systems that name them

  /** Ids of the layers that are whole on disk. */
  Set<String> layers();

  /**
   * Unpacks a layer; it is visible under its id only when whole. Concurrent calls for one id are
   * joined.
   *
   * @param layerId the layer's diff id without algorithm, hex
   */
  void unpackLayer(String layerId, Iterator<LayerEntry> entries);

  /**
   * Removes a layer, which is gone for everybody when this returns; its files go soon after, as
   * nothing should wait for so many. Fails with {@code InUse} while a container has it.
   */
  void removeLayer(String layerId);

  // --- networks and ports

  /** Makes or repairs the bridge, its addresses and isolation rules. */
  void ensureNetwork(NetworkSpec network);

  /** Fails with {@code InUse} while a sandbox is attached. */
  void removeNetwork(String networkId);

  List<Observed.Network> networks();

  /**
   * Publishes these ports and no others of the sandbox, atomically; fails with {@code PortTaken}
   * naming the holder (a host socket, another sandbox or a service), and then nothing has changed.
   */
  void publishPorts(String sandboxId, List<PortSpec> ports);

  /**
   * Makes the service as said, all at once: its names, and where its addresses and node ports lead.
   * It goes without node ports that others have. Returns those, each in words with the holder (a
   * host socket, a sandbox or another service); ask again, and it gets those that are free by then.
   */
  List<String> ensureService(ServiceSpec service);

  /** A no-op for what is gone. */
  void removeService(String serviceId);

  /** As they are served: without node ports that others have. */
  List<ServiceSpec> services();

  /**
   * Limits which new connections the sandbox of that id takes and makes, now or once it is there.
   */
  void restrict(Restriction restriction);

  /** A no-op for what is gone. */
  void unrestrict(String sandboxId);

  List<Restriction> restrictions();

  /**
   * Puts back what others removed from our tables; a no-op when {@code ports().drift()} is empty.
   */
  void repairPorts();

  Observed.Ports ports();

  // --- volumes

  /** Returns where it is on the host. */
  Observed.Volume ensureVolume(VolumeSpec volume);

  /**
   * Makes these the only files of the volume, all at once. Nobody but the caller may write to it.
   */
  void writeVolume(String volumeId, List<VolumeFile> files);

  /** Removes it with its content. Fails with {@code InUse} while a container has it. */
  void removeVolume(String volumeId);

  List<Observed.Volume> volumes();

  /** How full it is; where only measuring helps, after a walk through all of it. */
  Optional<Observed.VolumeUsage> volumeUsage(String volumeId);

  /**
   * Makes a volume with that content, whole or not at all; as {@link #ensureVolume} when it is
   * there. A damaged archive is {@code Invalid}, before anything is made.
   */
  Observed.Volume populateVolume(VolumeSpec volume, VolumeSource source);

  /** Copies a volume, whole or not at all; a no-op when it was done. */
  Observed.Snapshot createSnapshot(SnapshotSpec snapshot);

  /** With its archive. */
  void removeSnapshot(String snapshotId);

  List<Observed.Snapshot> snapshots();

  // --- sandboxes

  void createSandbox(SandboxSpec sandbox);

  /**
   * Connects a sandbox to other networks, under its processes, and changes what its files say of
   * names. Interfaces that stay as they are keep their connections. {@code Invalid} when it differs
   * in more than networks, hosts, names and labels.
   */
  void updateSandbox(SandboxSpec sandbox);

  /** Puts back interfaces, addresses and routes that are gone. */
  void repairSandbox(String sandboxId);

  /** Kills and removes what is in it, unpublishes its ports, and removes it. */
  void removeSandbox(String sandboxId);

  Optional<Observed.Sandbox> sandbox(String sandboxId);

  List<Observed.Sandbox> sandboxes();

  // --- containers

  /**
   * Mounts the root file system and makes the process up to, but not including, its {@code execve}.
   */
  void createContainer(ContainerSpec container);

  /**
   * {@link #createContainer} and {@link #startContainer} at once, which is faster. What fails once
   * there is a process is an end of the container; before that, nothing is left.
   */
  void runContainer(ContainerSpec container);

  /**
   * {@link #createSandbox} and {@link #runContainer} in it, in the time of one call.
   *
   * @return why the container does not run; the sandbox is there all the same
   * @throws RuntimeFailure when there is no sandbox
   */
  default Optional<RuntimeFailure> runFirst(SandboxSpec sandbox, ContainerSpec container) {
    createSandbox(sandbox);
    try {
      runContainer(container);
      return Optional.empty();
    } catch (RuntimeFailure e) {
      return Optional.of(e);
    }
  }

  /**
   * Lets it run. Fails with {@code CommandNotFound}, {@code CommandNotExecutable}, or the kernel's
   * own words.
   */
  void startContainer(String containerId);

  /** {@code signal}: number. No error when the process is gone. */
  void signalContainer(String containerId, int signal);

  /**
   * Sends the stop signal, waits up to the grace period for its exit, then kills all that is in its
   * cgroup. Returns when it has exited.
   */
  void stopContainer(String containerId, Duration grace);

  /**
   * Returns when none of its processes runs any more; they go on with {@link #resumeContainer}, or
   * to end when it is stopped or removed. Outlives this runtime. Fails with {@code NotRunning}.
   */
  void pauseContainer(String containerId);

  /** A no-op for one that is not paused. */
  void resumeContainer(String containerId);

  /** Kills what runs, unmounts, removes. The log files stay until {@link #removeLogs}. */
  void removeContainer(String containerId);

  /** Changes limits of a running container. */
  void updateResources(String containerId, OciSpec.Resources resources);

  /** Mounts missing volumes into the running container again. */
  void repairMounts(String containerId);

  Optional<Observed.Container> container(String containerId);

  Optional<Observed.Usage> usage(String containerId);

  /** How {@link #changes} are read. */
  enum Reading {
    /** Nothing may write there meanwhile: it has ended, or who asks takes what comes of it. */
    AS_IT_IS,
    /** A container that runs is frozen until the reading is closed. */
    FROZEN,
    /** Without the content of files, which are of no bytes then. */
    NAMES
  }

  /** What the container has changed of its layers, as one more layer. */
  ContainerChanges changes(String containerId, Reading reading);

  /**
   * Removes a directory given as {@link ContainerSpec#logDirectory} before; a no-op when absent.
   */
  void removeLogs(String logDirectory);

  // --- processes in containers

  /** Starts a further process; with a terminal when {@code process.terminal}. */
  ExecSession exec(String containerId, OciSpec.Process process);

  /**
   * The running container's own stdio. Output from now on; input only when it was created with
   * {@code stdin}.
   */
  ExecSession attach(String containerId);

  /**
   * Opens a TCP connection from inside the sandbox's network namespace to {@code 127.0.0.1} or an
   * address there.
   */
  SandboxConnection connect(String sandboxId, String host, int port, Duration timeout);

  // --- events

  /**
   * Calls back when something may have changed: exits, out-of-memory kills, drift seen by netlink.
   * An event only says "look again". The subscription lasts until it is closed; after a reconnect
   * the listener gets {@link RuntimeEvent.Resync}.
   */
  Subscription subscribe(java.util.function.Consumer<RuntimeEvent> listener);

  interface Subscription extends AutoCloseable {
    @Override
    void close();
  }

  @Override
  void close();
}
