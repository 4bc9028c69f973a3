package dev.jctl.shim.local;

import dev.jctl.shim.cgroup.Cgroups;
import dev.jctl.shim.kernel.Kernel;
import dev.jctl.shim.kernel.KernelException;
import dev.jctl.shim.network.Networking;
import dev.jctl.shim.observe.Mounts;
import dev.jctl.shim.spec.NetworkSpec;
import dev.jctl.shim.spec.Observed.State;
import dev.jctl.shim.spec.PortSpec;
import dev.jctl.shim.spec.Restriction;
import dev.jctl.shim.spec.SandboxSpec;
import dev.jctl.shim.spec.ServiceSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a starting process does with what the last one left: takes over what has a record, and
 * removes what has none. Nothing here may keep the runtime from starting: what cannot be removed is
 * logged and left.
 */
final class Adoption {
  private static final Logger LOG = LoggerFactory.getLogger(Adoption.class);

  private final Services services;
  private final Networking networking;

  Adoption(Services services, Networking networking) {
    this.services = services;
    this.networking = networking;
  }

  private static Stream<String> ids(Path directory) {
    return RecordFiles.entries(directory).stream().map(path -> path.getFileName().toString());
  }

  List<SandboxLife> sandboxes() {
    return ids(services.places().sandboxes())
        .flatMap(
            id ->
                services
                    .records()
                    .read(services.places().sandboxRecord(id), SandboxSpec.class)
                    .stream())
        .map(spec -> new SandboxLife(services, networking, spec, true))
        .toList();
  }

  List<ContainerLife> containers() {
    List<ContainerLife> lives = new ArrayList<>();
    ids(services.places().containers())
        .forEach(
            id -> attempt("take over container " + id, () -> container(id).ifPresent(lives::add)));
    return lives;
  }

  private Optional<ContainerLife> container(String id) {
    Optional<ContainerRecord> record =
        new ContainerRecords(services.places(), services.records()).read(id);
    return record.map(
        made -> {
          ContainerRecord found =
              services
                  .records()
                  .read(services.places().startRecord(id), Instant.class)
                  .map(made::withStartedAt)
                  .orElse(made);
          ContainerLife life = new ContainerLife(services, found.spec());
          life.adopt(
              found, services.records().read(services.places().exitRecord(id), State.Exited.class));
          return life;
        });
  }

  private static void attempt(String what, Runnable action) {
    try {
      action.run();
    } catch (RuntimeException e) {
      LOG.warn("{}: {}", what, e.getMessage());
    }
  }

  // --- leftovers

  /** Innermost first: processes, mounts, namespaces, directories. */
  void sweep(Set<String> sandboxes, Set<String> containers) {
    Places places = services.places();
    sweepCgroups(sandboxes, containers);
    ids(places.containers())
        .filter(id -> !containers.contains(id))
        .forEach(id -> attempt("sweep container " + id, () -> sweepContainer(id)));
    new ContainerRecords(places, services.records()).sweep(containers);
    RecordFiles.entries(places.allNamespaces()).stream()
        .filter(directory -> !sandboxes.contains(directory.getFileName().toString()))
        .forEach(
            directory ->
                attempt("sweep namespaces " + directory, () -> sweepNamespaces(directory)));
    attempt("sweep ranges of users", () -> services.users().sweep());
    ids(places.sandboxes())
        .filter(id -> !sandboxes.contains(id))
        .forEach(
            id -> attempt("sweep sandbox " + id, () -> RecordFiles.deleteTree(places.sandbox(id))));
  }

  private void sweepCgroups(Set<String> sandboxes, Set<String> containers) {
    Cgroups cgroups = services.cgroups();
    cgroups
        .prepared()
        .forEach(name -> attempt("sweep group " + name, () -> cgroups.removePrepared(name)));
    cgroups
        .all()
        .forEach(
            (sandboxId, inside) -> {
              boolean kept = sandboxes.contains(sandboxId);
              inside.stream()
                  .filter(id -> !containers.contains(id))
                  .filter(id -> !(kept && id.equals(SharedProcesses.GROUP)))
                  .forEach(id -> sweepGroups(sandboxId, id));
              if (!kept) {
                attempt("sweep group " + sandboxId, () -> cgroups.removeSandbox(sandboxId));
              }
            });
  }

  private void sweepGroups(String sandboxId, String containerId) {
    Cgroups cgroups = services.cgroups();
    LOG.info("removing what is left of container {}", containerId);
    attempt(
        "sweep group " + containerId,
        () -> {
          cgroups.kill(sandboxId, containerId);
          cgroups.remove(sandboxId, containerId);
        });
  }

  private void sweepContainer(String id) {
    Path directory = services.places().container(id);
    unmountBelow(directory);
    RecordFiles.deleteTree(directory);
  }

  private void sweepNamespaces(Path directory) {
    unmountBelow(directory);
    services.users().remove(directory);
  }

  private static void unmountBelow(Path directory) {
    try {
      for (String mountPoint : Mounts.below(directory)) {
        Kernel.umount(mountPoint, Kernel.MNT_DETACH);
      }
    } catch (IOException e) {
      throw Failures.of("read mounts below " + directory, e);
    } catch (KernelException e) {
      throw Failures.of("sweep " + directory, e);
    }
  }

  // --- network

  /** Networks, interfaces and ports; the network side removes what none of these owns. */
  void adoptNetworking(Collection<SandboxLife> sandboxes) {
    List<NetworkSpec> networks =
        services.records().readAll(services.places().networks(), NetworkSpec.class);
    List<Networking.Attached> attached =
        sandboxes.stream()
            .filter(SandboxLife::hasNetworkNamespace)
            .filter(SandboxLife::namespacesPresent)
            .map(life -> new Networking.Attached(life.spec(), life.networkNamespace()))
            .toList();
    List<PortSpec> ports =
        sandboxes.stream()
            .flatMap(
                life ->
                    services
                        .records()
                        .read(services.places().portsRecord(life.spec().id()), PortSpec[].class)
                        .stream())
            .flatMap(Stream::of)
            .toList();
    Networking.Known known =
        new Networking.Known(
            networks,
            attached,
            ports,
            services.records().readAll(services.places().services(), ServiceSpec.class),
            services.records().readAll(services.places().restrictions(), Restriction.class));
    attempt("take over networks", () -> networking.adopt(known));
  }
}
