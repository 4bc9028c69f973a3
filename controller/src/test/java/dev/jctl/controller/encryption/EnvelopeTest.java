package dev.jctl.controller.encryption;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class EnvelopeTest {
  private static final String PLACE = "/registry/core/secrets/default/login";
  private static final byte[] VALUE = "{\"data\":\"horse\"}".getBytes(StandardCharsets.UTF_8);

  private final SealingKey key = SealingKey.random();

  @Test
  void whatWasSealedOpensAndTellsItsKey() throws Envelope.SealBroken {
    byte[] sealed = Envelope.seal(key, PLACE, VALUE);
    assertThat(Envelope.isOne(sealed)).isTrue();
    assertThat(Envelope.isOne(VALUE)).isFalse();
    assertThat(Envelope.keyId(sealed)).isEqualTo(key.id());
    assertThat(Envelope.open(key, PLACE, sealed)).isEqualTo(VALUE);
    assertThat(new String(sealed, StandardCharsets.ISO_8859_1)).doesNotContain("horse");
  }

  @Test
  void noTwoSealsAreAlike() {
    assertThat(Envelope.seal(key, PLACE, VALUE)).isNotEqualTo(Envelope.seal(key, PLACE, VALUE));
  }

  @Test
  void aChangeOfAnyByteIsFound() {
    byte[] sealed = Envelope.seal(key, PLACE, VALUE);
    for (int i = 1; i < sealed.length; i++) {
      byte[] changed = sealed.clone();
      changed[i] ^= 1;
      assertThatThrownBy(() -> Envelope.open(key, PLACE, changed))
          .isInstanceOf(Envelope.SealBroken.class);
    }
    for (int length = 1; length < sealed.length; length++) {
      byte[] cut = Arrays.copyOf(sealed, length);
      assertThatThrownBy(() -> Envelope.open(key, PLACE, cut))
          .isInstanceOf(Envelope.SealBroken.class);
    }
  }

  @Test
  void oneThatWasMovedToAnotherObjectDoesNotOpen() {
    byte[] sealed = Envelope.seal(key, PLACE, VALUE);
    assertThatThrownBy(() -> Envelope.open(key, PLACE + "2", sealed))
        .isInstanceOf(Envelope.SealBroken.class);
    assertThatThrownBy(() -> Envelope.open(SealingKey.random(), PLACE, sealed))
        .isInstanceOf(Envelope.SealBroken.class);
  }
}
