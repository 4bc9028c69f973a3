package dev.jctl.controller.pod;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.PodSecurityContext;
import io.fabric8.kubernetes.api.model.PodSecurityContextBuilder;
import io.fabric8.kubernetes.api.model.SELinuxOptions;
import io.fabric8.kubernetes.api.model.SecurityContext;
import io.fabric8.kubernetes.api.model.SecurityContextBuilder;
import org.junit.jupiter.api.Test;

class SeLinuxLabelsTest {
  private static final PodSecurityContext POD =
      new PodSecurityContextBuilder()
          .withSeLinuxOptions(new SELinuxOptions("s0:c1,c2", null, null, "staff_u"))
          .build();

  private static SecurityContext container(SELinuxOptions options) {
    return new SecurityContextBuilder().withSeLinuxOptions(options).build();
  }

  @Test
  void whatIsNotSaidIsAsInThePolicyOfContainers() {
    assertThat(SeLinuxLabels.of(POD, null))
        .contains(
            new SeLinuxLabels(
                "staff_u:system_r:container_t:s0:c1,c2",
                "staff_u:object_r:container_file_t:s0:c1,c2"));
  }

  @Test
  void theContainersOptionsStandInThePlaceOfThePods() {
    assertThat(SeLinuxLabels.of(POD, container(new SELinuxOptions("", "r", "own_t", null))))
        .contains(
            new SeLinuxLabels("system_u:r:own_t:s0", "system_u:object_r:container_file_t:s0"));
  }

  @Test
  void whoSaysNothingAndWhoIsPrivilegedHasNone() {
    assertThat(SeLinuxLabels.of(null, null)).isEmpty();
    assertThat(SeLinuxLabels.of(null, container(new SELinuxOptions()))).isEmpty();
    assertThat(SeLinuxLabels.of(POD, new SecurityContextBuilder().withPrivileged(true).build()))
        .isEmpty();
  }
}
