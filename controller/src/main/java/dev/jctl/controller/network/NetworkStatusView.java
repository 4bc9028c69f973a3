package dev.jctl.controller.network;

import dev.jctl.controller.drift.Drifts;
import dev.jctl.controller.status.Conditions;
import dev.jctl.controller.status.Conditions.Seen;
import dev.jctl.manifests.model.Drift;
import dev.jctl.manifests.model.NetworkStatus;
import dev.jctl.manifests.model.Resource;
import dev.jctl.shim.spec.NetworkSpec;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is seen of a network → its status. Pure. */
final class NetworkStatusView {
  private final Resource.Network network;
  private final List<String> attached;
  private final Instant now;

  NetworkStatusView(Resource.Network network, List<String> attached, Instant now) {
    this.network = network;
    this.attached = List.copyOf(attached);
    this.now = now;
  }

  /** {@code found}: what others changed. */
  NetworkStatus ready(NetworkSpec spec, String device, List<Drift> found) {
    return status(
        "Ready",
        device,
        spec,
        Drifts.recent(before(), found),
        spec.uplink() == null
            ? new Seen("Ready", true, "BridgeUp", "Bridge " + device + " carries " + spec.subnets())
            : new Seen(
                "Ready",
                true,
                "ParentPresent",
                "Pods share " + device + " and have addresses of " + spec.subnets()));
  }

  NetworkStatus failed(String reason, String message) {
    return status("Failed", null, null, before(), new Seen("Ready", false, reason, message));
  }

  NetworkStatus awaitingPods() {
    String message = "Deletion waits for these Pods to go: " + String.join(", ", attached);
    NetworkStatus before = network.status();
    return new NetworkStatus(
        generation(),
        "Terminating",
        before == null ? null : before.device(),
        before == null ? null : before.subnets(),
        before == null ? null : before.gateways(),
        attached,
        before(),
        Conditions.of(
            before == null ? null : before.conditions(),
            generation(),
            now,
            List.of(
                new Seen("Ready", false, "Terminating", message),
                new Seen("InUse", true, "PodsAttached", message))));
  }

  private NetworkStatus status(
      String phase,
      @Nullable String device,
      @Nullable NetworkSpec spec,
      @Nullable List<Drift> drift,
      Seen ready) {
    NetworkStatus before = network.status();
    String users = attached.isEmpty() ? "No Pod is attached" : String.join(", ", attached);
    Seen inUse =
        new Seen("InUse", !attached.isEmpty(), attached.isEmpty() ? "Free" : "PodsAttached", users);
    return new NetworkStatus(
        generation(),
        phase,
        device,
        spec == null ? null : spec.subnets(),
        spec == null ? null : spec.gateways().stream().map(Lease::ip).toList(),
        attached,
        drift,
        Conditions.of(
            before == null ? null : before.conditions(), generation(), now, List.of(ready, inUse)));
  }

  private @Nullable List<Drift> before() {
    NetworkStatus before = network.status();
    return before == null ? null : before.drift();
  }

  private long generation() {
    Long generation = network.metadata().getGeneration();
    return generation == null ? 0 : generation;
  }
}
