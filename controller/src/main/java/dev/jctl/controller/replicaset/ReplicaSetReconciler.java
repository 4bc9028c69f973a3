package dev.jctl.controller.replicaset;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.controller.event.EventRecorder;
import dev.jctl.controller.queue.Outcome;
import dev.jctl.controller.queue.Reconciler;
import dev.jctl.controller.resources.ApiException;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.Resources;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.controller.status.ObjectWriter;
import dev.jctl.controller.watch.ResourceCache;
import dev.jctl.controller.workload.Owners;
import dev.jctl.controller.workload.Templates;
import dev.jctl.manifests.model.ResourceKind;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/** Keeps so many Pods for every ReplicaSet. */
public final class ReplicaSetReconciler implements Reconciler {
  private static final Duration CACHE_TIMEOUT = Duration.ofSeconds(10);

  private final Resources resources;
  private final ResourceCache cache;
  private final EventRecorder events;
  private final InstantSource clock;
  private final ObjectWriter writer;

  public ReplicaSetReconciler(
      Resources resources, ResourceCache cache, EventRecorder events, InstantSource clock) {
    this.resources = resources;
    this.cache = cache;
    this.events = events;
    this.clock = clock;
    this.writer = new ObjectWriter(resources);
  }

  @Override
  public Outcome reconcile(ObjectRef ref) throws InterruptedException {
    Optional<StoredObject> found = resources.find(ref);
    if (found.isEmpty()) {
      return Outcome.DONE;
    }
    StoredObject set = found.get();
    for (ReplicaSetAction action : ReplicaSetPlanner.plan(set, pods(set))) {
      carryOut(set, action);
    }
    List<StoredObject> own =
        pods(set).stream().filter(pod -> ReplicaSetPlanner.counts(set, pod)).toList();
    Instant now = clock.instant();
    writer.status(set, ReplicaSetStatusView.of(set, own, now));
    return ReplicaSetStatusView.nextAvailable(set, own, now)
        .map(Outcome::again)
        .orElse(Outcome.DONE);
  }

  /**
   * Which there are is the cache's to know: it has all that this reconciler made. How they are is
   * read anew, so that what was just deleted is not deleted again.
   */
  private List<StoredObject> pods(StoredObject set) {
    return cache.list(ResourceKind.POD, set.ref().namespace()).stream()
        .filter(pod -> Owners.isControlledBy(pod, set) || Owners.controllerOf(pod.tree()).isEmpty())
        .flatMap(pod -> resources.find(pod.ref()).stream())
        .toList();
  }

  private void carryOut(StoredObject set, ReplicaSetAction action) throws InterruptedException {
    switch (action) {
      case ReplicaSetAction.Adopt a -> writer.update(a.pod(), pod -> Owners.adopt(pod, set));
      case ReplicaSetAction.Release r -> writer.update(r.pod(), pod -> Owners.release(pod, set));
      case ReplicaSetAction.Create c -> create(set, c.count());
      case ReplicaSetAction.Delete d -> {
        writer.delete(d.pod(), Resources.DeleteOptions.DEFAULT);
        events.normal(set, "SuccessfulDelete", "Deleted pod: " + d.pod().ref().name());
      }
    }
  }

  private void create(StoredObject set, int count) throws InterruptedException {
    JsonNode template = set.tree().path("spec").path("template");
    ObjectRef ref = new ObjectRef(ResourceKind.POD, set.ref().namespace(), "");
    for (int i = 0; i < count; i++) {
      try {
        Optional<StoredObject> made = writer.create(ref, Templates.pod(set, template));
        if (made.isPresent()) {
          cache.awaitRevision(made.get().revision(), CACHE_TIMEOUT);
          events.normal(set, "SuccessfulCreate", "Created pod: " + made.get().ref().name());
        }
      } catch (ApiException e) {
        events.warning(set, "FailedCreate", "Error creating: " + e.getMessage());
        throw e;
      }
    }
  }
}
