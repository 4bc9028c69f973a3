package dev.jctl.controller.service;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.jctl.controller.network.Cidr;
import dev.jctl.controller.service.Allocation.Result;
import dev.jctl.controller.service.Allocation.Taken;
import dev.jctl.controller.testing.Json;
import dev.jctl.manifests.model.ResourceKind;
import dev.jctl.manifests.schema.KindRules;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class AllocationTest {
  private static final Taken NOTHING = new Taken(Map.of(), Map.of(), Set.of(), List.of());

  private static JsonNode allocated(String spec, Taken taken) {
    Result result = Allocation.of("ns.web", Json.tree(spec), taken);
    assertThat(result).isInstanceOf(Result.Allocated.class);
    return ((Result.Allocated) result).spec();
  }

  private static Result.Refused refused(String spec, Taken taken) {
    Result result = Allocation.of("ns.web", Json.tree(spec), taken);
    assertThat(result).isInstanceOf(Result.Refused.class);
    return (Result.Refused) result;
  }

  /** The rules of manifests, which know nothing of the runtime, have these ranges once more. */
  @Test
  void whatIsGivenOutMayBeAskedFor() {
    List<Cidr> pools = new ArrayList<>(Allocation.POOLS4);
    pools.add(Allocation.POOL6);
    assertThat(pools)
        .map(pool -> Json.tree("{ports: [{port: 80}], clusterIP: '%s'}".formatted(pool.address(1))))
        .allSatisfy(
            spec ->
                assertThat(
                        KindRules.check(
                            ResourceKind.SERVICE,
                            JsonNodeFactory.instance.objectNode().set("spec", spec)))
                    .isEmpty());
  }

  @Test
  void theSameServiceGetsTheSameAddressAndKeepsIt() {
    JsonNode first = allocated("{ports:[{port:80}]}", NOTHING);
    String address = first.path("clusterIP").asText();
    assertThat(address).startsWith("10.96.");
    assertThat(allocated("{ports:[{port:80}]}", NOTHING)).isEqualTo(first);
    assertThat(allocated(first.toString(), NOTHING)).isEqualTo(first);
    Taken others = new Taken(Map.of(address, "ns.other"), Map.of(), Set.of(), List.of());
    assertThat(allocated("{ports:[{port:80}]}", others).path("clusterIP").asText())
        .isNotEqualTo(address)
        .startsWith("10.96.");
  }

  @Test
  void thePoolIsOneThatTheMachineDoesNotUse() {
    Taken routed =
        new Taken(
            Map.of(),
            Map.of(),
            Set.of(),
            List.of(Cidr.parse("10.96.0.0/15"), Cidr.parse("10.98.7.0/24")));
    assertThat(allocated("{ports:[{port:80}]}", routed).path("clusterIP").asText())
        .startsWith("10.99.");
    List<Cidr> all = new ArrayList<>(Allocation.POOLS4);
    assertThat(
            refused("{ports:[{port:80}]}", new Taken(Map.of(), Map.of(), Set.of(), all)).reason())
        .isEqualTo("PoolExhausted");
  }

  @Test
  void anAddressOrNodePortThatAnotherHasIsRefusedWithItsHolder() {
    Taken taken =
        new Taken(Map.of("10.96.0.10", "ns.db"), Map.of("TCP 30080", "ns.db"), Set.of(), List.of());
    assertThat(refused("{clusterIP:'10.96.0.10',ports:[{port:80}]}", taken).message())
        .isEqualTo("10.96.0.10 is held by Service ns.db; remove spec.clusterIP or choose another");
    assertThat(refused("{type:'NodePort',ports:[{port:80,nodePort:30080}]}", taken).reason())
        .isEqualTo("NodePortTaken");
  }

  @Test
  void nodePortsAreDistinctAndDualStackHasTwoAddresses() {
    JsonNode spec =
        allocated(
            "{type:'NodePort',ipFamilyPolicy:'PreferDualStack',ports:[{port:80},{port:81}]}",
            NOTHING);
    assertThat(spec.at("/ports/0/nodePort").asInt())
        .isBetween(30_000, 32_767)
        .isNotEqualTo(spec.at("/ports/1/nodePort").asInt());
    assertThat(spec.at("/clusterIPs/1").asText()).startsWith("fd6a:6374:6c36:");
  }

  @Test
  void whatAContainerHasPublishedIsGivenToNobodyWhoDoesNotAskForIt() {
    String spec = "{type:'NodePort',ports:[{port:80}]}";
    int first = allocated(spec, NOTHING).at("/ports/0/nodePort").asInt();
    Taken published = new Taken(Map.of(), Map.of(), Set.of("TCP " + first), List.of());
    assertThat(allocated(spec, published).at("/ports/0/nodePort").asInt())
        .isBetween(30_000, 32_767)
        .isNotEqualTo(first);
  }

  @Test
  void aLoadBalancerHasNodePortsUnlessItIsToHaveNone() {
    String spec = "{type:'LoadBalancer',allocateLoadBalancerNodePorts:%s,ports:[{port:80}]}";
    assertThat(allocated(spec.formatted("true"), NOTHING).at("/ports/0/nodePort").asInt())
        .isBetween(30_000, 32_767);
    assertThat(allocated(spec.formatted("false"), NOTHING).at("/ports/0").has("nodePort"))
        .isFalse();
  }

  @Test
  void aNameAloneHasNoAddress() {
    assertThat(allocated("{clusterIP:'None'}", NOTHING).at("/clusterIPs/0").asText())
        .isEqualTo("None");
    JsonNode external =
        allocated("{type:'ExternalName',externalName:'a.b',clusterIP:'10.96.0.1'}", NOTHING);
    assertThat(external.has("clusterIP")).isFalse();
  }
}
