package dev.jctl.images.dockerfile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

final class IgnorePatternsTest {
  private static final IgnorePatterns PATTERNS =
      IgnorePatterns.parse(
          ".dockerignore",
          """
          # a remark
          *.log
          **/*.o
          /build/
          docs
          !docs/README.md
          temp?
          """);

  @Test
  void leavesOutWhatMatchesAndWhatLiesBelowIt() {
    assertThat(PATTERNS.ignores("a.log")).isTrue();
    assertThat(PATTERNS.ignores("sub/a.log")).isFalse();
    assertThat(PATTERNS.ignores("sub/deep/a.o")).isTrue();
    assertThat(PATTERNS.ignores("a.o")).isTrue();
    assertThat(PATTERNS.ignores("build/x/y")).isTrue();
    assertThat(PATTERNS.ignores("temp1")).isTrue();
    assertThat(PATTERNS.ignores("temp12")).isFalse();
  }

  @Test
  void keepsWhatALaterLineKeeps() {
    assertThat(PATTERNS.ignores("docs/a.md")).isTrue();
    assertThat(PATTERNS.ignores("docs/README.md")).isFalse();
    assertThat(PATTERNS.keepsNothingAgain()).isFalse();
  }

  @Test
  void saysWhichLineIsWrong() {
    assertThatThrownBy(() -> IgnorePatterns.parse(".dockerignore", "a\n[b\n"))
        .hasMessageStartingWith(".dockerignore:2: '[' without ']'");
  }
}
