package dev.jctl.shim.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jctl.shim.RuntimeFailure;
import org.junit.jupiter.api.Test;

/** Which profile and label a process gets on a machine that has none to give. */
final class AppArmorProfileTest {
  private final AppArmorProfile profile = AppArmorProfile.none();

  @Test
  void noneUnlessOneIsAskedFor() {
    assertThat(profile.resolve(null)).isNull();
    assertThat(profile.resolve("unconfined")).isNull();
    assertThat(profile.resolve("own")).isEqualTo("own");
    assertThat(profile.warning()).isEmpty();
  }

  @Test
  void labelsOfSeLinuxAreLeftOut() {
    assertThat(SeLinux.ABSENT.resolve("system_u:system_r:container_t:s0")).isNull();
    assertThat(SeLinux.IN_FORCE.resolve("system_u:system_r:container_t:s0"))
        .isEqualTo("system_u:system_r:container_t:s0");
  }

  @Test
  void theDefaultIsRefusedToWhoRequiresIt() {
    assertThatThrownBy(() -> profile.resolve("runtime/default"))
        .isInstanceOf(RuntimeFailure.class)
        .hasMessageContaining("AppArmor is not in force on this machine");
  }
}
