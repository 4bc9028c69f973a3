package dev.jctl.controller.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.manifests.model.ResourceKind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ControlLoopTest {
  private static final int WORKERS = 4;
  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();

  @AfterEach
  void stop() {
    timer.shutdownNow();
  }

  private static ObjectRef ref(int n) {
    return new ObjectRef(ResourceKind.POD, "default", "p" + n);
  }

  @Test
  void seesTheLastStateOfEveryObjectAndNeverTwiceAtOnce() {
    long seed = 42;
    Random random = new Random(seed);
    Map<ObjectRef, Integer> desired = new ConcurrentHashMap<>();
    Map<ObjectRef, Integer> seen = new ConcurrentHashMap<>();
    Set<ObjectRef> busy = ConcurrentHashMap.newKeySet();
    AtomicInteger active = new AtomicInteger();
    List<String> violations = java.util.Collections.synchronizedList(new ArrayList<>());
    Reconciler reconciler =
        ref -> {
          if (!busy.add(ref) || active.incrementAndGet() > WORKERS) {
            violations.add(ref.toString());
          }
          seen.put(ref, desired.getOrDefault(ref, 0));
          active.decrementAndGet();
          busy.remove(ref);
          return Outcome.DONE;
        };
    try (ControlLoop loop = new ControlLoop("test", WORKERS, reconciler, failure -> true, timer)) {
      loop.start();
      for (int i = 0; i < 20_000; i++) {
        ObjectRef ref = ref(random.nextInt(50));
        desired.merge(ref, 1, Integer::sum);
        loop.enqueue(ref);
      }
      await().atMost(Duration.ofSeconds(60)).until(() -> seen.equals(desired));
    }
    assertThat(violations).as("seed %d", seed).isEmpty();
  }

  @Test
  void triesAFailingObjectAgainAndTheOthersMeanwhile() {
    AtomicInteger tries = new AtomicInteger();
    Set<ObjectRef> done = ConcurrentHashMap.newKeySet();
    Reconciler reconciler =
        ref -> {
          if (ref.equals(ref(0)) && tries.incrementAndGet() < 3) {
            throw dev.jctl.controller.resources.ApiException.badRequest("not yet");
          }
          done.add(ref);
          return Outcome.DONE;
        };
    try (ControlLoop loop = new ControlLoop("test", 1, reconciler, failure -> true, timer)) {
      loop.enqueue(ref(0));
      loop.enqueue(ref(1));
      loop.start();
      await().atMost(Duration.ofSeconds(60)).until(() -> done.contains(ref(1)) && tries.get() >= 1);
      await().atMost(Duration.ofSeconds(60)).until(() -> done.contains(ref(0)));
    }
    assertThat(tries).hasValue(3);
  }

  @Test
  void ofSeveralDelaysTheEarliestCounts() {
    AtomicInteger passes = new AtomicInteger();
    Reconciler reconciler =
        ref -> {
          passes.incrementAndGet();
          return Outcome.DONE;
        };
    try (ControlLoop loop = new ControlLoop("test", 1, reconciler, failure -> true, timer)) {
      loop.start();
      loop.enqueueAfter(ref(0), Duration.ofHours(1));
      loop.enqueueAfter(ref(0), Duration.ofMillis(1));
      loop.enqueueAfter(ref(0), Duration.ofHours(2));
      await().atMost(Duration.ofSeconds(60)).until(() -> passes.get() == 1);
    }
  }

  @Test
  void doublesTheDelayUpToItsBound() {
    Backoff backoff = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(1));
    assertThat(backoff.delay(1, 1)).hasMillis(100);
    assertThat(backoff.delay(3, 1)).hasMillis(400);
    assertThat(backoff.delay(3, 0)).hasMillis(200);
    assertThat(backoff.delay(1000, 1)).hasMillis(1000);
  }
}
