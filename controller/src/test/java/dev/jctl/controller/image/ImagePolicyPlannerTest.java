package dev.jctl.controller.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.jctl.manifests.model.ImagePolicySpec;
import dev.jctl.manifests.model.ImageStatus.Followed;
import dev.jctl.manifests.model.ImageStatus.Rejected;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class ImagePolicyPlannerTest {
  /** A Thursday. */
  private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");

  private static ImagePolicySpec policy(String schedule) {
    List<ImagePolicySpec.Window> windows =
        schedule.isEmpty() ? List.of() : List.of(new ImagePolicySpec.Window(schedule, "2h", null));
    return new ImagePolicySpec("1.x", null, null, "10m", windows, "1m");
  }

  private static Followed has(Followed f, String tag) {
    return ImagePolicyPlanner.checked(f, reference(tag), NOON);
  }

  private static String reference(String tag) {
    return "r.test/web:" + tag + "@sha256:" + tag;
  }

  private static Followed running(String tag) {
    ImagePolicySpec any = policy("");
    Followed taken = ImagePolicyPlanner.adopted(any, has(ImagePolicyPlanner.NOTHING, tag), NOON);
    return ImagePolicyPlanner.judged(any, taken, List.of(), NOON);
  }

  @Test
  void theFirstIsTakenAtOnceOthersWhenAWindowOpens() {
    ImagePolicySpec nightly = policy("0 2 * * *");
    Followed first =
        ImagePolicyPlanner.adopted(nightly, has(ImagePolicyPlanner.NOTHING, "1.0.0"), NOON);
    assertThat(first.selected()).isEqualTo(reference("1.0.0"));
    Followed newer = has(running("1.0.0"), "1.1.0");
    assertThat(ImagePolicyPlanner.adopted(nightly, newer, NOON)).isEqualTo(newer);
    Instant three = NOON.plus(Duration.ofHours(15));
    assertThat(ImagePolicyPlanner.adopted(nightly, newer, three).selected())
        .isEqualTo(reference("1.1.0"));
    assertThat(ImagePolicyPlanner.patience(nightly, newer, NOON)).isEqualTo(Duration.ofMinutes(10));
    Instant justBefore = NOON.plus(Duration.ofHours(14)).minusSeconds(5);
    Followed asked = ImagePolicyPlanner.checked(newer, reference("1.1.0"), justBefore);
    assertThat(ImagePolicyPlanner.patience(nightly, asked, justBefore))
        .isEqualTo(Duration.ofSeconds(5));
  }

  @Test
  void whatIsNotReadyInTimeGivesWayAndIsNotTakenAgain() {
    ImagePolicySpec any = policy("");
    Followed bad = ImagePolicyPlanner.adopted(any, has(running("1.0.0"), "1.1.0"), NOON);
    List<String> problems = List.of("web: CrashLoopBackOff");
    assertThat(ImagePolicyPlanner.judged(any, bad, problems, NOON.plusSeconds(59))).isEqualTo(bad);
    Followed back = ImagePolicyPlanner.judged(any, bad, problems, NOON.plusSeconds(60));
    assertThat(back.selected()).isEqualTo(reference("1.0.0"));
    assertThat(back.result()).isEqualTo("Returned");
    assertThat(back.rejected())
        .extracting(Rejected::reference, Rejected::message)
        .containsExactly(tuple(reference("1.1.0"), "web: CrashLoopBackOff"));
    assertThat(ImagePolicyPlanner.adopted(any, has(back, "1.1.0"), NOON).selected())
        .isEqualTo(reference("1.0.0"));
    assertThat(ImagePolicyPlanner.adopted(any, has(back, "1.2.0"), NOON).selected())
        .isEqualTo(reference("1.2.0"));
  }

  @Test
  void withNothingToGoBackToItStays() {
    ImagePolicySpec any = policy("");
    Followed only = ImagePolicyPlanner.adopted(any, has(ImagePolicyPlanner.NOTHING, "1.0.0"), NOON);
    Followed judged = ImagePolicyPlanner.judged(any, only, List.of("x"), NOON.plusSeconds(60));
    assertThat(judged.selected()).isEqualTo(reference("1.0.0"));
    assertThat(judged.result()).isEqualTo("Unhealthy");
  }
}
