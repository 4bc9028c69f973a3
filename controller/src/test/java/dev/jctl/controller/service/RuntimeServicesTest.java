package dev.jctl.controller.service;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.manifests.model.ResourceKind;
import dev.jctl.shim.spec.Exposure;
import io.fabric8.kubernetes.api.model.ServiceSpec;
import io.fabric8.kubernetes.api.model.ServiceSpecBuilder;
import java.util.List;
import org.junit.jupiter.api.Test;

class RuntimeServicesTest {
  private static int affinitySeconds(ServiceSpec spec) {
    ObjectRef web = new ObjectRef(ResourceKind.SERVICE, "default", "web");
    return RuntimeServices.of(web, spec, List.of(), Exposure.LOCALHOST).affinitySeconds();
  }

  @Test
  void clientsAreKeptForAsLongAsIsSaidOrThreeHours() {
    ServiceSpec sticky =
        new ServiceSpecBuilder()
            .withSessionAffinity("ClientIP")
            .withNewSessionAffinityConfig()
            .withNewClientIP(60)
            .endSessionAffinityConfig()
            .build();
    assertThat(affinitySeconds(sticky)).isEqualTo(60);
    assertThat(affinitySeconds(new ServiceSpecBuilder().withSessionAffinity("ClientIP").build()))
        .isEqualTo(10_800);
    assertThat(affinitySeconds(new ServiceSpecBuilder().withSessionAffinity("None").build()))
        .isZero();
  }
}
