package dev.jctl.controller.manifestset;

import dev.jctl.controller.drift.MemberDrift;
import dev.jctl.controller.event.EventRecorder;
import dev.jctl.controller.manifestset.ManifestSetPlanner.Member;
import dev.jctl.controller.queue.Outcome;
import dev.jctl.controller.queue.Reconciler;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.Resources;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.controller.sets.Health;
import dev.jctl.controller.sets.ManifestSets;
import dev.jctl.controller.sets.SetHistory;
import dev.jctl.controller.status.Finalizers;
import dev.jctl.controller.status.ObjectWriter;
import dev.jctl.controller.watch.ResourceCache;
import dev.jctl.manifests.model.ManifestSetStatus;
import dev.jctl.manifests.model.Resource;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/** Watches over the objects of every ManifestSet. */
public final class ManifestSetReconciler implements Reconciler {
  private static final Duration GONE_SOON = Duration.ofSeconds(1);

  /** Another revision was applied while this one was looked at. */
  private static final Outcome OVERTAKEN = Outcome.again(Duration.ZERO);

  private final Resources resources;
  private final ManifestSets sets;
  private final MemberDrift machine;
  private final EventRecorder events;
  private final InstantSource clock;
  private final ObjectWriter writer;

  public ManifestSetReconciler(
      Resources resources,
      ResourceCache cache,
      ManifestSets sets,
      EventRecorder events,
      InstantSource clock) {
    this.resources = resources;
    this.sets = sets;
    this.machine = new MemberDrift(resources, cache);
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
    StoredObject object = writer.withFinalizer(found.get(), Finalizers.MANIFEST_SET);
    Resource.ManifestSet set = object.as(Resource.ManifestSet.class);
    List<Member> members =
        ManifestSets.recorded(object).stream()
            .map(member -> new Member(member, Health.of(resources.find(member))))
            .toList();
    Instant now = clock.instant();
    Optional<ManifestSetStatus> status = Optional.ofNullable(set.status());
    long generation = object.tree().path("metadata").path("generation").asLong();
    return carryOut(
        object,
        new ManifestSetStatusView(
            status, members, machine.of(ManifestSets.recorded(object)), generation, now),
        ManifestSetPlanner.plan(
            new ManifestSetPlanner.Input(
                object.isDeleting(),
                ObjectWriter.hasFinalizer(object.tree(), Finalizers.ORPHAN),
                ManifestSets.followerOf(object).isPresent(),
                set.spec(),
                status,
                members,
                now)));
  }

  private Outcome carryOut(
      StoredObject object, ManifestSetStatusView view, ManifestSetAction action) {
    return switch (action) {
      case ManifestSetAction.Show show ->
          writer.statusUnlessChanged(object, view.shown())
              ? show.due()
                  .map(due -> Outcome.again(Duration.between(clock.instant(), due)))
                  .orElse(Outcome.DONE)
              : OVERTAKEN;
      case ManifestSetAction.Conclude conclude -> {
        if (!writer.statusUnlessChanged(
            object, view.concluded(conclude.result(), conclude.message()))) {
          yield OVERTAKEN;
        }
        tell(object, conclude);
        yield Outcome.DONE;
      }
      case ManifestSetAction.MakeAgain again -> {
        sets.applyAgain(object.ref());
        yield Outcome.again(GONE_SOON);
      }
      case ManifestSetAction.TakeBack back -> {
        sets.takeBack(object.ref(), back.origin());
        events.warning(
            object,
            SetHistory.ROLLED_BACK,
            "Revision %d was %s; revision %d is back"
                .formatted(back.origin().from(), back.origin().why(), back.origin().to()));
        yield Outcome.DONE;
      }
      case ManifestSetAction.Prune prune -> prune(object, view);
      case ManifestSetAction.Release release -> release(object);
    };
  }

  private void tell(StoredObject object, ManifestSetAction.Conclude conclude) {
    long revision = object.tree().path("status").path("revision").asLong();
    if (conclude.result().equals(SetHistory.HEALTHY)) {
      events.normal(object, SetHistory.HEALTHY, "Revision " + revision + ": all objects are ready");
    } else {
      events.warning(
          object,
          conclude.result(),
          "Revision " + revision + " was " + conclude.message() + "; there is none to go back to");
    }
  }

  private Outcome prune(StoredObject object, ManifestSetStatusView view) {
    if (sets.deleteMembers(object)) {
      return release(object);
    }
    return writer.statusUnlessChanged(object, view.terminating())
        ? Outcome.again(GONE_SOON)
        : OVERTAKEN;
  }

  private Outcome release(StoredObject object) {
    sets.forget(object.ref());
    writer.dropFinalizer(object, Finalizers.MANIFEST_SET);
    return Outcome.DONE;
  }
}
