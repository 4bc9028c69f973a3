package dev.jctl.controller.deployment;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.event.EventRecorder;
import dev.jctl.controller.queue.Dependents;
import dev.jctl.controller.queue.Outcome;
import dev.jctl.controller.queue.Reconciler;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.Resources;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.controller.status.ObjectWriter;
import dev.jctl.controller.watch.ResourceCache;
import dev.jctl.controller.workload.Owners;
import dev.jctl.manifests.model.ResourceKind;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/** Keeps a ReplicaSet for each Deployment, and moves Pods from one to the next. */
public final class DeploymentReconciler implements Reconciler {
  private static final Duration CACHE_TIMEOUT = Duration.ofSeconds(10);

  private final Resources resources;
  private final ResourceCache cache;
  private final TemplateConfig configs;
  private final Dependents dependents;
  private final EventRecorder events;
  private final InstantSource clock;
  private final ObjectWriter writer;

  public DeploymentReconciler(
      Resources resources,
      ResourceCache cache,
      Dependents dependents,
      EventRecorder events,
      InstantSource clock) {
    this.resources = resources;
    this.cache = cache;
    this.dependents = dependents;
    this.configs = new TemplateConfig(cache, dependents);
    this.events = events;
    this.clock = clock;
    this.writer = new ObjectWriter(resources);
  }

  @Override
  public Outcome reconcile(ObjectRef ref) throws InterruptedException {
    Optional<StoredObject> found = resources.find(ref);
    if (found.isEmpty()) {
      dependents.remove(ref);
      return Outcome.DONE;
    }
    StoredObject deployment = found.get();
    Optional<String> config = configs.digest(deployment);
    List<StoredObject> sets = sets(deployment);
    int oldPods = oldPods(rollout(deployment, sets, config));
    for (DeploymentAction action : DeploymentPlanner.plan(deployment, sets, config, oldPods)) {
      carryOut(deployment, config, action);
    }
    DeploymentStatusView view = view(deployment, config);
    writer.status(deployment, view.status());
    return view.isComplete()
        ? Outcome.DONE
        : view.overdueIn()
            .filter(left -> !left.isZero())
            .map(left -> Outcome.again(left.plusSeconds(1)))
            .orElse(Outcome.DONE);
  }

  private DeploymentStatusView view(StoredObject deployment, Optional<String> config) {
    return new DeploymentStatusView(rollout(deployment, sets(deployment), config), clock.instant());
  }

  private static Rollout rollout(
      StoredObject deployment, List<StoredObject> sets, Optional<String> config) {
    return Rollout.of(deployment, DeploymentPlanner.own(deployment, sets), config);
  }

  /** Which there are the cache knows; how they are is read anew. */
  private List<StoredObject> sets(StoredObject deployment) {
    return cache.list(ResourceKind.REPLICA_SET, deployment.ref().namespace()).stream()
        .flatMap(set -> resources.find(set.ref()).stream())
        .toList();
  }

  private int oldPods(Rollout rollout) {
    return rollout.old().stream().mapToInt(set -> cache.ownedBy(set.uid()).size()).sum();
  }

  private void carryOut(StoredObject deployment, Optional<String> config, DeploymentAction action)
      throws InterruptedException {
    switch (action) {
      case DeploymentAction.Adopt a -> writer.update(a.set(), set -> Owners.adopt(set, deployment));
      case DeploymentAction.Create c -> create(deployment, config, c.set());
      case DeploymentAction.Scale s -> scale(deployment, s);
      case DeploymentAction.Annotate a ->
          writer.update(
              a.object(),
              object -> a.annotations().forEach(object.withObject("/metadata/annotations")::put));
      case DeploymentAction.Delete d -> writer.delete(d.set(), Resources.DeleteOptions.DEFAULT);
    }
  }

  private void create(StoredObject deployment, Optional<String> config, ObjectNode set)
      throws InterruptedException {
    ObjectRef ref =
        new ObjectRef(
            ResourceKind.REPLICA_SET,
            deployment.ref().namespace(),
            set.path("metadata").path("name").asText());
    Optional<StoredObject> made = writer.create(ref, set);
    if (made.isEmpty()) {
      // a name is taken by a set of another template, or one that is going
      writer.status(deployment, view(deployment, config).collided());
      return;
    }
    cache.awaitRevision(made.get().revision(), CACHE_TIMEOUT);
    told(deployment, "up", made.get(), 0, Rollout.wanted(made.get()));
  }

  private void scale(StoredObject deployment, DeploymentAction.Scale scale) {
    writer.update(scale.set(), set -> set.withObject("/spec").put("replicas", scale.replicas()));
    int before = Rollout.wanted(scale.set());
    told(
        deployment,
        scale.replicas() > before ? "up" : "down",
        scale.set(),
        before,
        scale.replicas());
  }

  private void told(StoredObject deployment, String direction, StoredObject set, int from, int to) {
    events.normal(
        deployment,
        "ScalingReplicaSet",
        "Scaled " + direction + " replica set " + set.ref().name() + " from " + from + " to " + to);
  }
}
