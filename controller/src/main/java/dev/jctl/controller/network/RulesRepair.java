package dev.jctl.controller.network;

import dev.jctl.controller.drift.DriftNotes;
import dev.jctl.controller.drift.DriftPolicy;
import dev.jctl.controller.drift.Drifts;
import dev.jctl.controller.event.EventRecorder;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.controller.sets.Source;
import dev.jctl.controller.watch.ResourceCache;
import dev.jctl.manifests.model.Drift;
import dev.jctl.manifests.model.ResourceKind;
import dev.jctl.shim.ContainerRuntime;
import dev.jctl.shim.spec.Observed;
import dev.jctl.shim.spec.PortSpec;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Puts back firewall rules that others removed, and notes it for all whom it concerns. The rules of
 * all are in one table: they are only reported when nobody needs them whose source does not only
 * report.
 */
final class RulesRepair {
  private static final String RULES = "rules";
  private static final Set<ResourceKind> USERS =
      EnumSet.of(
          ResourceKind.POD,
          ResourceKind.NETWORK,
          ResourceKind.SERVICE,
          ResourceKind.NETWORK_POLICY);
  private static final String PORTS = "spec.ports";

  private final ResourceCache cache;
  private final ContainerRuntime runtime;
  private final DriftPolicy policy;
  private final DriftNotes notes;
  private final Consumer<ObjectRef> noted;
  private final EventRecorder events;
  private final InstantSource clock;

  /** {@code noted}: told of those who have a note now, or have one no more. */
  RulesRepair(
      ResourceCache cache,
      ContainerRuntime runtime,
      DriftPolicy policy,
      DriftNotes notes,
      Consumer<ObjectRef> noted,
      EventRecorder events,
      InstantSource clock) {
    this.cache = cache;
    this.runtime = runtime;
    this.policy = policy;
    this.notes = notes;
    this.noted = noted;
    this.events = events;
    this.clock = clock;
  }

  /** One at a time, so that one finds what differs and tells of it. */
  synchronized void look() {
    Observed.Ports ports = runtime.ports();
    List<String> found = ports.changed();
    if (found.isEmpty() && !notes.areReports()) {
      return;
    }
    List<StoredObject> publishing = publishing(ports);
    List<StoredObject> networks = cache.list(ResourceKind.NETWORK, null);
    if (found.isEmpty()) {
      settle(networks, RULES);
      settle(publishing, PORTS);
      return;
    }
    Instant now = clock.instant();
    if (!ports.drift().isEmpty() && isReported()) {
      note(networks, Drifts.reported(RULES, ports.drift(), now));
      note(publishing, Drifts.reported(PORTS, ports.drift(), now));
      return;
    }
    runtime.repairPorts();
    List<String> left = runtime.ports().drift();
    List<String> repaired = new ArrayList<>(found);
    repaired.removeAll(left);
    if (left.isEmpty()) {
      settle(networks, RULES);
      settle(publishing, PORTS);
    }
    if (!repaired.isEmpty()) {
      note(networks, Drifts.repaired(RULES, repaired, now));
      note(publishing, Drifts.repaired(PORTS, repaired, now));
      String message = "Published ports were put back: " + Drifts.summary(repaired);
      publishing.forEach(pod -> events.warning(pod, "PortsRepaired", message));
    }
    if (!left.isEmpty()) {
      note(publishing, Drifts.reported(PORTS, left, now));
    }
  }

  private List<StoredObject> publishing(Observed.Ports ports) {
    Set<String> uids = ports.ports().stream().map(PortSpec::sandboxId).collect(Collectors.toSet());
    return cache.list(ResourceKind.POD, null).stream()
        .filter(pod -> uids.contains(pod.uid()))
        .toList();
  }

  private boolean isReported() {
    List<StoredObject> users =
        USERS.stream()
            .flatMap(kind -> cache.list(kind, null).stream())
            .filter(RulesRepair::needsRules)
            .toList();
    return !users.isEmpty() && users.stream().allMatch(policy::isReported);
  }

  /** A network that is from no source is there for the Pods on it, as is the API's Service. */
  private static boolean needsRules(StoredObject object) {
    return switch (object.ref().kind()) {
      case POD -> !Lease.of(object.tree()).isEmpty();
      case NETWORK -> Source.of(object.tree()).isPresent();
      case SERVICE -> !object.ref().equals(ObjectRef.API_SERVICE);
      default -> true;
    };
  }

  private void note(List<StoredObject> objects, Drift drift) {
    for (StoredObject object : objects) {
      List<Drift> before = notes.of(object.uid());
      notes.add(object.uid(), drift);
      if (!notes.of(object.uid()).equals(before)) {
        noted.accept(object.ref());
      }
    }
  }

  private void settle(List<StoredObject> objects, String field) {
    objects.stream()
        .filter(object -> notes.settle(object.uid(), field))
        .forEach(object -> noted.accept(object.ref()));
  }
}
