package dev.jctl.controller.pod;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jctl.controller.fake.FakeRuntime;
import dev.jctl.shim.spec.Observed.VolumeUsage.Limit;
import dev.jctl.shim.spec.VolumeSpec;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodSpecBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class EvictionsTest {
  private static final String EXCEEDED =
      "Usage of EmptyDir volume \"scratch\" exceeds the limit \"1Mi\".";
  private static final long LIMIT = 1 << 20;

  private Instant now = Instant.parse("2026-01-01T00:00:00Z");
  private final FakeRuntime runtime = new FakeRuntime(() -> now);
  private final Evictions evictions = new Evictions(runtime, () -> now);

  @BeforeEach
  void makeVolume() {
    runtime.ensureVolume(
        new VolumeSpec(PodNames.volumeId("uid", "scratch"), VolumeSpec.Driver.LOCAL, LIMIT));
  }

  private static PodSpec pod(String medium, @Nullable String limit) {
    return new PodSpecBuilder()
        .addNewVolume()
        .withName("scratch")
        .withNewEmptyDir()
        .withMedium(medium)
        .withSizeLimit(limit == null ? null : new Quantity(limit))
        .endEmptyDir()
        .endVolume()
        .build();
  }

  private void fill(long bytes) {
    runtime.fillVolumes(bytes, Limit.MEASURED);
  }

  @Test
  void saysSoInKubeletsWordsOnceThereIsMoreThanTheLimit() {
    PodSpec pod = pod("", "1Mi");
    fill(LIMIT);
    assertThat(evictions.of("uid", pod)).isEmpty();
    assertThat(evictions.next("uid")).contains(now.plusSeconds(10));

    fill(LIMIT + 1);
    now = now.plusSeconds(9);
    assertThat(evictions.of("uid", pod)).as("it is too early to look again").isEmpty();
    now = now.plusSeconds(1);
    assertThat(evictions.of("uid", pod)).contains(EXCEEDED);
    assertThat(evictions.next("uid")).isEmpty();
  }

  @Test
  void sticksToItThoughThePodMakesRoomWhileItEnds() {
    PodSpec pod = pod("", "1Mi");
    fill(LIMIT + 1);
    assertThat(evictions.of("uid", pod)).isPresent();
    fill(0);
    now = now.plus(Duration.ofMinutes(1));
    assertThat(evictions.of("uid", pod)).contains(EXCEEDED);
    evictions.forget("uid");
    assertThat(evictions.of("uid", pod)).isEmpty();
  }

  @Test
  void doesNotMeasureWhatIsInMemoryOrHasNoLimit() {
    fill(LIMIT + 1);
    assertThat(evictions.of("uid", pod("Memory", "1Mi"))).isEmpty();
    assertThat(evictions.of("uid", pod("", null))).isEmpty();
    assertThat(evictions.of("uid", pod("", "0"))).isEmpty();
    assertThat(evictions.next("uid")).isEmpty();
  }
}
