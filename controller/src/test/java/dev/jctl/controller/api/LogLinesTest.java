package dev.jctl.controller.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

final class LogLinesTest {
  private static final List<byte[]> LOG =
      List.of(
          bytes("2026-01-01T00:00:00Z stdout P long "),
          bytes("2026-01-01T00:00:01Z stdout F line"),
          bytes("2026-01-01T00:00:02Z stdout F second"),
          bytes("2026-01-01T00:00:03Z stdout F third"));

  @Test
  void aTailHasNoLinesThatCameWhileItWasRead() {
    LogLines lines = new LogLines(tail(2, false));
    assertThat(text(lines.shown(LOG))).isEqualTo("long line\nsecond\n");
    assertThat(lines.isFull()).isTrue();
  }

  @Test
  void aTailOfNothingIsEmpty() {
    assertThat(text(new LogLines(tail(0, false)).shown(LOG))).isEmpty();
  }

  @Test
  void whoFollowsATailGetsAllThatComes() {
    LogLines lines = new LogLines(tail(1, true));
    assertThat(text(lines.shown(LOG))).isEqualTo("long line\nsecond\nthird\n");
    assertThat(lines.isFull()).isFalse();
  }

  private static LogQuery tail(long lines, boolean follow) {
    return new LogQuery(
        follow,
        false,
        false,
        false,
        OptionalLong.of(lines),
        OptionalLong.empty(),
        Optional.empty());
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
