package dev.jctl.shim.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

final class CriTextTest {
  private static final String TIME = "2026-11-30T12:00:00.000000000Z";

  @Test
  void joinsThePiecesOfALine() {
    List<String> log =
        List.of(
            TIME + " stdout F first line",
            TIME + " stderr P the second is lo",
            TIME + " stderr F ng  and has spaces",
            TIME + " stdout F ");

    assertThat(CriText.last(log, 3)).isEqualTo("the second is long  and has spaces\n\n");
    assertThat(CriText.last(log, 80)).startsWith("first line\n");
  }
}
