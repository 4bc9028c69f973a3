package dev.jctl.controller.service;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.network.Cidr;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.manifests.model.ResourceKind;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ExternalAddressesTest {
  private static final Map<String, List<Cidr>> FRONT =
      Map.of("ns.front", List.of(Cidr.parse("10.90.0.0/24")));

  private static JsonNode service(String ip) throws IOException {
    return new ObjectMapper()
        .readTree(
            "{\"externalIPs\":[\"%s\"],\"ports\":[{\"port\":80},{\"port\":53,\"protocol\":\"UDP\"}]}"
                .formatted(ip));
  }

  @Test
  void anAddressIsOneServicesPortByPortHoweverItIsWritten() throws IOException {
    Map<String, String> holders = Map.of(ExternalAddresses.taken(service("fd00::1")).get(1), "a.b");
    assertThat(ExternalAddresses.refusal(service("fd00:0:0::1"), holders, FRONT))
        .get()
        .extracting(Allocation.Result.Refused::reason, Allocation.Result.Refused::message)
        .containsExactly(
            "ExternalIPTaken",
            "UDP fd00:0:0:0:0:0:0:1 port 53 leads to Service a.b; choose another external address"
                + " or port");
    assertThat(ExternalAddresses.refusal(service("fd00::2"), holders, FRONT)).isEmpty();
  }

  @Test
  void anAddressOfANetworkIsNotTakenFromIt() throws IOException {
    assertThat(ExternalAddresses.refusal(service("10.90.0.7"), Map.of(), FRONT))
        .get()
        .extracting(Allocation.Result.Refused::message)
        .asString()
        .startsWith("external address 10.90.0.7 is one of Network ns.front;");
    assertThat(ExternalAddresses.refusal(service("192.0.2.7"), Map.of(), FRONT)).isEmpty();
  }

  private static StoredObject made(String name, String created, String ready) {
    ObjectNode tree = JsonNodeFactory.instance.objectNode();
    tree.putObject("metadata").put("creationTimestamp", created);
    tree.withArray("/status/conditions").addObject().put("type", "Ready").put("status", ready);
    return new StoredObject(new ObjectRef(ResourceKind.SERVICE, "ns", name), tree, 1);
  }

  @Test
  void whoHadAnAddressKeepsItElseTheOlderOneHasIt() {
    StoredObject served = made("z", "2026-01-02T00:00:00Z", "True");
    StoredObject old = made("b", "2026-01-01T00:00:00Z", "False");
    StoredObject same = made("a", "2026-01-02T00:00:00Z", "False");
    StoredObject late = made("c", "2026-01-02T00:00:00Z", "False");
    assertThat(Stream.of(late, same, old, served).sorted(ExternalAddresses.FIRST))
        .containsExactly(served, old, same, late);
  }
}
