package dev.jctl.controller.cronjob;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.event.EventRecorder;
import dev.jctl.controller.queue.Outcome;
import dev.jctl.controller.queue.Reconciler;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.Resources;
import dev.jctl.controller.resources.Resources.DeleteOptions.Propagation;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.controller.status.ObjectWriter;
import dev.jctl.controller.status.Times;
import dev.jctl.controller.watch.ResourceCache;
import dev.jctl.controller.workload.Owners;
import dev.jctl.controller.workload.Templates;
import dev.jctl.manifests.model.CronJobStatus;
import dev.jctl.manifests.model.ResourceKind;
import io.fabric8.kubernetes.api.model.ObjectReference;
import io.fabric8.kubernetes.api.model.ObjectReferenceBuilder;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Makes a Job for every time of a CronJob's schedule. */
public final class CronJobReconciler implements Reconciler {
  private static final Duration CACHE_TIMEOUT = Duration.ofSeconds(10);

  /** A clock that is set is noticed by then. */
  private static final Duration LONGEST_WAIT = Duration.ofMinutes(10);

  private final Resources resources;
  private final ResourceCache cache;
  private final EventRecorder events;
  private final InstantSource clock;
  private final ObjectWriter writer;

  public CronJobReconciler(
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
    StoredObject cronJob = found.get();
    CronJobPlanner planner = planner(cronJob);
    String scheduled = null;
    for (CronJobAction action : planner.plan()) {
      String time = carryOut(cronJob, action);
      scheduled = time == null ? scheduled : time;
    }
    writer.status(cronJob, status(cronJob, planner(cronJob), scheduled));
    return planner
        .untilNext()
        .map(left -> left.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : left)
        .map(Outcome::again)
        .orElse(Outcome.DONE);
  }

  private CronJobPlanner planner(StoredObject cronJob) {
    return new CronJobPlanner(cronJob, jobs(cronJob), clock.instant(), ZoneId.systemDefault());
  }

  private List<StoredObject> jobs(StoredObject cronJob) {
    return cache.list(ResourceKind.JOB, cronJob.ref().namespace()).stream()
        .filter(job -> Owners.isControlledBy(job, cronJob))
        .flatMap(job -> resources.find(job.ref()).stream())
        .toList();
  }

  /** The time of the schedule that is dealt with by that. */
  private @Nullable String carryOut(StoredObject cronJob, CronJobAction action)
      throws InterruptedException {
    return switch (action) {
      case CronJobAction.Create c -> {
        create(cronJob, c.time());
        yield Times.text(c.time());
      }
      case CronJobAction.Skip s -> {
        events.normal(cronJob, s.reason(), s.message());
        yield null;
      }
      case CronJobAction.Delete d -> {
        writer.delete(
            d.job(), new Resources.DeleteOptions(Propagation.BACKGROUND, null, null, false));
        events.normal(cronJob, "SuccessfulDelete", "Deleted job " + d.job().ref().name());
        yield null;
      }
    };
  }

  /** The name says the time, so that there is never a second Job for it. */
  private void create(StoredObject cronJob, Instant time) throws InterruptedException {
    String name = cronJob.ref().name() + "-" + time.getEpochSecond() / 60;
    ObjectNode job =
        Templates.object(
            ResourceKind.JOB, cronJob, cronJob.tree().path("spec").path("jobTemplate"));
    job.withObject("/metadata").put("name", name);
    job.withObject("/metadata/annotations")
        .put("batch.kubernetes.io/cronjob-scheduled-timestamp", Times.text(time));
    Optional<StoredObject> made =
        writer.create(new ObjectRef(ResourceKind.JOB, cronJob.ref().namespace(), name), job);
    if (made.isPresent()) {
      cache.awaitRevision(made.get().revision(), CACHE_TIMEOUT);
      events.normal(cronJob, "SuccessfulCreate", "Created job " + name);
    }
  }

  private CronJobStatus status(
      StoredObject cronJob, CronJobPlanner planner, @Nullable String scheduled) {
    CronJobStatus before = cronJob.status(CronJobStatus.class).orElse(null);
    List<ObjectReference> active =
        planner.active().stream().map(CronJobReconciler::reference).toList();
    String lastSuccess =
        jobs(cronJob).stream()
            .map(job -> job.tree().path("status").path("completionTime").asText(""))
            .filter(time -> !time.isEmpty())
            .max(Comparator.naturalOrder())
            .orElse(before == null ? null : before.lastSuccessfulTime());
    return new CronJobStatus(
        active.isEmpty() ? null : active,
        scheduled != null ? scheduled : before == null ? null : before.lastScheduleTime(),
        lastSuccess);
  }

  private static ObjectReference reference(StoredObject job) {
    return new ObjectReferenceBuilder()
        .withApiVersion(job.ref().kind().apiVersion())
        .withKind(job.ref().kind().kind())
        .withNamespace(job.ref().namespace())
        .withName(job.ref().name())
        .withUid(job.uid())
        .build();
  }
}
