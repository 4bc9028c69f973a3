package dev.jctl.controller.service;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.OwnerReferences;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.controller.service.Backend.State;
import dev.jctl.manifests.model.ResourceKind;
import io.fabric8.kubernetes.api.model.ServiceSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;

/** Who is behind a Service, as Kubernetes' objects. Pure. */
final class EndpointTrees {
  static final String SERVICE_NAME = "kubernetes.io/service-name";
  static final String MANAGED_BY = "endpointslice.kubernetes.io/managed-by";
  static final String ENDPOINTS_MANAGED_BY = "endpoints.kubernetes.io/managed-by";
  static final String MANAGER = "jctl.dev";

  /** As Kubernetes' controller has it. */
  private static final int MAX_ENDPOINTS = 100;

  private final StoredObject service;
  private final ServiceSpec spec;

  EndpointTrees(StoredObject service, ServiceSpec spec) {
    this.service = service;
    this.spec = spec;
  }

  /** One for each family and set of ports, at most 100 endpoints each. */
  Map<ObjectRef, ObjectNode> slices(List<Backend> backends) {
    Map<String, List<Backend>> groups = new LinkedHashMap<>();
    for (Backend backend : backends) {
      String key = (backend.ipv6() ? "IPv6" : "IPv4") + backend.orderedPorts();
      groups.computeIfAbsent(key, k -> new ArrayList<>()).add(backend);
    }
    Map<ObjectRef, ObjectNode> slices = new LinkedHashMap<>();
    groups.forEach(
        (key, group) -> {
          for (int from = 0; from < group.size(); from += MAX_ENDPOINTS) {
            int to = Math.min(group.size(), from + MAX_ENDPOINTS);
            String name = service.ref().name() + "-" + suffix(key + from / MAX_ENDPOINTS);
            slices.put(
                new ObjectRef(ResourceKind.ENDPOINT_SLICE, service.ref().namespace(), name),
                slice(name, group.subList(from, to)));
          }
        });
    return slices;
  }

  /** The same for the same, so that slices stay. */
  private static String suffix(String key) {
    String digits = Integer.toUnsignedString(key.hashCode(), Character.MAX_RADIX);
    return "0".repeat(7 - digits.length()) + digits;
  }

  private ObjectNode slice(String name, List<Backend> backends) {
    ObjectNode slice = object(ResourceKind.ENDPOINT_SLICE, name);
    slice
        .withObject("/metadata/labels")
        .put(SERVICE_NAME, service.ref().name())
        .put(MANAGED_BY, MANAGER);
    Backend first = backends.getFirst();
    slice.put("addressType", first.ipv6() ? "IPv6" : "IPv4");
    ArrayNode endpoints = slice.putArray("endpoints");
    backends.forEach(backend -> endpoint(endpoints.addObject(), backend));
    ports(slice.putArray("ports"), first.orderedPorts());
    return slice;
  }

  private static void endpoint(ObjectNode endpoint, Backend backend) {
    endpoint.putArray("addresses").add(backend.ip());
    endpoint
        .putObject("conditions")
        .put("ready", backend.state() == State.READY)
        .put("serving", backend.state() == State.READY)
        .put("terminating", backend.state() == State.TERMINATING);
    pod(endpoint, backend);
  }

  private static void pod(ObjectNode address, Backend backend) {
    Backend.PodRef pod = backend.pod();
    if (pod == null) {
      return;
    }
    if (pod.hostname() != null) {
      address.put("hostname", pod.hostname());
    }
    if (!pod.nodeName().isEmpty()) {
      address.put("nodeName", pod.nodeName());
    }
    address
        .putObject("targetRef")
        .put("kind", "Pod")
        .put("namespace", pod.namespace())
        .put("name", pod.name())
        .put("uid", pod.uid());
  }

  private void ports(ArrayNode ports, SortedMap<String, Integer> numbers) {
    numbers.forEach(
        (name, number) ->
            ports
                .addObject()
                .put("name", name)
                .put("protocol", protocol(name))
                .put("port", number));
  }

  private String protocol(String portName) {
    return Backends.ports(spec).stream()
        .filter(p -> Objects.requireNonNullElse(p.getName(), "").equals(portName))
        .map(Backends::protocol)
        .findFirst()
        .orElse("TCP");
  }

  /** The older form: one object of the Service's name. */
  ObjectNode endpoints(List<Backend> backends) {
    ObjectNode endpoints = object(ResourceKind.ENDPOINTS, service.ref().name());
    endpoints.withObject("/metadata/labels").put(ENDPOINTS_MANAGED_BY, MANAGER);
    Map<SortedMap<String, Integer>, List<Backend>> groups = new LinkedHashMap<>();
    for (Backend backend : backends) {
      if (backend.state() != State.TERMINATING) {
        groups.computeIfAbsent(backend.orderedPorts(), k -> new ArrayList<>()).add(backend);
      }
    }
    ArrayNode subsets = JsonNodeFactory.instance.arrayNode();
    groups.forEach((ports, group) -> subset(subsets.addObject(), ports, group));
    if (!subsets.isEmpty()) {
      endpoints.set("subsets", subsets);
    }
    return endpoints;
  }

  private void subset(ObjectNode subset, SortedMap<String, Integer> numbers, List<Backend> group) {
    addresses(subset, "addresses", group, State.READY);
    addresses(subset, "notReadyAddresses", group, State.NOT_READY);
    if (!numbers.isEmpty()) {
      ports(subset.putArray("ports"), numbers);
    }
  }

  private static void addresses(ObjectNode subset, String field, List<Backend> group, State state) {
    List<Backend> chosen = group.stream().filter(b -> b.state() == state).toList();
    if (!chosen.isEmpty()) {
      ArrayNode addresses = subset.putArray(field);
      chosen.forEach(b -> pod(addresses.addObject().put("ip", b.ip()), b));
    }
  }

  /** It goes with its Service. */
  private ObjectNode object(ResourceKind kind, String name) {
    ObjectNode tree = JsonNodeFactory.instance.objectNode();
    tree.put("apiVersion", kind.apiVersion()).put("kind", kind.kind());
    ObjectNode metadata = tree.putObject("metadata");
    metadata.put("name", name).put("namespace", service.ref().namespace());
    ObjectNode labels = metadata.putObject("labels");
    service
        .tree()
        .at("/metadata/labels")
        .properties()
        .forEach(label -> labels.set(label.getKey(), label.getValue()));
    if (RuntimeServices.addresses(spec).isEmpty()) {
      labels.put("service.kubernetes.io/headless", "");
    }
    metadata
        .putArray("ownerReferences")
        .add(OwnerReferences.toController(service).put("blockOwnerDeletion", true));
    return tree;
  }
}
