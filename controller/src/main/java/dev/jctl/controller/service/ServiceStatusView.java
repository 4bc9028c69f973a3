package dev.jctl.controller.service;

import dev.jctl.controller.status.Conditions;
import dev.jctl.controller.status.Conditions.Seen;
import dev.jctl.manifests.model.Resource;
import io.fabric8.kubernetes.api.model.LoadBalancerStatus;
import io.fabric8.kubernetes.api.model.ServiceSpec;
import io.fabric8.kubernetes.api.model.ServiceStatus;
import java.time.Instant;
import java.util.List;
import java.util.Objects;

/** What is seen of a Service → its status. Pure. */
final class ServiceStatusView {
  private final Resource.Service service;
  private final Instant now;

  ServiceStatusView(Resource.Service service, Instant now) {
    this.service = service;
    this.now = now;
  }

  /** It is Ready also when nobody is behind it: then connections are refused. */
  ServiceStatus serving(ServiceSpec spec, List<Backend> backends) {
    long ready = backends.stream().filter(b -> b.state() == Backend.State.READY).count();
    return status(new Seen("Ready", true, "Ready", message(spec, ready, backends.size())));
  }

  private static String message(ServiceSpec spec, long ready, int all) {
    if ("ExternalName".equals(spec.getType())) {
      return "Stands for " + spec.getExternalName();
    }
    String where =
        RuntimeServices.addresses(spec).isEmpty()
            ? "Its name has the addresses of "
            : String.join(", ", RuntimeServices.addresses(spec)) + " leads to ";
    String pending =
        "LoadBalancer".equals(spec.getType())
            ? "; nobody here gives it an external address, its node ports if any are open"
            : "";
    return where + ready + " of " + all + " endpoints" + pending;
  }

  ServiceStatus refused(String reason, String message) {
    return status(new Seen("Ready", false, reason, message));
  }

  private ServiceStatus status(Seen ready) {
    ServiceStatus before = service.status();
    long generation = Objects.requireNonNullElse(service.metadata().getGeneration(), 0L);
    return new ServiceStatus(
        Conditions.of(
            before == null ? null : before.getConditions(), generation, now, List.of(ready)),
        new LoadBalancerStatus());
  }
}
