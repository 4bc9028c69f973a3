package dev.jctl.controller.role;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.resources.LabelMatch;
import dev.jctl.controller.testing.Json;
import dev.jctl.manifests.model.ResourceKind;
import dev.jctl.manifests.schema.KindRules;
import dev.jctl.manifests.schema.SchemaValidator;
import dev.jctl.manifests.schema.Schemas;
import java.util.List;
import org.junit.jupiter.api.Test;

class DefaultRolesTest {
  private static List<ObjectNode> roles() {
    return DefaultRoles.all().stream()
        .filter(ref -> ref.kind() == ResourceKind.CLUSTER_ROLE)
        .map(ref -> DefaultRoles.role(ref.name()).orElseThrow())
        .toList();
  }

  @Test
  void areValid() {
    for (ObjectNode role : roles()) {
      assertThat(KindRules.check(ResourceKind.CLUSTER_ROLE, role)).as(role.toString()).isEmpty();
      assertThat(SchemaValidator.validate(Schemas.of(ResourceKind.CLUSTER_ROLE), role)).isEmpty();
    }
  }

  /** As often as roles are stacked, the rules reach the top. */
  @Test
  void adminHasTheRulesOfEditAndEditThoseOfView() {
    List<ObjectNode> roles = roles();
    for (int i = 0; i < 3; i++) {
      roles.stream()
          .filter(Aggregation::isAggregating)
          .forEach(role -> role.set("rules", Aggregation.rules(role, roles)));
    }
    String view = rules(roles, "view");
    assertThat(view).contains("pods/log").doesNotContain("secrets").doesNotContain("create");
    assertThat(rules(roles, "edit")).contains(view, "secrets").doesNotContain("rolebindings");
    assertThat(rules(roles, "admin")).contains("rolebindings", "secrets", "pods/log");
  }

  private static String rules(List<ObjectNode> roles, String name) {
    JsonNode rules =
        roles.stream()
            .filter(r -> r.at("/metadata/name").asText().equals(name))
            .findFirst()
            .orElseThrow()
            .path("rules");
    assertThat(rules.size()).isGreaterThan(1);
    return rules.toString().replaceAll("^\\[|]$", "");
  }

  @Test
  void aSelectorIsAskedAsByKubernetes() {
    JsonNode labels = Json.tree("{tier:'front',app:'web'}");
    assertThat(LabelMatch.selects(Json.tree("{}"), labels)).isTrue();
    assertThat(LabelMatch.selects(Json.tree("{matchLabels:{tier:'back'}}"), labels)).isFalse();
    assertThat(matches("{key:'tier',operator:'In',values:['front']}", labels)).isTrue();
    assertThat(matches("{key:'tier',operator:'NotIn',values:['front']}", labels)).isFalse();
    assertThat(matches("{key:'x',operator:'NotIn',values:['front']}", labels)).isTrue();
    assertThat(matches("{key:'x',operator:'Exists'}", labels)).isFalse();
    assertThat(matches("{key:'x',operator:'DoesNotExist'}", labels)).isTrue();
  }

  private static boolean matches(String expression, JsonNode labels) {
    return LabelMatch.selects(Json.tree("{matchExpressions:[" + expression + "]}"), labels);
  }

  @Test
  void whatIsMissingIsAddedAndWhatIsThereStays() {
    ObjectNode expected =
        Json.object("{metadata:{labels:{a:'1',b:'2'}},rules:[{verbs:['get']},{verbs:['list']}]}");
    ObjectNode role =
        Json.object("{metadata:{labels:{a:'mine'}},rules:[{verbs:['own']},{verbs:['get']}]}");
    DefaultRoles.complete(role, expected);
    assertThat(role)
        .isEqualTo(
            Json.tree(
                "{metadata:{labels:{a:'mine',b:'2'}},"
                    + "rules:[{verbs:['own']},{verbs:['get']},{verbs:['list']}]}"));
  }
}
