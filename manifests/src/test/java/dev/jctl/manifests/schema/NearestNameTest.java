package dev.jctl.manifests.schema;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

final class NearestNameTest {
  private static final List<String> NAMES = List.of("image", "command", "ports", "env", "tty");

  @Test
  void findsTheNameThatWasMeant() {
    assertThat(NearestName.of("imag", NAMES)).contains("image");
    assertThat(NearestName.of("iamge", NAMES)).contains("image");
    assertThat(NearestName.of("IMAGE", NAMES)).contains("image");
    assertThat(NearestName.of("comand", NAMES)).contains("command");
    assertThat(NearestName.of("evn", NAMES)).contains("env");
  }

  @Test
  void offersNothingForAnotherWord() {
    assertThat(NearestName.of("volumes", NAMES)).isEmpty();
    assertThat(NearestName.of("xx", NAMES)).isEmpty();
    assertThat(NearestName.of("", NAMES)).isEmpty();
  }

  @Test
  void countsASwapAsOneEdit() {
    assertThat(NearestName.distance("ab", "ba")).isEqualTo(1);
    assertThat(NearestName.distance("kitten", "sitting")).isEqualTo(3);
    assertThat(NearestName.distance("", "abc")).isEqualTo(3);
  }
}
