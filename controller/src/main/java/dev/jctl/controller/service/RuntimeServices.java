package dev.jctl.controller.service;

import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.shim.spec.Exposure;
import dev.jctl.shim.spec.NameService;
import dev.jctl.shim.spec.ServiceSpec.Member;
import dev.jctl.shim.spec.ServiceSpec.Port;
import dev.jctl.shim.spec.ServiceSpec.Target;
import io.fabric8.kubernetes.api.model.ClientIPConfig;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.ServiceSpec;
import io.fabric8.kubernetes.api.model.SessionAffinityConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** A Service as the runtime wants it. Pure. */
final class RuntimeServices {
  static final String HEADLESS = "None";

  /** As with Kubernetes. */
  private static final int DEFAULT_AFFINITY_SECONDS = 3 * 60 * 60;

  private RuntimeServices() {}

  /** Unique in the instance: a namespace has no dot in its name. */
  static String id(ObjectRef ref) {
    return ref.namespace() + "." + ref.name();
  }

  static dev.jctl.shim.spec.ServiceSpec of(
      ObjectRef ref, ServiceSpec spec, List<Backend> all, Exposure exposure) {
    String domain = ref.name() + "." + ref.namespace() + ".svc." + NameService.DOMAIN;
    List<Backend> ready = all.stream().filter(b -> b.state() == Backend.State.READY).toList();
    List<String> addresses = addresses(spec);
    return new dev.jctl.shim.spec.ServiceSpec(
        id(ref),
        domain,
        List.of(domain, ref.name() + "." + ref.namespace()),
        addresses,
        Backends.ports(spec).stream().map(port -> port(port, ready)).toList(),
        addresses.isEmpty() ? members(ready) : List.of(),
        "ExternalName".equals(spec.getType()) ? spec.getExternalName() : null,
        affinitySeconds(spec),
        exposure,
        Objects.requireNonNullElse(spec.getExternalIPs(), List.of()),
        null);
  }

  private static int affinitySeconds(ServiceSpec spec) {
    return "ClientIP".equals(spec.getSessionAffinity())
        ? Optional.ofNullable(spec.getSessionAffinityConfig())
            .map(SessionAffinityConfig::getClientIP)
            .map(ClientIPConfig::getTimeoutSeconds)
            .orElse(DEFAULT_AFFINITY_SECONDS)
        : 0;
  }

  /** None of one that is only a name. */
  static List<String> addresses(ServiceSpec spec) {
    if ("ExternalName".equals(spec.getType()) || HEADLESS.equals(spec.getClusterIP())) {
      return List.of();
    }
    return Objects.requireNonNullElse(spec.getClusterIPs(), List.of());
  }

  private static Port port(ServicePort port, List<Backend> ready) {
    String name = Objects.requireNonNullElse(port.getName(), "");
    List<Target> targets = new ArrayList<>();
    for (Backend backend : ready) {
      Integer number = backend.ports().get(name);
      if (number != null) {
        targets.add(new Target(backend.ip(), number));
      }
    }
    return new Port(
        name,
        Backends.protocol(port),
        port.getPort(),
        Objects.requireNonNullElse(port.getNodePort(), 0),
        targets);
  }

  private static List<Member> members(List<Backend> ready) {
    return ready.stream().map(b -> new Member(b.label(), List.of(b.ip()))).toList();
  }
}
