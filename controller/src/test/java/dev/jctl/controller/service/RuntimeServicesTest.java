package dev.jctl.controller.service;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.manifests.model.ResourceKind;
import dev.jctl.shim.spec.Exposure;
import io.fabric8.kubernetes.api.model.ServiceSpec;
import io.fabric8.kubernetes.api.model.ServiceSpecBuilder;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
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

  private static List<String> reachable(String... addresses) {
    ServiceSpec spec = new ServiceSpecBuilder().withClusterIPs(addresses).build();
    List<Backend> both =
        Stream.of("10.90.0.2", "fd00::2")
            .map(ip -> new Backend(ip, Backend.State.READY, "a", Map.of(), null))
            .toList();
    return Backends.reachable(spec, both).stream().map(Backend::ip).toList();
  }

  /** Its node ports are of those families as well, and held for no other. */
  @Test
  void aServiceLeadsToAddressesOfItsOwnFamilies() {
    assertThat(reachable("10.96.0.10")).containsExactly("10.90.0.2");
    assertThat(reachable("fd6a::1")).containsExactly("fd00::2");
    assertThat(reachable("10.96.0.10", "fd6a::1")).containsExactly("10.90.0.2", "fd00::2");
    assertThat(reachable()).as("only a name").containsExactly("10.90.0.2", "fd00::2");
  }
}
