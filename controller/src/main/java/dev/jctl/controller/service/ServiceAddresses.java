package dev.jctl.controller.service;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.network.Cidr;
import dev.jctl.controller.network.HostRoutes;
import dev.jctl.controller.network.HostSockets;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.controller.watch.ResourceCache;
import dev.jctl.manifests.model.ResourceKind;
import dev.jctl.shim.ContainerRuntime;
import dev.jctl.shim.spec.PortSpec;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Who has which addresses and node ports: those of Services that are stored, and what was given out
 * and is perhaps not yet seen in the cache.
 */
public final class ServiceAddresses {
  private final ResourceCache cache;
  private final ContainerRuntime runtime;
  // guarded by this
  private final Map<ObjectRef, StoredObject> allocated = new HashMap<>();

  ServiceAddresses(ResourceCache cache, ContainerRuntime runtime) {
    this.cache = cache;
    this.runtime = runtime;
  }

  /**
   * The address of the Service {@code kubernetes}, which it has or is to be given; empty when none
   * is left.
   */
  public static Optional<String> ofApi(ResourceCache cache) {
    List<StoredObject> others = new ArrayList<>(cache.list(ResourceKind.SERVICE, null));
    others.removeIf(service -> service.ref().equals(ObjectRef.API_SERVICE));
    JsonNode stored =
        cache
            .find(ObjectRef.API_SERVICE)
            .map(service -> service.tree().path("spec"))
            .orElseGet(JsonNodeFactory.instance::objectNode);
    ObjectNode spec = JsonNodeFactory.instance.objectNode();
    spec.set("clusterIP", stored.path("clusterIP").isTextual() ? stored.path("clusterIP") : null);
    Allocation.Taken taken =
        new Allocation.Taken(
            addresses(others), Map.of(), Set.of(), avoided(subnets(cache).values()));
    return Allocation.of(RuntimeServices.id(ObjectRef.API_SERVICE), spec, taken)
            instanceof Allocation.Result.Allocated(ObjectNode complete)
        ? Optional.of(complete.path("clusterIP").asText())
        : Optional.empty();
  }

  /** One at a time, so that two Services never get the same. */
  synchronized Allocation.Result allocate(StoredObject service) {
    List<StoredObject> others = others(service);
    Map<String, List<Cidr>> subnets = subnets(cache);
    Allocation.Result result =
        ExternalAddresses.refusal(service.tree().path("spec"), externals(service, others), subnets)
            .<Allocation.Result>map(refused -> refused)
            .orElseGet(
                () ->
                    Allocation.of(
                        RuntimeServices.id(service.ref()),
                        remembered(service),
                        new Allocation.Taken(
                            addresses(others),
                            nodePorts(others),
                            portsInUse(service),
                            avoided(subnets.values()))));
    switch (result) {
      case Allocation.Result.Allocated(ObjectNode spec) ->
          allocated.put(service.ref(), with(service, spec));
      case Allocation.Result.Refused refused -> allocated.remove(service.ref());
    }
    return result;
  }

  /** A replacement that leaves the address out keeps it. */
  private JsonNode remembered(StoredObject service) {
    JsonNode spec = service.tree().path("spec");
    StoredObject before = allocated.get(service.ref());
    if (before == null || !before.uid().equals(service.uid()) || spec.hasNonNull("clusterIP")) {
      return spec;
    }
    ObjectNode kept = spec.deepCopy();
    JsonNode old = before.tree().path("spec");
    if (!old.path("clusterIP").asText("").equals(RuntimeServices.HEADLESS)
        && old.hasNonNull("clusterIP")) {
      kept.set("clusterIP", old.path("clusterIP"));
      kept.set("clusterIPs", old.path("clusterIPs"));
    }
    return kept;
  }

  private List<StoredObject> others(StoredObject service) {
    Map<ObjectRef, StoredObject> others = new HashMap<>();
    cache.list(ResourceKind.SERVICE, null).forEach(s -> others.put(s.ref(), s));
    others.putAll(allocated);
    others.remove(service.ref());
    return List.copyOf(others.values());
  }

  /**
   * Of those that have what they ask for: of two the first; of those that were not looked at since
   * the start, those that come before it.
   */
  private Map<String, String> externals(StoredObject service, List<StoredObject> others) {
    Map<String, String> holders = new HashMap<>();
    others.stream()
        .filter(
            other ->
                allocated.containsKey(other.ref())
                    || ExternalAddresses.FIRST.compare(other, service) < 0)
        .forEach(
            other ->
                ExternalAddresses.taken(other.tree().path("spec"))
                    .forEach(key -> holders.put(key, RuntimeServices.id(other.ref()))));
    return holders;
  }

  private static Map<String, List<Cidr>> subnets(ResourceCache cache) {
    Map<String, List<Cidr>> subnets = new HashMap<>();
    for (StoredObject network : cache.list(ResourceKind.NETWORK, null)) {
      List<Cidr> own =
          network
              .tree()
              .at("/status/subnets")
              .valueStream()
              .map(subnet -> Cidr.parse(subnet.asText()))
              .toList();
      subnets.put(network.ref().namespace() + "." + network.ref().name(), own);
    }
    return subnets;
  }

  private static Map<String, String> addresses(List<StoredObject> others) {
    Map<String, String> addresses = new HashMap<>();
    for (StoredObject other : others) {
      String owner = RuntimeServices.id(other.ref());
      other.tree().at("/spec/clusterIPs").forEach(ip -> addresses.put(ip.asText(), owner));
    }
    addresses.remove(RuntimeServices.HEADLESS);
    return addresses;
  }

  private static Map<String, String> nodePorts(List<StoredObject> others) {
    Map<String, String> nodePorts = new HashMap<>();
    for (StoredObject other : others) {
      for (JsonNode port : other.tree().at("/spec/ports")) {
        int number = port.path("nodePort").asInt();
        if (number > 0) {
          String protocol = port.path("protocol").asText("TCP");
          nodePorts.put(Allocation.key(protocol, number), RuntimeServices.id(other.ref()));
        }
      }
    }
    return nodePorts;
  }

  /** Those of the machine, if one is to be chosen. */
  private Set<String> portsInUse(StoredObject service) {
    if (!Allocation.choosesNodePort(service.tree().path("spec"))) {
      return Set.of();
    }
    Set<String> inUse = new HashSet<>();
    for (PortSpec port : runtime.ports().ports()) {
      inUse.add(Allocation.key(port.protocol(), port.hostPort()));
    }
    for (String protocol : List.of("TCP", "UDP")) {
      HostSockets.listening(protocol.toLowerCase(Locale.ROOT))
          .forEach(port -> inUse.add(Allocation.key(protocol, port)));
    }
    return inUse;
  }

  private static List<Cidr> avoided(Collection<List<Cidr>> subnets) {
    List<Cidr> avoided = new ArrayList<>(HostRoutes.read());
    subnets.forEach(avoided::addAll);
    return avoided;
  }

  private static StoredObject with(StoredObject service, ObjectNode spec) {
    ObjectNode tree = service.tree().deepCopy();
    tree.set("spec", spec);
    return new StoredObject(service.ref(), tree, service.revision());
  }

  synchronized void release(ObjectRef service) {
    allocated.remove(service);
  }
}
