package dev.jctl.controller.pod;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import dev.jctl.controller.network.Exposures;
import dev.jctl.controller.network.Lease;
import dev.jctl.controller.resources.ResourceCodec;
import dev.jctl.manifests.model.Annotations;
import dev.jctl.manifests.model.PublishedRange;
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

/** The host ports and published ranges of a Pod, port by port. Pure. */
final class PodPorts {
  /** Every address of the machine, of each family. */
  private static final List<String> ANY = List.of("0.0.0.0", "::");

  private static final TypeReference<List<String>> TEXTS = new TypeReference<>() {};

  private final String uid;
  private final List<Lease> leases;
  private final @Nullable String declared;
  private final @Nullable String publish;

  private PodPorts(Resource.Pod pod, String uid, List<Lease> leases) {
    this.uid = uid;
    this.leases = leases;
    Map<String, String> annotations = pod.metadata().getAnnotations();
    this.declared = annotations == null ? null : annotations.get(Annotations.EXPOSE);
    this.publish = annotations == null ? null : annotations.get(Annotations.PUBLISH);
  }

  /** None of a Pod on the machine's own network, as it listens there itself. */
  static List<PortSpec> of(Resource.Pod pod, String uid, List<Lease> leases) {
    PodPorts ports = new PodPorts(pod, uid, leases);
    List<PortSpec> all = new ArrayList<>();
    pod.spec().getContainers().stream()
        .map(Container::getPorts)
        .filter(Objects::nonNull)
        .flatMap(List::stream)
        .filter(p -> p.getHostPort() != null && p.getHostPort() > 0)
        .forEach(p -> ports.add(all, range(p)));
    ports.ranges().forEach(range -> ports.add(all, range));
    return all;
  }

  /** Whether it asks for any. */
  static boolean any(Resource.Pod pod) {
    PodPorts ports = new PodPorts(pod, "", List.of());
    return !ports.ranges().isEmpty()
        || pod.spec().getContainers().stream()
            .map(Container::getPorts)
            .filter(Objects::nonNull)
            .flatMap(List::stream)
            .anyMatch(p -> p.getHostPort() != null && p.getHostPort() > 0);
  }

  private static PublishedRange range(ContainerPort port) {
    return new PublishedRange(
        Objects.requireNonNullElse(port.getHostIP(), ""),
        port.getHostPort(),
        port.getContainerPort(),
        1,
        Objects.requireNonNullElse(port.getProtocol(), "TCP").toUpperCase(Locale.ROOT));
  }

  /** What cannot be read is not published; admission has refused it already. */
  private List<PublishedRange> ranges() {
    if (publish == null) {
      return List.of();
    }
    try {
      return ResourceCodec.MAPPER.readValue(publish, TEXTS).stream()
          .map(PublishedRange::parse)
          .toList();
    } catch (JsonProcessingException | IllegalArgumentException e) {
      return List.of();
    }
  }

  /** Of each family that the Pod has an address of, unless the machine's address is of one. */
  private void add(List<PortSpec> all, PublishedRange range) {
    for (String any : ANY) {
      if (range.hostIp().isEmpty() || sameFamily(range.hostIp(), any)) {
        String hostIp = range.hostIp().isEmpty() ? any : range.hostIp();
        podIp(any).ifPresent(ip -> add(all, range, hostIp, ip));
      }
    }
  }

  private void add(List<PortSpec> all, PublishedRange range, String hostIp, String podIp) {
    Exposure exposure = exposure(range.hostIp());
    for (int n = 0; n < range.count(); n++) {
      all.add(
          new PortSpec(
              uid,
              range.protocol(),
              hostIp,
              range.hostPort() + n,
              podIp,
              range.containerPort() + n,
              exposure));
    }
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

  /** What cannot be read is reached by nobody else; admission has refused it already. */
  private Exposure exposure(String hostIp) {
    try {
      return Exposures.ofPort(declared, hostIp);
    } catch (IllegalArgumentException e) {
      return Exposure.LOCALHOST;
    }
  }
}
