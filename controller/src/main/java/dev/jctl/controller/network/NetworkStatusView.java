package dev.jctl.controller.network;

import dev.jctl.controller.drift.Drifts;
import dev.jctl.controller.status.Conditions;
import dev.jctl.controller.status.Conditions.Seen;
import dev.jctl.manifests.model.Drift;
import dev.jctl.manifests.model.NetworkStatus;
import dev.jctl.manifests.model.Resource;
import dev.jctl.shim.spec.NetworkSpec;
import dev.jctl.shim.spec.Observed;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What is seen of a network → its status. Pure. */
final class NetworkStatusView {
  private final Resource.Network network;
  private final List<String> attached;
  private final List<Drift> found;
  private final Instant now;

  /** {@code found}: what others changed. */
  NetworkStatusView(
      Resource.Network network, List<String> attached, List<Drift> found, Instant now) {
    this.network = network;
    this.attached = List.copyOf(attached);
    this.found = List.copyOf(found);
    this.now = now;
  }

  NetworkStatus ready(NetworkSpec spec, String device) {
    return status(
        "Ready",
        device,
        spec,
        spec.uplink() == null
            ? new Seen("Ready", true, "BridgeUp", "Bridge " + device + " carries " + spec.subnets())
            : new Seen(
                "Ready",
                true,
                "ParentPresent",
                "Pods share " + device + " and have addresses of " + spec.subnets()));
  }

  /** {@code there}: what Pods that are on it have, as it was before. */
  NetworkStatus failed(String reason, String message, Optional<Observed.Network> there) {
    return status(
        "Failed",
        there.map(Observed.Network::device).orElse(null),
        there.map(Observed.Network::spec).orElse(null),
        new Seen("Ready", false, reason, message));
  }

  /** {@code pods}: seen when that was decided; by now they may be gone. */
  NetworkStatus awaitingPods(List<String> pods) {
    String message = "Deletion waits for these Pods to go: " + String.join(", ", pods);
    NetworkStatus before = network.status();
    return new NetworkStatus(
        generation(),
        "Terminating",
        before == null ? null : before.device(),
        before == null ? null : before.subnets(),
        before == null ? null : before.gateways(),
        pods,
        drift(),
        Conditions.of(
            before == null ? null : before.conditions(),
            generation(),
            now,
            List.of(
                new Seen("Ready", false, "Terminating", message),
                new Seen("InUse", true, "PodsAttached", message))));
  }

  private NetworkStatus status(
      String phase, @Nullable String device, @Nullable NetworkSpec spec, Seen ready) {
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
        drift(),
        Conditions.of(
            before == null ? null : before.conditions(), generation(), now, List.of(ready, inUse)));
  }

  private @Nullable List<Drift> drift() {
    NetworkStatus before = network.status();
    return Drifts.recent(before == null ? null : before.drift(), found);
  }

  private long generation() {
    Long generation = network.metadata().getGeneration();
    return generation == null ? 0 : generation;
  }
}
