package dev.jctl.manifests.codec;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each line is what kubectl 1.32 makes of the text. */
final class PlainScalarsTest {
  @ParameterizedTest
  @CsvSource({
    "yes,true",
    "y,true",
    "On,true",
    "TRUE,true",
    "no,false",
    "N,false",
    "off,false",
    "~,null",
    "Null,null",
    "yEs,\"yEs\"",
    "0644,420",
    "0o644,420",
    "0x10,16",
    "0b11,3",
    "-0x10,-16",
    "1_000,1000",
    "+1,1",
    "1e3,1000",
    "1.0,1",
    "5.,5",
    ".5,0.5",
    "08,8",
    "-0,0",
    "12:30:45,\"12:30:45\"",
    "2020-01-01,\"2020-01-01\"",
    "1e400,\"1e400\"",
    "1.2.3,\"1.2.3\"",
    "9223372036854775807,9223372036854775807",
    "500m,\"500m\"",
    "0x,\"0x\"",
    "-,\"-\"",
    ".,\".\""
  })
  void resolvesAsKubectlDoes(String text, String json) {
    assertThat(PlainScalars.resolve(text).toString()).isEqualTo(json);
  }
}
