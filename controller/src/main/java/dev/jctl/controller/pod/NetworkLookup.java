package dev.jctl.controller.pod;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.network.Leases;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.controller.status.ObjectWriter;
import dev.jctl.manifests.model.ContainerSpec.NetworkRef;
import dev.jctl.manifests.model.NetworkSpec;
import dev.jctl.manifests.model.NetworkStatus;
import dev.jctl.manifests.model.Resource;
import dev.jctl.manifests.model.ResourceKind;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/** The networks of a Pod: the default one is made when it is the first to ask. */
final class NetworkLookup {
  private final PodLookup lookup;
  private final ObjectWriter writer;
  private final Set<String> shared = new HashSet<>();

  NetworkLookup(PodLookup lookup, ObjectWriter writer) {
    this.lookup = lookup;
    this.writer = writer;
  }

  /** Those found that share a device of the machine. */
  Set<String> shared() {
    return shared;
  }

  /** What is to be taken of each, in their order. */
  List<Leases.Wanted> find(List<NetworkRef> networks) {
    List<Leases.Wanted> wanted = networks.stream().map(this::network).toList();
    refuseUnreachablePorts(networks);
    return wanted;
  }

  private Leases.Wanted network(NetworkRef wanted) {
    ObjectRef ref = lookup.ref(ResourceKind.NETWORK, wanted.name());
    Optional<StoredObject> found = lookup.find(ref);
    NetworkStatus status = found.flatMap(o -> o.status(NetworkStatus.class)).orElse(null);
    List<String> subnets =
        status == null ? List.of() : Objects.requireNonNullElse(status.subnets(), List.of());
    if (found.isEmpty()) {
      noNetwork(ref);
    } else if (!lookup.isUsable(found.get(), status == null ? null : status.phase())
        || subnets.isEmpty()) {
      lookup.await(
          "AwaitingNetwork",
          "Waits for Network "
              + ref.name()
              + PodLookup.detail(status == null ? null : status.conditions()));
    }
    Optional<NetworkSpec> spec = found.map(o -> o.as(Resource.Network.class).spec());
    spec.filter(s -> s.parent() != null).ifPresent(s -> shared.add(wanted.name()));
    return new Leases.Wanted(
        ref,
        subnets,
        status == null ? List.of() : Objects.requireNonNullElse(status.gateways(), List.of()),
        spec.map(NetworkSpec::ranges).orElse(List.of()),
        wanted.staticIps(),
        wanted.mac());
  }

  /** The machine does not reach those that share its devices, and so leads nobody there. */
  private void refuseUnreachablePorts(List<NetworkRef> networks) {
    boolean shares =
        !networks.isEmpty() && networks.stream().allMatch(n -> shared.contains(n.name()));
    if (shares && PodPorts.any(lookup.pod())) {
      lookup.await(
          "PortsUnreachable",
          "published ports lead to a network with a bridge, and it is on none; add one, or"
              + " publish nothing: on "
              + networks.getFirst().name()
              + " it is reached by its own address");
    }
  }

  private void noNetwork(ObjectRef ref) {
    if (ref.name().equals(NetworkRefs.DEFAULT_NETWORK)) {
      ObjectNode tree = JsonNodeFactory.instance.objectNode();
      tree.put("apiVersion", ResourceKind.NETWORK.apiVersion());
      tree.put("kind", ResourceKind.NETWORK.kind());
      tree.putObject("metadata").put("name", ref.name()).put("namespace", ref.namespace());
      tree.putObject("spec").put("driver", "bridge");
      writer.create(ref, tree);
    }
    lookup.await(
        "AwaitingNetwork",
        "Network " + ref.name() + " does not exist in namespace " + ref.namespace());
  }
}
