package dev.jctl.shim.network;

import dev.jctl.shim.RuntimeEvent;
import dev.jctl.shim.spec.NetworkSpec;
import dev.jctl.shim.spec.Observed;
import dev.jctl.shim.spec.PortSpec;
import dev.jctl.shim.spec.Restriction;
import dev.jctl.shim.spec.SandboxSpec;
import dev.jctl.shim.spec.ServiceSpec;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;

/**
 * Bridges, sandbox interfaces and published ports. Knows nothing on its own: the caller says at
 * {@link #adopt} what ought to be, and keeps that on disk. All failures are {@link
 * dev.jctl.shim.RuntimeFailure} and leave nothing half-made. Safe for many threads.
 */
public interface Networking extends AutoCloseable {
  /** A sandbox with a network namespace of its own, bound at that path. */
  record Attached(SandboxSpec sandbox, Path networkNamespace) {}

  /**
   * After a start: takes over what is there, without touching what is right, and removes links and
   * tables of this instance that none of these owns. What others changed meanwhile is put right and
   * told of as repaired.
   */
  void adopt(Known known);

  /** What {@link #adopt} repaired is not told of: after a boot nothing can be there. */
  void forgetRepaired();

  /** What ought to be, as far as it is on disk. */
  record Known(
      Collection<NetworkSpec> networks,
      Collection<Attached> sandboxes,
      Collection<PortSpec> ports,
      Collection<ServiceSpec> services,
      Collection<Restriction> restrictions) {}

  void ensureNetwork(NetworkSpec network);

  void removeNetwork(String networkId);

  List<Observed.Network> networks();

  /**
   * Makes or repairs veth pairs, addresses, routes of the sandbox, and takes away what it had
   * before.
   */
  void attach(SandboxSpec sandbox, Path networkNamespace);

  /** Removes its interfaces; a no-op for what is gone. */
  void detach(String sandboxId);

  /** Once {@link #onDrift} was called: as last seen, unless the kernel has told of a change. */
  List<Observed.Attachment> attachments(SandboxSpec sandbox, Path networkNamespace);

  void publishPorts(String sandboxId, List<PortSpec> ports);

  /** Makes it as said, all at once, without node ports that others have; which those are. */
  List<String> ensureService(ServiceSpec service);

  /** A no-op for what is gone. */
  void removeService(String serviceId);

  /** As they are served: without node ports that others have. */
  List<ServiceSpec> services();

  /** Limits new connections from now on; what is established lives on. */
  void restrict(Restriction restriction);

  /** A no-op for what is gone. */
  void unrestrict(String id);

  void repairPorts();

  Observed.Ports ports();

  /**
   * Calls back (from one thread) when the kernel reports a change of our links, addresses or tables
   * that we did not make.
   */
  void onDrift(Consumer<RuntimeEvent> listener);

  /**
   * Takes the tables away when there is neither a network nor a sandbox for them, only Services;
   * {@link #adopt} brings them back. For when the engine ends.
   */
  void releaseUnused();

  /** Stops listening; kernel objects stay. */
  @Override
  void close();
}
