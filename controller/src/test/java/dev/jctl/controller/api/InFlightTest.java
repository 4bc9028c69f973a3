package dev.jctl.controller.api;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jctl.controller.access.Identity;
import dev.jctl.controller.resources.ApiException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class InFlightTest {
  private final InFlight requests = new InFlight(2);

  private InFlight.Slot enter(String user, String... groups) {
    return requests.enter(Optional.of(new Identity(user, "", List.of(groups))));
  }

  @Test
  void whoHasTooManyOpenIsSentAwayAndNobodyElse() {
    InFlight.Slot first = enter("ann");
    InFlight.Slot second = enter("ann");
    assertThatThrownBy(() -> enter("ann"))
        .isInstanceOf(ApiException.class)
        .hasMessageStartingWith("Too many requests, please try again later");
    assertThatCode(() -> enter("bob").close()).doesNotThrowAnyException();
    second.close();
    assertThatCode(() -> enter("ann")).doesNotThrowAnyException();
    assertThatThrownBy(() -> enter("ann")).isInstanceOf(ApiException.class);
    first.close();
    assertThatCode(() -> enter("ann")).doesNotThrowAnyException();
  }

  @Test
  void mastersAreExempt() {
    for (int i = 0; i < 10; i++) {
      assertThatCode(() -> enter("root", Identity.MASTERS)).doesNotThrowAnyException();
    }
  }
}
