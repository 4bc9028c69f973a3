package dev.jctl.controller.pod;

import dev.jctl.controller.probe.ProbeSpec;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.ExecAction;
import io.fabric8.kubernetes.api.model.HTTPGetAction;
import io.fabric8.kubernetes.api.model.HTTPHeader;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.LifecycleHandler;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.TCPSocketAction;
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

  /** What a hook asks for; empty for one that only sleeps. */
  static Optional<ProbeSpec.Check> of(LifecycleHandler hook, Container container, String podIp) {
    return new ProbeSpecs(container, podIp)
        .check(hook.getExec(), hook.getHttpGet(), hook.getTcpSocket());
  }

  private void add(List<ProbeSpec> all, ProbeSpec.Kind kind, @Nullable Probe probe) {
    if (probe == null) {
      return;
    }
    check(probe.getExec(), probe.getHttpGet(), probe.getTcpSocket())
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

  private Optional<ProbeSpec.Check> check(
      @Nullable ExecAction exec, @Nullable HTTPGetAction get, @Nullable TCPSocketAction tcp) {
    if (exec != null) {
      return Optional.of(new ProbeSpec.Check.Exec(exec.getCommand()));
    }
    if (get != null) {
      return Optional.of(http(get));
    }
    return tcp == null
        ? Optional.empty()
        : Optional.of(new ProbeSpec.Check.Tcp(host(tcp.getHost()), port(tcp.getPort())));
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
