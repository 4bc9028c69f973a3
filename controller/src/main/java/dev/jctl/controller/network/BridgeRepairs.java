package dev.jctl.controller.network;

import dev.jctl.controller.drift.DriftNotes;
import dev.jctl.controller.drift.Drifts;
import dev.jctl.controller.event.EventRecorder;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.controller.watch.ResourceCache;
import dev.jctl.manifests.model.Drift;
import dev.jctl.manifests.model.ResourceKind;
import dev.jctl.shim.ContainerRuntime;
import dev.jctl.shim.spec.Observed;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Tells of bridges that come back because an interface needs them: nothing is left then for the one
 * who looks after their Network to find.
 */
public final class BridgeRepairs {
  private final ResourceCache cache;
  private final ContainerRuntime runtime;
  private final DriftNotes notes;
  private final Consumer<ObjectRef> noted;
  private final EventRecorder events;
  private final InstantSource clock;

  /** {@code noted}: told of Networks that have a note now. */
  public BridgeRepairs(
      ResourceCache cache,
      ContainerRuntime runtime,
      DriftNotes notes,
      Consumer<ObjectRef> noted,
      EventRecorder events,
      InstantSource clock) {
    this.cache = cache;
    this.runtime = runtime;
    this.notes = notes;
    this.noted = noted;
    this.events = events;
    this.clock = clock;
  }

  /** {@code networkIds}: those whose bridges the repair needs. */
  public void during(Set<String> networkIds, Runnable repair) {
    Map<String, List<String>> before = drift(networkIds);
    repair.run();
    if (!before.isEmpty()) {
      tell(before, drift(networkIds));
    }
  }

  /** By id of the network. */
  private Map<String, List<String>> drift(Set<String> networkIds) {
    return runtime.networks().stream()
        .filter(network -> networkIds.contains(network.spec().id()))
        .filter(network -> !network.drift().isEmpty())
        .collect(Collectors.toMap(network -> network.spec().id(), Observed.Network::drift));
  }

  private void tell(Map<String, List<String>> before, Map<String, List<String>> after) {
    for (StoredObject network : cache.list(ResourceKind.NETWORK, null)) {
      String id = NetworkPlanner.id(network.ref());
      List<String> repaired = new ArrayList<>(before.getOrDefault(id, List.of()));
      repaired.removeAll(after.getOrDefault(id, List.of()));
      if (!repaired.isEmpty()) {
        Drift drift = Drifts.repaired(NetworkReconciler.DEVICE, repaired, clock.instant());
        notes.add(network.uid(), drift);
        events.warning(network, NetworkReconciler.REPAIRED, NetworkReconciler.repaired(drift));
        noted.accept(network.ref());
      }
    }
  }
}
