package dev.jctl.controller.policy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.controller.testing.Json;
import dev.jctl.manifests.model.ResourceKind;
import dev.jctl.shim.spec.Restriction;
import dev.jctl.shim.spec.Restriction.Allowed;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PolicyPlannerTest {
  private static final List<StoredObject> PODS =
      List.of(
          pod("shop", "web", "10.90.0.2", "{app:'web'}"),
          pod("shop", "db", "10.90.0.3", "{app:'db'}"),
          pod("ops", "probe", "10.91.0.2", "{app:'probe'}"));
  private static final Map<String, JsonNode> NAMESPACES =
      Map.of("shop", Json.tree("{team:'shop'}"), "ops", Json.tree("{team:'ops'}"));
  private static final String ALL4 = "255.255.255.255";

  private static StoredObject pod(String namespace, String name, String ip, String labels) {
    JsonNode tree =
        Json.tree(
            ("{metadata:{uid:'u-%s',labels:%s,annotations:{}},spec:{containers:[{ports:[{name:'sql',"
                    + "containerPort:5432}]}]}}")
                .formatted(name, labels));
    ((ObjectNode) tree.at("/metadata/annotations"))
        .put("jctl.dev/ips", "[{\"network\":\"default\",\"addresses\":[\"" + ip + "/24\"]}]");
    return new StoredObject(new ObjectRef(ResourceKind.POD, namespace, name), (ObjectNode) tree, 1);
  }

  private static Restriction of(String pod, String... specs) {
    List<StoredObject> policies =
        List.of(specs).stream()
            .map(
                spec ->
                    new StoredObject(
                        new ObjectRef(ResourceKind.NETWORK_POLICY, "shop", "policy"),
                        (ObjectNode) Json.tree("{spec:" + spec + "}"),
                        1))
            .toList();
    Restriction none = new Restriction("u-" + pod, List.of(), null, null);
    return PolicyPlanner.plan(policies, PODS, NAMESPACES).getOrDefault("u-" + pod, none);
  }

  private static Allowed tcp(String first, String last, int from, int to) {
    return new Allowed(first, last, "TCP", from, to);
  }

  @Test
  void whoIsSelectedTakesNothingButWhatIsAllowed() {
    assertThat(of("db", "{podSelector:{}}").ingress()).isEmpty();
    assertThat(of("db", "{podSelector:{}}").egress()).isNull();
    assertThat(of("db", "{podSelector:{matchLabels:{app:'web'}}}").ingress()).isNull();
    assertThat(of("probe", "{podSelector:{}}").ingress()).as("another namespace").isNull();
  }

  @Test
  void peersAreSelectedByPodAndNamespace() {
    String rule =
        "{podSelector:{matchLabels:{app:'db'}},ingress:[{from:[%s],ports:[{port:'sql'}]}]}";
    assertThat(of("db", rule.formatted("{podSelector:{matchLabels:{app:'web'}}}")).ingress())
        .containsExactly(tcp("10.90.0.2", "10.90.0.2", 5432, 5432));
    assertThat(of("db", rule.formatted("{namespaceSelector:{matchLabels:{team:'ops'}}}")).ingress())
        .containsExactly(tcp("10.91.0.2", "10.91.0.2", 5432, 5432));
    assertThat(
            of(
                    "db",
                    rule.formatted(
                        "{namespaceSelector:{},podSelector:{matchLabels:{app:'probe'}}}"))
                .ingress())
        .containsExactly(tcp("10.91.0.2", "10.91.0.2", 5432, 5432));
  }

  @Test
  void policiesAddUp() {
    assertThat(
            of(
                    "db",
                    "{podSelector:{},ingress:[{from:[{podSelector:{matchLabels:{app:'web'}}}]}]}",
                    "{podSelector:{},ingress:[{from:[{ipBlock:{cidr:'192.0.2.0/24'}}],"
                        + "ports:[{port:80,endPort:90}]}]}")
                .ingress())
        .containsExactly(
            new Allowed("10.90.0.2", "10.90.0.2", null, 0, 65_535),
            tcp("192.0.2.0", "192.0.2.255", 80, 90));
  }

  @Test
  void aBlockHasExceptions() {
    String policy =
        "{podSelector:{},policyTypes:['Egress'],egress:[{to:[{ipBlock:{cidr:'10.0.0.0/8',"
            + "except:['10.0.0.0/10','10.255.255.255/32']}}]}]}";
    Restriction db = of("db", policy);
    assertThat(db.ingress()).isNull();
    assertThat(db.egress())
        .isNotNull()
        .contains(new Allowed("10.64.0.0", "10.127.255.255", null, 0, 65_535))
        .noneMatch(a -> a.first().equals("10.0.0.0") || a.last().equals("10.255.255.255"));
  }

  @Test
  void aRuleWithoutPeersIsForEverybody() {
    assertThat(of("db", "{podSelector:{},ingress:[{ports:[{protocol:'UDP',port:53}]}]}").ingress())
        .containsExactly(
            new Allowed("0.0.0.0", ALL4, "UDP", 53, 53),
            new Allowed("::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "UDP", 53, 53));
    assertThat(of("db", "{podSelector:{},ingress:[{}]}").ingress())
        .contains(new Allowed("0.0.0.0", ALL4, null, 0, 65_535));
  }

  @Test
  void aNamedPortOfOthersIsTheirs() {
    assertThat(
            of("web", "{podSelector:{},policyTypes:['Egress'],egress:[{ports:[{port:'sql'}]}]}")
                .egress())
        .contains(tcp("10.90.0.3", "10.90.0.3", 5432, 5432));
  }
}
