package dev.jctl.controller.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jctl.images.ImageException;
import dev.jctl.manifests.model.ImagePolicySpec.Newest;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TagChoiceTest {
  private static final List<String> TAGS =
      List.of(
          "1.9.0", "v1.10.0", "1.2", "2.0.0", "2.1.0-rc.1", "latest", "main-abc-9", "main-d-10");

  @Test
  void theHighestVersionOfARangeIsTaken() {
    assertThat(TagChoice.highest("1.x", TAGS)).contains("v1.10.0");
    assertThat(TagChoice.highest(">=2", TAGS)).contains("2.0.0");
    assertThat(TagChoice.highest("3.x", TAGS)).isEmpty();
  }

  @Test
  void theNewestIsTheLastByWhatThePatternCatches() {
    assertThat(newest("main-[a-z]+-(\\d+)", "Numerical")).contains("main-d-10");
    assertThat(newest("main-[a-z]+-(?<key>\\d+)", "Alphabetical")).contains("main-abc-9");
    assertThat(newest("main-.*", "Numerical")).as("what is caught is no number").isEmpty();
    assertThat(newest("latest", "Alphabetical")).contains("latest");
  }

  private static Optional<String> newest(String pattern, String order) {
    return TagChoice.newest(new Newest(pattern, order), TAGS);
  }

  @Test
  void aPatternThatNeverEndsIsEnded() {
    List<String> tags = List.of("a".repeat(100));
    assertThatThrownBy(() -> TagChoice.newest(new Newest("((a|aa)+)\\1c", null), tags))
        .isInstanceOf(ImageException.class)
        .hasMessageContaining("takes too long");
  }
}
