package dev.jctl.controller.network;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.manifests.model.NetworkSpec;
import dev.jctl.manifests.model.Resource;
import dev.jctl.manifests.model.ResourceKind;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class NetworkPlannerTest {
  private static final ObjectRef FRONT = new ObjectRef(ResourceKind.NETWORK, "default", "front");
  private static final ObjectRef OTHER = new ObjectRef(ResourceKind.NETWORK, "shop", "other");

  private static NetworkAction plan(
      List<String> subnets, List<String> families, List<String> routes) {
    return plan(
        new NetworkSpec(null, null, null, families, subnets, null, null, null, null, null), routes);
  }

  private static NetworkAction plan(NetworkSpec spec, List<String> routes) {
    Resource.Network network =
        new Resource.Network(
            new ObjectMetaBuilder().withName("front").withUid("uid-front").build(), spec, null);
    return NetworkPlanner.plan(
        new NetworkPlanner.Input(
            FRONT,
            network,
            false,
            Map.of(OTHER, AddressPool.parseAll(List.of("10.91.0.0/16"))),
            List.of(),
            AddressPool.parseAll(routes),
            List.of(),
            false,
            Optional.empty()));
  }

  private static NetworkAction.Refuse refused(NetworkAction action) {
    assertThat(action).isInstanceOf(NetworkAction.Refuse.class);
    return (NetworkAction.Refuse) action;
  }

  private static List<String> subnets(NetworkAction action) {
    assertThat(action).isInstanceOf(NetworkAction.Ensure.class);
    return ((NetworkAction.Ensure) action).spec().subnets();
  }

  @Test
  void hasBigTcpWhereItIsAskedForOrNothingLeavesTheMachine() {
    assertThat(bigTcp(null, null)).isFalse();
    assertThat(bigTcp(null, true)).isTrue();
    assertThat(bigTcp(true, null)).isTrue();
    assertThat(bigTcp(true, false)).isFalse();
  }

  private static boolean bigTcp(@Nullable Boolean internal, @Nullable Boolean bigTcp) {
    NetworkSpec spec =
        new NetworkSpec(null, null, null, null, null, null, null, internal, null, bigTcp);
    return ((NetworkAction.Ensure) plan(spec, List.of())).spec().bigTcp();
  }

  @Test
  void namesTheNetworkWhoseSubnetItOverlaps() {
    assertThat(refused(plan(List.of("10.91.7.0/24"), List.of(), List.of())))
        .isEqualTo(
            new NetworkAction.Refuse(
                "SubnetOverlap",
                "10.91.7.0/24 overlaps 10.91.0.0/16 of network other in namespace shop; choose"
                    + " another subnet or delete that network"));
  }

  @Test
  void saysWhatASubnetLacks() {
    assertThat(refused(plan(List.of("10.92.0.0/31"), List.of(), List.of())).message())
        .contains("a /30 (/126) is the least");
    assertThat(refused(plan(List.of("10.92.0.0"), List.of(), List.of())).reason())
        .isEqualTo("InvalidSubnet");
  }

  @Test
  void saysWhenThePoolsAreExhaustedAndWhatToDo() {
    NetworkAction.Refuse refuse =
        refused(
            plan(List.of(), List.of(), List.of("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")));
    assertThat(refuse.reason()).isEqualTo("PoolExhausted");
    assertThat(refuse.message()).contains("give the network spec.subnets");
  }

  @Test
  void takesASubnetOfEachFamilyThatIsAskedForAndOfIpv4WhenNoneIs() {
    assertThat(subnets(plan(List.of(), List.of(), List.of())))
        .singleElement()
        .asString()
        .endsWith("/20");
    List<String> both = subnets(plan(List.of(), List.of("IPv4", "IPv6"), List.of()));
    assertThat(both).hasSize(2);
    assertThat(both.get(1)).startsWith("fd").endsWith("::/64");
    List<String> one = subnets(plan(List.of(), List.of("IPv6"), List.of()));
    assertThat(one).containsExactly(both.get(1));
    assertThat(subnets(plan(List.of(), List.of("IPv6"), one)))
        .as("the machine has a route there")
        .isNotEqualTo(one);
  }
}
