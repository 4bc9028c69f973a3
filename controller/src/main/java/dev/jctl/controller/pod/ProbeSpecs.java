package dev.jctl.controller.pod;

import dev.jctl.controller.probe.ProbeSpec;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.HTTPGetAction;
import io.fabric8.kubernetes.api.model.HTTPHeader;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.Probe;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A container's probes with defaults filled in and ports by number. Pure. */
final class ProbeSpecs {
  private static final int NO_PORT = -1;

  private final Container container;
  private final String podIp;

  private ProbeSpecs(Container container, String podIp) {
    this.container = container;
    this.podIp = podIp;
  }

  static List<ProbeSpec> of(Container container, String podIp) {
    ProbeSpecs specs = new ProbeSpecs(container, podIp);
    List<ProbeSpec> all = new ArrayList<>();
    specs.add(all, ProbeSpec.Kind.STARTUP, container.getStartupProbe());
    specs.add(all, ProbeSpec.Kind.READINESS, container.getReadinessProbe());
    specs.add(all, ProbeSpec.Kind.LIVENESS, container.getLivenessProbe());
    return all;
  }

  private void add(List<ProbeSpec> all, ProbeSpec.Kind kind, @Nullable Probe probe) {
    if (probe == null) {
      return;
    }
    check(probe)
        .ifPresent(
            check ->
                all.add(
                    new ProbeSpec(
                        kind,
                        check,
                        seconds(probe.getInitialDelaySeconds(), 0),
                        seconds(probe.getPeriodSeconds(), 10),
                        seconds(probe.getTimeoutSeconds(), 1),
                        orElse(probe.getSuccessThreshold(), 1),
                        orElse(probe.getFailureThreshold(), 3))));
  }

  private Optional<ProbeSpec.Check> check(Probe probe) {
    if (probe.getExec() != null) {
      return Optional.of(new ProbeSpec.Check.Exec(probe.getExec().getCommand()));
    }
    if (probe.getHttpGet() != null) {
      return Optional.of(http(probe.getHttpGet()));
    }
    return probe.getTcpSocket() == null
        ? Optional.empty()
        : Optional.of(
            new ProbeSpec.Check.Tcp(
                host(probe.getTcpSocket().getHost()), port(probe.getTcpSocket().getPort())));
  }

  private ProbeSpec.Check http(HTTPGetAction get) {
    Map<String, String> headers = new HashMap<>();
    for (HTTPHeader h : Objects.requireNonNullElse(get.getHttpHeaders(), List.<HTTPHeader>of())) {
      headers.put(h.getName(), h.getValue());
    }
    String path = Objects.requireNonNullElse(get.getPath(), "/");
    return new ProbeSpec.Check.Http(
        host(get.getHost()),
        port(get.getPort()),
        path.startsWith("/") ? path : "/" + path,
        headers);
  }

  private String host(@Nullable String host) {
    return host == null || host.isEmpty() ? podIp : host;
  }

  private int port(IntOrString port) {
    if (port.getIntVal() != null) {
      return port.getIntVal();
    }
    for (ContainerPort p :
        Objects.requireNonNullElse(container.getPorts(), List.<ContainerPort>of())) {
      if (port.getStrVal().equals(p.getName())) {
        return p.getContainerPort();
      }
    }
    return NO_PORT;
  }

  private static Duration seconds(@Nullable Integer seconds, int otherwise) {
    return Duration.ofSeconds(orElse(seconds, otherwise));
  }

  private static int orElse(@Nullable Integer value, int otherwise) {
    return value == null ? otherwise : value;
  }
}
