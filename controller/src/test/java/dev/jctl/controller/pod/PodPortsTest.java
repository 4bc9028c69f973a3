package dev.jctl.controller.pod;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jctl.controller.network.Lease;
import dev.jctl.manifests.model.Annotations;
import dev.jctl.manifests.model.Resource;
import dev.jctl.shim.spec.Exposure;
import dev.jctl.shim.spec.PortSpec;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.PodSpec;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PodPortsTest {
  private static final List<Lease> DUAL =
      List.of(new Lease("front", List.of("10.90.0.2/24", "fd00:90::2/64")));
  private static final List<Lease> IPV4 = List.of(new Lease("front", List.of("10.90.0.2/24")));

  private static List<PortSpec> published(String publish, List<Lease> leases) {
    ObjectMeta metadata = new ObjectMeta();
    metadata.setName("p");
    metadata.setAnnotations(Map.of(Annotations.PUBLISH, publish));
    PodSpec spec = new PodSpec();
    ContainerPort port = new ContainerPort();
    port.setContainerPort(80);
    port.setHostPort(8080);
    spec.setContainers(List.of(new ContainerBuilder().withName("c").withPorts(port).build()));
    return PodPorts.of(new Resource.Pod(metadata, spec, null), "uid", leases);
  }

  private static PortSpec port(String protocol, String hostIp, int host, String ip, int own) {
    return new PortSpec("uid", protocol, hostIp, host, ip, own, Exposure.LOCALHOST);
  }

  @Test
  void aRangeLeadsFromEachPortToItsOwn() {
    assertThat(published("[\"8000-8002:9000-9002/udp\"]", IPV4))
        .containsExactly(
            port("TCP", "0.0.0.0", 8080, "10.90.0.2", 80),
            port("UDP", "0.0.0.0", 8000, "10.90.0.2", 9000),
            port("UDP", "0.0.0.0", 8001, "10.90.0.2", 9001),
            port("UDP", "0.0.0.0", 8002, "10.90.0.2", 9002));
  }

  @Test
  void aRangeIsOfEachFamilyUnlessItsAddressIsOfOne() {
    assertThat(published("[\"81:81\", \"[::1]:82:82\", \"127.0.0.1:83:83\"]", DUAL))
        .contains(
            port("TCP", "0.0.0.0", 81, "10.90.0.2", 81),
            port("TCP", "::", 81, "fd00:90::2", 81),
            port("TCP", "::1", 82, "fd00:90::2", 82),
            port("TCP", "127.0.0.1", 83, "10.90.0.2", 83))
        .hasSize(6);
  }

  @Test
  void aThousandPortsAreAThousand() {
    assertThat(published("[\"20000-20999:1-1000\"]", IPV4)).hasSize(1001);
  }
}
