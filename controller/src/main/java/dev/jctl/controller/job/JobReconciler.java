package dev.jctl.controller.job;

import dev.jctl.controller.event.EventRecorder;
import dev.jctl.controller.queue.Outcome;
import dev.jctl.controller.queue.Reconciler;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.Resources;
import dev.jctl.controller.resources.Resources.DeleteOptions.Propagation;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.controller.status.ObjectWriter;
import dev.jctl.controller.watch.ResourceCache;
import dev.jctl.controller.workload.Templates;
import dev.jctl.controller.workload.WorkloadConditions.Seen;
import dev.jctl.manifests.model.ResourceKind;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/** Runs Pods for every Job until so many have succeeded. */
public final class JobReconciler implements Reconciler {
  private static final Duration CACHE_TIMEOUT = Duration.ofSeconds(10);

  private final Resources resources;
  private final ResourceCache cache;
  private final EventRecorder events;
  private final InstantSource clock;
  private final ObjectWriter writer;

  public JobReconciler(
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
    StoredObject job = found.get();
    Instant now = clock.instant();
    JobFacts facts = new JobFacts(job, pods(job));
    // counted before Pods go, so that none is forgotten
    writer.status(job, new JobStatusView(facts, now).status());
    tellEnd(facts, now);
    List<JobAction> actions = JobPlanner.plan(facts, now);
    for (JobAction action : actions) {
      carryOut(job, action);
    }
    if (actions.stream().anyMatch(JobAction.Create.class::isInstance)) {
      writer.status(job, new JobStatusView(new JobFacts(job, pods(job)), now).status());
    }
    return actions.stream()
        .filter(JobAction.Wait.class::isInstance)
        .map(wait -> ((JobAction.Wait) wait).time())
        .min(Duration::compareTo)
        .map(Outcome::again)
        .orElse(Outcome.DONE);
  }

  private List<StoredObject> pods(StoredObject job) {
    return cache.ownedBy(job.uid()).stream()
        .filter(object -> object.ref().kind() == ResourceKind.POD)
        .flatMap(pod -> resources.find(pod.ref()).stream())
        .toList();
  }

  private void tellEnd(JobFacts facts, Instant now) {
    if (facts.has("Complete") || facts.has("Failed")) {
      return;
    }
    JobPlanner.ended(facts, now)
        .map(JobStatusView::seen)
        .ifPresent(seen -> tell(facts.job(), seen));
  }

  private void tell(StoredObject job, Seen seen) {
    if (seen.type().equals("Complete")) {
      events.normal(job, "Completed", "Job completed");
    } else {
      events.warning(job, seen.reason(), seen.message());
    }
  }

  private void carryOut(StoredObject job, JobAction action) throws InterruptedException {
    switch (action) {
      case JobAction.Create c -> create(job, c.count());
      case JobAction.Delete d -> {
        writer.delete(d.pod(), Resources.DeleteOptions.DEFAULT);
        events.normal(job, "SuccessfulDelete", "Deleted pod: " + d.pod().ref().name());
      }
      case JobAction.Expire e ->
          writer.delete(
              job, new Resources.DeleteOptions(Propagation.BACKGROUND, null, null, false));
      case JobAction.Wait w -> {}
    }
  }

  private void create(StoredObject job, int count) throws InterruptedException {
    ObjectRef ref = new ObjectRef(ResourceKind.POD, job.ref().namespace(), "");
    for (int i = 0; i < count; i++) {
      Optional<StoredObject> made =
          writer.create(ref, Templates.pod(job, job.tree().path("spec").path("template")));
      if (made.isPresent()) {
        cache.awaitRevision(made.get().revision(), CACHE_TIMEOUT);
        events.normal(job, "SuccessfulCreate", "Created pod: " + made.get().ref().name());
      }
    }
  }
}
