package dev.jctl.shim.dns;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jctl.shim.spec.SandboxSpec.Dns;
import java.util.List;
import org.junit.jupiter.api.Test;

class ResolvConfTest {
  private static final ResolvConf STUB =
      ResolvConf.parse(
          """
          # made by somebody
          nameserver 127.0.0.53
          options edns0 trust-ad timeout:1
          search corp.example
          """);
  private static final List<String> NEIGHBOUR = List.of("169.254.53.53");

  @Test
  void neighboursAreAskedAndTheHostsSearchDomainsKept() {
    Dns dns =
        new Dns(
            Dns.Source.NETWORKS,
            List.of(),
            List.of("default.svc.cluster.local"),
            List.of("ndots:5"));
    assertThat(ResolvConf.of(dns, STUB, true, NEIGHBOUR).text())
        .isEqualTo(
            """
            nameserver 169.254.53.53
            search default.svc.cluster.local corp.example
            options ndots:5
            """);
  }

  @Test
  void theHostsLoopbackIsAskedThroughTheNeighbour() {
    assertThat(ResolvConf.of(Dns.OF_HOST, STUB, true, NEIGHBOUR).nameservers())
        .isEqualTo(NEIGHBOUR);
    assertThat(ResolvConf.of(Dns.OF_HOST, STUB, false, List.of()).nameservers())
        .containsExactly("127.0.0.53");
    ResolvConf far = ResolvConf.parse("nameserver 192.0.2.53\nnameserver ::1\n");
    assertThat(ResolvConf.of(Dns.OF_HOST, far, true, NEIGHBOUR).nameservers())
        .containsExactly("192.0.2.53");
  }

  @Test
  void noneTakesOnlyWhatIsSaid() {
    Dns dns = new Dns(Dns.Source.NONE, List.of("192.0.2.1"), List.of(), List.of("rotate"));
    assertThat(ResolvConf.of(dns, STUB, true, NEIGHBOUR).text())
        .isEqualTo("nameserver 192.0.2.1\noptions rotate\n");
  }

  @Test
  void anOptionSaidAgainTakesThePlaceOfTheHosts() {
    Dns dns = new Dns(Dns.Source.HOST, List.of(), List.of(), List.of("timeout:3"));
    assertThat(ResolvConf.of(dns, STUB, false, List.of()).options())
        .containsExactly("edns0", "trust-ad", "timeout:3");
  }
}
