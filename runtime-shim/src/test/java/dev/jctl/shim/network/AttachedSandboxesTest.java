package dev.jctl.shim.network;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jctl.shim.netlink.Changes.Change;
import dev.jctl.shim.network.Networking.Attached;
import dev.jctl.shim.spec.SandboxSpec;
import dev.jctl.shim.spec.SandboxSpec.NetworkAttachment;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class AttachedSandboxesTest {
  private final Names names = new Names("0a1b2c3d");
  private final AttachedSandboxes sandboxes = new AttachedSandboxes(names);

  private static Attached attached(String id, String... interfaces) {
    List<NetworkAttachment> networks =
        List.of(interfaces).stream()
            .map(name -> new NetworkAttachment("net", name, List.of(), null, List.of()))
            .toList();
    SandboxSpec spec =
        new SandboxSpec(
            id,
            id,
            Set.of(),
            networks,
            SandboxSpec.Dns.OF_HOST,
            Map.of(),
            Map.of(),
            null,
            Map.of());
    return new Attached(spec, Path.of("/run/netns", id));
  }

  private List<String> concernedBy(Change... changes) {
    return sandboxes.concernedBy(Set.of(changes)).stream().map(a -> a.sandbox().id()).toList();
  }

  @Test
  void aSandboxIsFoundByItsLinksAndByItsNamespace() {
    sandboxes.put(attached("one", "eth0", "eth1"));
    sandboxes.put(attached("two", "eth0"));
    sandboxes.number(7, "two");
    assertThat(concernedBy(new Change.Here(names.veth("one", "eth1")))).containsExactly("one");
    assertThat(concernedBy(new Change.Elsewhere(7))).containsExactly("two");
    assertThat(concernedBy(new Change.Here("eth0"), new Change.Elsewhere(8), new Change.Filters()))
        .isEmpty();
  }

  @Test
  void anInterfaceThatItHasNoMoreLeadsNowhere() {
    sandboxes.put(attached("one", "eth0", "eth1"));
    sandboxes.put(attached("one", "eth0"));
    assertThat(concernedBy(new Change.Here(names.veth("one", "eth1")))).isEmpty();
    sandboxes.remove("one");
    assertThat(concernedBy(new Change.Here(names.veth("one", "eth0")))).isEmpty();
  }

  @Test
  void aNamespaceOfNobodyConcernsOnlyThoseWithoutANumber() {
    sandboxes.put(attached("one", "eth0"));
    sandboxes.put(attached("two", "eth0"));
    sandboxes.number(1, "one");
    assertThat(sandboxes.perhapsConcernedBy(Set.of(new Change.Elsewhere(1)))).isEmpty();
    assertThat(sandboxes.perhapsConcernedBy(Set.of(new Change.Elsewhere(2))))
        .containsExactly("two");
  }
}
