package dev.jctl.shim.log;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.time.Instant;
import org.junit.jupiter.api.Test;

final class CriFramingTest {
  private static final Instant TIME = Instant.parse("2016-10-06T00:17:09.669794202Z");

  private static String encode(String raw, boolean finished, int expectedTaken) {
    ByteBuffer out = ByteBuffer.allocate(1 << 20);
    ByteBuffer in = ByteBuffer.wrap(raw.getBytes(UTF_8));
    int taken = CriFraming.encode(in, OutputStreamName.STDERR, TIME, finished, out);
    assertThat(taken).isEqualTo(expectedTaken);
    return UTF_8.decode(out.flip()).toString();
  }

  @Test
  void completeLinesAreTakenAndTheRestWaits() {
    assertThat(encode("a\n\nb", false, 3))
        .isEqualTo(
            """
            2016-10-06T00:17:09.669794202Z stderr F a
            2016-10-06T00:17:09.669794202Z stderr F\s
            """);
  }

  @Test
  void theRestIsALineAtTheEnd() {
    assertThat(encode("b", true, 1)).isEqualTo("2016-10-06T00:17:09.669794202Z stderr F b\n");
  }

  @Test
  void longLinesAreCutIntoPieces() {
    String piece = "x".repeat(CriFraming.MAX_PIECE);
    assertThat(encode(piece + "y\n", false, piece.length() + 2))
        .isEqualTo(
            "2016-10-06T00:17:09.669794202Z stderr P "
                + piece
                + "\n2016-10-06T00:17:09.669794202Z stderr F y\n");
    assertThat(encode("x" + piece, false, piece.length())).contains(" P ");
  }
}
