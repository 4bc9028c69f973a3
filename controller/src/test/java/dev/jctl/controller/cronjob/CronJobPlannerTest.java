package dev.jctl.controller.cronjob;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.controller.testing.Json;
import dev.jctl.manifests.model.ResourceKind;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;

class CronJobPlannerTest {
  private static final Instant NOON = Instant.parse("2026-11-28T12:00:00Z");

  private static CronJobPlanner planner(String spec, Instant now, StoredObject... jobs) {
    ObjectNode tree =
        Json.object(
            "{metadata:{name:'c',uid:'u',creationTimestamp:'2026-11-28T11:59:30Z'},spec:"
                + spec
                + "}");
    StoredObject cronJob =
        new StoredObject(new ObjectRef(ResourceKind.CRON_JOB, "default", "c"), tree, 1);
    return new CronJobPlanner(cronJob, List.of(jobs), now, ZoneOffset.UTC);
  }

  private static StoredObject job(String name, String condition) {
    ObjectNode tree =
        Json.object(
            "{metadata:{name:'%s',creationTimestamp:'%s'},status:{conditions:[{type:'%s',status:'True'}]}}"
                .formatted(name, name, condition));
    return new StoredObject(new ObjectRef(ResourceKind.JOB, "default", name), tree, 1);
  }

  @Test
  void makesAJobWhenItsTimeHasComeAndNotBefore() {
    assertThat(planner("{schedule:'0 * * * *'}", NOON.minusSeconds(1)).plan()).isEmpty();
    assertThat(planner("{schedule:'0 * * * *'}", NOON.minusSeconds(1)).untilNext())
        .contains(Duration.ofSeconds(1));
    assertThat(planner("{schedule:'0 * * * *'}", NOON.plusSeconds(2)).plan())
        .containsExactly(new CronJobAction.Create(NOON));
  }

  @Test
  void ofSeveralTimesThatWereMissedOnlyTheLastIsMadeUpFor() {
    assertThat(planner("{schedule:'0 * * * *'}", NOON.plusSeconds(3 * 3600 + 5)).plan())
        .containsExactly(new CronJobAction.Create(NOON.plusSeconds(3 * 3600)));
    Instant muchLater = NOON.plus(Duration.ofDays(400)).plusSeconds(5);
    assertThat(planner("{schedule:'* * * * *'}", muchLater).plan())
        .containsExactly(new CronJobAction.Create(NOON.plus(Duration.ofDays(400))));
  }

  @Test
  void oneThatIsTooLateIsSkipped() {
    String spec = "{schedule:'0 12 * * *',startingDeadlineSeconds:10}";
    assertThat(planner(spec, NOON.plusSeconds(11)).plan())
        .singleElement()
        .isInstanceOf(CronJobAction.Skip.class);
  }

  @Test
  void doesAsItsPolicySaysWhileTheFormerJobRuns() {
    StoredObject running = job("r", "Suspended");
    assertThat(planner("{schedule:'0 12 * * *'}", NOON, running).plan())
        .containsExactly(new CronJobAction.Create(NOON));
    assertThat(planner("{schedule:'0 12 * * *',concurrencyPolicy:'Forbid'}", NOON, running).plan())
        .singleElement()
        .isInstanceOf(CronJobAction.Skip.class);
    assertThat(planner("{schedule:'0 12 * * *',concurrencyPolicy:'Replace'}", NOON, running).plan())
        .containsExactly(new CronJobAction.Delete(running), new CronJobAction.Create(NOON));
  }

  @Test
  void forgetsTheOldestJobsThatEnded() {
    StoredObject oldest = job("1", "Complete");
    StoredObject failed = job("0", "Failed");
    String spec = "{schedule:'0 13 * * *',successfulJobsHistoryLimit:1,failedJobsHistoryLimit:1}";
    assertThat(planner(spec, NOON, job("2", "Complete"), oldest, failed).plan())
        .containsExactly(new CronJobAction.Delete(oldest));
  }

  @Test
  void aSuspendedOneMakesNothing() {
    CronJobPlanner planner = planner("{schedule:'0 12 * * *',suspend:true}", NOON);
    assertThat(planner.plan()).isEmpty();
    assertThat(planner.untilNext()).isEmpty();
  }

  @Test
  void aScheduleMayBeOfAnotherZone() {
    assertThat(planner("{schedule:'0 13 * * *',timeZone:'Europe/Berlin'}", NOON).plan())
        .containsExactly(new CronJobAction.Create(NOON));
  }
}
