package dev.jctl.controller.pod;

import dev.jctl.controller.network.Exposures;
import dev.jctl.controller.network.Lease;
import dev.jctl.manifests.model.Annotations;
import dev.jctl.manifests.model.Resource;
import dev.jctl.shim.spec.Exposure;
import dev.jctl.shim.spec.PortSpec;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The host ports of a Pod as published ports. Pure. */
final class PodPorts {
  /** Every address of the machine, of each family. */
  private static final List<String> ANY = List.of("0.0.0.0", "::");

  private final String uid;
  private final List<Lease> leases;
  private final @Nullable String declared;

  private PodPorts(Resource.Pod pod, String uid, List<Lease> leases) {
    this.uid = uid;
    this.leases = leases;
    Map<String, String> annotations = pod.metadata().getAnnotations();
    this.declared = annotations == null ? null : annotations.get(Annotations.EXPOSE);
  }

  /** None of a Pod on the machine's own network, as it listens there itself. */
  static List<PortSpec> of(Resource.Pod pod, String uid, List<Lease> leases) {
    PodPorts ports = new PodPorts(pod, uid, leases);
    return pod.spec().getContainers().stream()
        .map(Container::getPorts)
        .filter(Objects::nonNull)
        .flatMap(List::stream)
        .filter(p -> p.getHostPort() != null && p.getHostPort() > 0)
        .flatMap(p -> ports.published(p).stream())
        .toList();
  }

  /** Of each family that the Pod has an address of, unless hostIP is of one. */
  private List<PortSpec> published(ContainerPort port) {
    String hostIp = Objects.requireNonNullElse(port.getHostIP(), "");
    List<PortSpec> ports = new ArrayList<>();
    for (String any : ANY) {
      if (hostIp.isEmpty() || sameFamily(hostIp, any)) {
        podIp(any).ifPresent(ip -> ports.add(port(port, hostIp.isEmpty() ? any : hostIp, ip)));
      }
    }
    return ports;
  }

  private static boolean sameFamily(String one, String other) {
    return (one.indexOf(':') < 0) == (other.indexOf(':') < 0);
  }

  private Optional<String> podIp(String ofFamily) {
    return leases.stream()
        .flatMap(lease -> lease.addresses().stream())
        .map(Lease::ip)
        .filter(ip -> sameFamily(ip, ofFamily))
        .findFirst();
  }

  private PortSpec port(ContainerPort port, String hostIp, String podIp) {
    return new PortSpec(
        uid,
        Objects.requireNonNullElse(port.getProtocol(), "TCP").toUpperCase(Locale.ROOT),
        hostIp,
        port.getHostPort(),
        podIp,
        port.getContainerPort(),
        exposure(Objects.requireNonNullElse(port.getHostIP(), "")));
  }

  /** What cannot be read is reached by nobody else; admission has refused it already. */
  private Exposure exposure(String hostIp) {
    try {
      return Exposures.ofPort(declared, hostIp);
    } catch (IllegalArgumentException e) {
      return Exposure.LOCALHOST;
    }
  }
}
