package dev.jctl.controller.job;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.controller.status.ObjectWriter;
import dev.jctl.controller.testing.Json;
import dev.jctl.manifests.model.ResourceKind;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class JobPlannerTest {
  private static final Instant NOW = Instant.parse("2026-11-28T12:00:00Z");

  private static StoredObject job(String spec, String status) {
    ObjectNode tree =
        Json.object("{metadata:{name:'j',uid:'u'},spec:" + spec + ",status:" + status + "}");
    return new StoredObject(new ObjectRef(ResourceKind.JOB, "default", "j"), tree, 1);
  }

  /** A Pod that ended just now, if it did. */
  private static StoredObject pod(String phase) {
    ObjectNode tree =
        Json.object(
            "{status:{phase:'%s',containerStatuses:[{state:{terminated:{finishedAt:'%s'}}}]}}"
                .formatted(phase, NOW));
    return new StoredObject(new ObjectRef(ResourceKind.POD, "default", "p"), tree, 1);
  }

  private static JobFacts facts(StoredObject job, String... phases) {
    return new JobFacts(job, Arrays.stream(phases).map(JobPlannerTest::pod).toList());
  }

  @Test
  void runsAsManyAtOnceAsItMayAndNeeds() {
    StoredObject job = job("{parallelism:3,completions:4,backoffLimit:6}", "{}");
    assertThat(JobPlanner.plan(facts(job), NOW)).containsExactly(new JobAction.Create(3));
    assertThat(JobPlanner.plan(facts(job, "Succeeded", "Succeeded", "Running"), NOW))
        .containsExactly(new JobAction.Create(1));
    assertThat(JobPlanner.plan(facts(job, "Succeeded", "Succeeded", "Running", "Pending"), NOW))
        .isEmpty();
  }

  @Test
  void waitsTwiceAsLongAfterEachFailure() {
    StoredObject job = job("{backoffLimit:6}", "{}");
    assertThat(JobPlanner.plan(facts(job, "Failed"), NOW))
        .containsExactly(new JobAction.Wait(Duration.ofSeconds(10)));
    assertThat(JobPlanner.plan(facts(job, "Failed", "Failed", "Failed"), NOW))
        .containsExactly(new JobAction.Wait(Duration.ofSeconds(40)));
    assertThat(JobPlanner.plan(facts(job, "Failed"), NOW.plusSeconds(10)))
        .containsExactly(new JobAction.Create(1));
  }

  @Test
  void failsBeyondItsLimitAndEndsWhatRuns() {
    JobFacts facts =
        facts(
            job("{parallelism:2,completions:2,backoffLimit:1}", "{}"),
            "Failed",
            "Failed",
            "Running");
    assertThat(JobPlanner.ended(facts, NOW)).contains(JobFacts.End.BACKOFF_LIMIT_EXCEEDED);
    assertThat(JobPlanner.plan(facts, NOW)).singleElement().isInstanceOf(JobAction.Delete.class);
  }

  @Test
  void failsWhenItsTimeIsOver() {
    StoredObject job =
        job("{activeDeadlineSeconds:60,backoffLimit:6}", "{startTime:'" + NOW + "'}");
    assertThat(JobPlanner.plan(facts(job, "Running"), NOW))
        .containsExactly(new JobAction.Wait(Duration.ofSeconds(60)));
    assertThat(JobPlanner.ended(facts(job, "Running"), NOW.plusSeconds(60)))
        .contains(JobFacts.End.DEADLINE_EXCEEDED);
  }

  @Test
  void whatWasCountedStaysCountedWhenThePodIsGone() {
    JobFacts facts = facts(job("{completions:2,parallelism:1}", "{succeeded:1}"));
    assertThat(JobPlanner.plan(facts, NOW)).containsExactly(new JobAction.Create(1));
    assertThat(facts(job("{completions:2}", "{succeeded:2}")).ended())
        .contains(JobFacts.End.COMPLETE);
  }

  @Test
  void oneThatEndedStaysSoAndGoesWhenItIsOldEnough() {
    StoredObject job = job("{ttlSecondsAfterFinished:30}", "{}");
    JobFacts done = facts(job, "Succeeded");
    job.tree().set("status", ObjectWriter.tree(new JobStatusView(done, NOW).status()));
    assertThat(job.tree().at("/status/conditions/0/type").asText()).isEqualTo("Complete");
    assertThat(JobPlanner.plan(facts(job), NOW))
        .containsExactly(new JobAction.Wait(Duration.ofSeconds(30)));
    assertThat(JobPlanner.plan(facts(job), NOW.plusSeconds(30)))
        .containsExactly(new JobAction.Expire());
  }

  @Test
  void aSuspendedOneRunsNothing() {
    JobFacts facts = facts(job("{suspend:true}", "{}"), "Running");
    assertThat(JobPlanner.plan(facts, NOW)).singleElement().isInstanceOf(JobAction.Delete.class);
    assertThat(new JobStatusView(facts, NOW).status().startTime()).isNull();
  }

  @Test
  void withoutANumberOfCompletionsTheFirstSuccessIsTheLastToBeStarted() {
    StoredObject job = job("{parallelism:3}", "{}");
    assertThat(JobPlanner.plan(facts(job, "Succeeded", "Running"), NOW)).isEmpty();
    assertThat(facts(job, "Succeeded", "Running").ended()).isEmpty();
    assertThat(facts(job, "Succeeded", "Succeeded").ended()).contains(JobFacts.End.COMPLETE);
  }

  /** Whatever order Pods end in, a Job comes to its end with as many as it needs. */
  @Test
  void comesToItsEnd() {
    for (int completions = 1; completions < 6; completions++) {
      StoredObject job = job("{parallelism:2,completions:" + completions + "}", "{}");
      int succeeded = 0;
      for (int i = 0; i < 10 && facts(job, phases(succeeded)).ended().isEmpty(); i++) {
        List<JobAction> actions = JobPlanner.plan(facts(job, phases(succeeded)), NOW);
        succeeded +=
            actions.stream()
                .mapToInt(a -> a instanceof JobAction.Create create ? create.count() : 0)
                .sum();
      }
      assertThat(succeeded).isEqualTo(completions);
    }
  }

  private static String[] phases(int succeeded) {
    return IntStream.range(0, succeeded).mapToObj(i -> "Succeeded").toArray(String[]::new);
  }
}
