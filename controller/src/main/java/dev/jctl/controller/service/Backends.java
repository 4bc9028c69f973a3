package dev.jctl.controller.service;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.controller.resources.LabelMatch;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.controller.service.Backend.State;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.ServiceSpec;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/** Who is behind a Service. Pure. */
final class Backends {
  private static final Set<String> OVER = Set.of("Succeeded", "Failed");

  private Backends() {}

  static boolean hasSelector(ServiceSpec spec) {
    return spec.getSelector() != null
        && !spec.getSelector().isEmpty()
        && !"ExternalName".equals(spec.getType());
  }

  static boolean selects(JsonNode service, JsonNode pod) {
    JsonNode selector = service.path("spec").path("selector");
    return !selector.isEmpty() && LabelMatch.hasAll(selector, pod.path("metadata").path("labels"));
  }

  /** In the order of their addresses. */
  static List<Backend> ofPods(StoredObject service, ServiceSpec spec, List<StoredObject> pods) {
    List<Backend> backends = new ArrayList<>();
    for (StoredObject pod : pods) {
      if (selects(service.tree(), pod.tree())
          && !OVER.contains(pod.tree().at("/status/phase").asText())) {
        pod.tree()
            .at("/status/podIPs")
            .forEach(ip -> backends.add(backend(service, spec, pod, ip.path("ip").asText())));
      }
    }
    backends.sort(Comparator.comparing(Backend::ip));
    return backends;
  }

  /** Those of the families that the Service has addresses of; all of one that is only a name. */
  static List<Backend> reachable(ServiceSpec spec, List<Backend> all) {
    List<String> addresses = RuntimeServices.addresses(spec);
    return all.stream()
        .filter(
            backend ->
                addresses.isEmpty()
                    || addresses.stream().anyMatch(ip -> ip.indexOf(':') >= 0 == backend.ipv6()))
        .toList();
  }

  private static Backend backend(
      StoredObject service, ServiceSpec spec, StoredObject pod, String ip) {
    JsonNode podSpec = pod.tree().path("spec");
    boolean named =
        podSpec.hasNonNull("hostname")
            && podSpec.path("subdomain").asText("").equals(service.ref().name());
    String hostname = named ? podSpec.path("hostname").asText() : null;
    Map<String, Integer> ports = new HashMap<>();
    for (ServicePort port : ports(spec)) {
      target(port, podSpec)
          .ifPresent(number -> ports.put(Objects.requireNonNullElse(port.getName(), ""), number));
    }
    return new Backend(
        ip,
        state(pod, Boolean.TRUE.equals(spec.getPublishNotReadyAddresses())),
        Objects.requireNonNullElseGet(hostname, () -> dashed(ip)),
        ports,
        new Backend.PodRef(
            pod.ref().name(),
            pod.ref().namespace(),
            pod.uid(),
            podSpec.path("nodeName").asText(""),
            hostname));
  }

  static List<ServicePort> ports(ServiceSpec spec) {
    return Objects.requireNonNullElse(spec.getPorts(), List.of());
  }

  private static State state(StoredObject pod, boolean always) {
    if (always) {
      return State.READY;
    }
    if (pod.isDeleting()) {
      return State.TERMINATING;
    }
    for (JsonNode condition : pod.tree().at("/status/conditions")) {
      if (condition.path("type").asText().equals("Ready")) {
        return condition.path("status").asText().equals("True") ? State.READY : State.NOT_READY;
      }
    }
    return State.NOT_READY;
  }

  private static Optional<Integer> target(ServicePort port, JsonNode podSpec) {
    IntOrString target = port.getTargetPort();
    if (target == null || (target.getIntVal() == null && target.getStrVal() == null)) {
      return Optional.of(port.getPort());
    }
    return target.getIntVal() != null
        ? Optional.of(target.getIntVal())
        : named(target.getStrVal(), protocol(port), podSpec);
  }

  static String protocol(ServicePort port) {
    return Objects.requireNonNullElse(port.getProtocol(), "TCP");
  }

  private static Optional<Integer> named(String name, String protocol, JsonNode podSpec) {
    for (String list : List.of("containers", "initContainers")) {
      for (JsonNode container : podSpec.path(list)) {
        for (JsonNode port : container.path("ports")) {
          if (port.path("name").asText("").equals(name)
              && port.path("protocol").asText("TCP").equals(protocol)) {
            return Optional.of(port.path("containerPort").asInt());
          }
        }
      }
    }
    return Optional.empty();
  }

  private static String dashed(String ip) {
    return ip.replace('.', '-').replace(':', '-');
  }

  /** Of a Service without selector: what users declare; slices, or else the older form. */
  static List<Backend> declared(List<StoredObject> slices, Optional<StoredObject> endpoints) {
    Map<String, Backend> backends = new LinkedHashMap<>();
    for (StoredObject slice : slices) {
      Map<String, Integer> ports = ports(slice.tree().path("ports"));
      for (JsonNode endpoint : slice.tree().path("endpoints")) {
        boolean ready = endpoint.at("/conditions/ready").asBoolean(true);
        String hostname = endpoint.path("hostname").asText("");
        for (JsonNode address : endpoint.path("addresses")) {
          add(backends, address.asText(), ready, hostname, ports);
        }
      }
    }
    if (slices.isEmpty()) {
      endpoints.ifPresent(e -> e.tree().path("subsets").forEach(s -> addSubset(backends, s)));
    }
    return backends.values().stream().sorted(Comparator.comparing(Backend::ip)).toList();
  }

  private static void addSubset(Map<String, Backend> backends, JsonNode subset) {
    Map<String, Integer> ports = ports(subset.path("ports"));
    for (JsonNode address : subset.path("addresses")) {
      add(backends, address.path("ip").asText(), true, address.path("hostname").asText(""), ports);
    }
  }

  private static void add(
      Map<String, Backend> backends,
      String ip,
      boolean ready,
      String hostname,
      Map<String, Integer> ports) {
    State state = ready ? State.READY : State.NOT_READY;
    String label = hostname.isEmpty() ? dashed(ip) : hostname;
    Map<String, Integer> all = new HashMap<>(ports);
    Backend known = backends.get(ip);
    if (known != null) {
      all.putAll(known.ports());
    }
    backends.put(ip, new Backend(ip, state, label, all, null));
  }

  private static Map<String, Integer> ports(JsonNode list) {
    Map<String, Integer> ports = new HashMap<>();
    list.forEach(p -> ports.put(p.path("name").asText(""), p.path("port").asInt()));
    return ports;
  }
}
