package dev.jctl.shim.local;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jctl.shim.spec.OciSpec;
import dev.jctl.shim.spec.SandboxSpec;
import dev.jctl.shim.spec.SandboxSpec.NetworkAttachment;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SandboxFilesTest {
  @Test
  void eachAddressIsOnceInHostsWithTheNamesThatAreAskedForIt() {
    SandboxSpec sandbox =
        new SandboxSpec(
            "id",
            "web",
            Set.of(),
            List.of(
                new NetworkAttachment(
                    "a", "eth0", List.of("10.90.0.2/24", "fd00::2/64"), null, List.of())),
            SandboxSpec.Dns.OF_HOST,
            Map.of("10.90.0.2", List.of("web", "www"), "192.0.2.9", List.of("db")),
            Map.of(),
            new OciSpec.Resources(List.of(), null, null, null, Map.of()),
            Map.of());
    assertThat(SandboxFiles.hosts(sandbox))
        .isEqualTo(
            """
            127.0.0.1\tlocalhost
            ::1\tlocalhost ip6-localhost ip6-loopback
            fd00::2\tweb
            10.90.0.2\tweb www
            192.0.2.9\tdb
            """);
  }
}
