package dev.jctl.controller.pod;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jctl.controller.network.Lease;
import dev.jctl.shim.spec.SandboxSpec.Dns;
import io.fabric8.kubernetes.api.model.PodDNSConfig;
import io.fabric8.kubernetes.api.model.PodDNSConfigOption;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodSpecBuilder;
import java.util.List;
import org.junit.jupiter.api.Test;

class DnsNamesTest {
  private static final Lease LEASE = new Lease("front", List.of("10.90.0.2/24", "fd00:90::2/64"));

  private static List<String> names(String name, PodSpec spec, String... aliases) {
    return DnsNames.of(name, "shop", List.of(aliases), spec, LEASE);
  }

  @Test
  void aPodIsFoundByNameAliasAndAddress() {
    assertThat(names("Web", new PodSpec(), "www", "a.example"))
        .containsExactly(
            "web.shop.pod.cluster.local",
            "web",
            "web.shop",
            "web.shop.svc.cluster.local",
            "www",
            "www.shop",
            "www.shop.svc.cluster.local",
            "a.example",
            "a.example.shop",
            "a.example.shop.svc.cluster.local",
            "10-90-0-2.shop.pod.cluster.local",
            "fd00-90--2.shop.pod.cluster.local");
  }

  @Test
  void aSubdomainGivesTheFullName() {
    PodSpec spec = new PodSpecBuilder().withHostname("db").withSubdomain("data").build();
    assertThat(names("db-0", spec)).contains("db.data", "db.data.shop.svc.cluster.local");
    assertThat(DnsNames.own("db", "shop", List.of("store"), spec))
        .containsExactly("db.data.shop.svc.cluster.local", "db", "store");
  }

  @Test
  void whatDnsHasNoRoomForIsLeftOut() {
    assertThat(names("x".repeat(64), new PodSpec()))
        .containsExactly("10-90-0-2.shop.pod.cluster.local", "fd00-90--2.shop.pod.cluster.local");
  }

  @Test
  void policyAndConfigSayWhomToAsk() {
    PodSpec spec = new PodSpec();
    assertThat(DnsNames.dns(spec, "shop", true))
        .isEqualTo(
            new Dns(
                Dns.Source.NETWORKS,
                List.of(),
                List.of("shop.svc.cluster.local", "svc.cluster.local", "cluster.local"),
                List.of("ndots:5")));
    assertThat(DnsNames.dns(spec, "shop", false)).isEqualTo(Dns.OF_HOST);
    spec.setDnsPolicy("Default");
    assertThat(DnsNames.dns(spec, "shop", true)).isEqualTo(Dns.OF_HOST);
    spec.setDnsConfig(
        new PodDNSConfig(
            List.of("192.0.2.1"),
            List.of(new PodDNSConfigOption("ndots", "2"), new PodDNSConfigOption("rotate", null)),
            List.of("corp.example")));
    spec.setDnsPolicy("None");
    assertThat(DnsNames.dns(spec, "shop", true))
        .isEqualTo(
            new Dns(
                Dns.Source.NONE,
                List.of("192.0.2.1"),
                List.of("corp.example"),
                List.of("ndots:2", "rotate")));
    spec.setDnsPolicy("ClusterFirst");
    assertThat(DnsNames.dns(spec, "shop", true).options()).containsExactly("ndots:2", "rotate");
  }
}
