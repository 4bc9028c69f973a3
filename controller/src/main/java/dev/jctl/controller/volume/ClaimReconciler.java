package dev.jctl.controller.volume;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.event.EventRecorder;
import dev.jctl.controller.queue.Outcome;
import dev.jctl.controller.queue.Reconciler;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.Resources;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.controller.status.Conditions;
import dev.jctl.controller.status.Conditions.Seen;
import dev.jctl.controller.status.Finalizers;
import dev.jctl.controller.status.ObjectWriter;
import dev.jctl.controller.watch.ResourceCache;
import io.fabric8.kubernetes.api.model.Condition;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Keeps a Volume for every PersistentVolumeClaim. */
public final class ClaimReconciler implements Reconciler {
  private final Resources resources;
  private final ResourceCache cache;
  private final EventRecorder events;
  private final InstantSource clock;
  private final ObjectWriter writer;

  public ClaimReconciler(
      Resources resources, ResourceCache cache, EventRecorder events, InstantSource clock) {
    this.resources = resources;
    this.cache = cache;
    this.events = events;
    this.clock = clock;
    this.writer = new ObjectWriter(resources);
  }

  @Override
  public Outcome reconcile(ObjectRef ref) {
    Optional<StoredObject> found = resources.find(ref);
    if (found.isEmpty()) {
      return Outcome.DONE;
    }
    StoredObject claim = writer.withFinalizer(found.get(), Finalizers.CLAIM);
    ObjectRef wanted = PodClaims.volume(claim);
    Optional<StoredObject> volume = resources.find(wanted);
    List<StoredObject> rivals = new ArrayList<>(PodClaims.claims(wanted, cache));
    rivals.removeIf(rival -> rival.ref().equals(ref));
    rivals.add(claim);
    switch (ClaimPlanner.plan(claim, volume, rivals, VolumeMounters.placedWith(ref, cache))) {
      case ClaimAction.Provision(var tree) -> {
        var _ = writer.create(wanted, tree);
        await(
            claim,
            new ClaimAction.Await("Pending", ClaimAction.PROVISIONING, "Its Volume is being made"));
      }
      case ClaimAction.Grow(var capacity) ->
          volume.ifPresent(
              v -> writer.update(v, tree -> tree.withObject("/spec").put("capacity", capacity)));
      case ClaimAction.Bind(var capacity) -> bind(claim, capacity, "Volume " + wanted.name());
      case ClaimAction.BindAsItIs(var capacity, var message) -> {
        tell(claim, "VolumeResizeFailed", message);
        bind(claim, capacity, message);
      }
      case ClaimAction.Await await -> await(claim, await);
      case ClaimAction.AwaitPods(var pods) -> writer.status(claim, mounted(claim, pods));
      case ClaimAction.Release release -> writer.dropFinalizer(claim, Finalizers.CLAIM);
    }
    return Outcome.DONE;
  }

  /** As it was, but for why it is still there. */
  private ObjectNode mounted(StoredObject claim, List<String> pods) {
    ObjectNode status = claim.tree().deepCopy().withObject("/status");
    status.set(
        "conditions",
        conditions(
            claim,
            new Seen("Ready", false, "Terminating", VolumeMounters.awaited(pods)),
            new Seen("InUse", true, "Mounted", String.join(", ", pods))));
    return status;
  }

  private void bind(StoredObject claim, String capacity, String message) {
    String name = PodClaims.volume(claim).name();
    StoredObject bound =
        claim.tree().at("/spec/volumeName").asText().equals(name)
            ? claim
            : writer.update(claim, tree -> tree.withObject("/spec").put("volumeName", name));
    ObjectNode status = status(bound, "Bound", new Seen("Ready", true, "Bound", message));
    status.set("accessModes", claim.tree().at("/spec/accessModes"));
    if (!capacity.isEmpty()) {
      status.putObject("capacity").put("storage", capacity);
    }
    writer.status(bound, status);
  }

  private void await(StoredObject claim, ClaimAction.Await await) {
    if (!await.reason().equals(ClaimAction.PROVISIONING)) {
      tell(claim, await.reason(), await.message());
    }
    writer.status(
        claim,
        status(claim, await.phase(), new Seen("Ready", false, await.reason(), await.message())));
  }

  /** When it becomes so, not as long as it is. */
  private void tell(StoredObject claim, String reason, String message) {
    if (!message.equals(claim.tree().at("/status/conditions/0/message").asText())) {
      events.warning(claim, reason, message);
    }
  }

  private ObjectNode status(StoredObject claim, String phase, Seen seen) {
    ObjectNode status = JsonNodeFactory.instance.objectNode().put("phase", phase);
    status.set("conditions", conditions(claim, seen));
    return status;
  }

  private JsonNode conditions(StoredObject claim, Seen... seen) {
    List<Condition> before =
        claim
            .tree()
            .at("/status/conditions")
            .valueStream()
            .map(ClaimReconciler::condition)
            .toList();
    JsonNode conditions =
        ObjectWriter.tree(Conditions.of(before, 0, clock.instant(), List.of(seen)));
    // those of claims have no generation, core/v1 PersistentVolumeClaimCondition
    conditions.forEach(condition -> ((ObjectNode) condition).remove("observedGeneration"));
    return conditions;
  }

  private static Condition condition(JsonNode tree) {
    Condition condition = new Condition();
    condition.setType(tree.path("type").asText());
    condition.setStatus(tree.path("status").asText());
    condition.setLastTransitionTime(tree.path("lastTransitionTime").asText());
    return condition;
  }
}
