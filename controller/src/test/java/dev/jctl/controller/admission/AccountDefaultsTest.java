package dev.jctl.controller.admission;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.testing.Json;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class AccountDefaultsTest {
  private static final String OWN =
      "{name:'a',volumeMounts:[{name:'mine',mountPath:'/var/run/secrets/kubernetes.io/serviceaccount'}]}";

  private static Optional<ObjectNode> noAccounts(String name) {
    return Optional.empty();
  }

  private static ObjectNode filledIn(String pod) {
    ObjectNode candidate = pod(pod);
    AccountDefaults.fillIn(null, candidate, AccountDefaultsTest::noAccounts);
    return candidate;
  }

  private static ObjectNode pod(String spec) {
    return Json.object("{spec:" + spec + "}");
  }

  private static ObjectNode asking(String container) {
    ObjectNode pod = asked(container);
    AccountDefaults.fillIn(null, pod, AccountDefaultsTest::noAccounts);
    return pod;
  }

  private static ObjectNode asked(String container) {
    return pod("{automountServiceAccountToken:true,containers:[%s]}".formatted(container));
  }

  @Test
  void onlyWhoAsksIsGivenIt() {
    for (String pod :
        new String[] {
          "{containers:[{name:'a'}]}",
          "{automountServiceAccountToken:false,containers:[{name:'a'}]}",
          "{automountServiceAccountToken:true,containers:[%s]}".formatted(OWN),
          "{automountServiceAccountToken:true,containers:[{name:'a',volumeMounts:'/x'}]}",
          "{automountServiceAccountToken:true,containers:'a'}"
        }) {
      assertThat(filledIn(pod)).isEqualTo(pod(pod));
    }
  }

  @Test
  void eachContainerWithNothingOfItsOwnThereHasItOnce() {
    ObjectNode pod = asking("{name:'b'}," + OWN);
    JsonNode spec = pod.path("spec");
    assertThat(spec.at("/containers/0/volumeMounts/0/name").asText()).isEqualTo("kube-api-access");
    assertThat(spec.at("/containers/1/volumeMounts")).hasSize(1);
    assertThat(spec.path("volumes")).hasSize(1);
    assertThat(spec.at("/volumes/0/projected/sources")).hasSize(3);
    ObjectNode again = asked("{name:'b'}," + OWN);
    AccountDefaults.fillIn(pod, again, AccountDefaultsTest::noAccounts);
    assertThat(again).as("written again as it was declared").isEqualTo(pod);
    ObjectNode late = asked("{name:'b'}");
    AccountDefaults.fillIn(pod("{containers:[{name:'b'}]}"), late, AccountDefaultsTest::noAccounts);
    assertThat(late).as("volumes of a Pod cannot change").isEqualTo(asked("{name:'b'}"));
  }

  @Test
  void whereAPodDoesNotSayItsAccountDoes() {
    Map<String, ObjectNode> accounts =
        Map.of(
            "default", Json.object("{automountServiceAccountToken:true}"),
            "robot", Json.object("{automountServiceAccountToken:false}"),
            "silent", Json.object("{}"));
    Map<String, Boolean> given =
        Map.of(
            "{%s}", true,
            "{automountServiceAccountToken:false,%s}", false,
            "{serviceAccountName:'robot',%s}", false,
            "{serviceAccountName:'robot',automountServiceAccountToken:true,%s}", true,
            "{serviceAccountName:'silent',%s}", false,
            "{serviceAccountName:'nobody',%s}", false);
    given.forEach(
        (spec, isGiven) -> {
          ObjectNode pod = pod(spec.formatted("containers:[{name:'a'}]"));
          AccountDefaults.fillIn(null, pod, name -> Optional.ofNullable(accounts.get(name)));
          assertThat(!pod.at("/spec/volumes").isMissingNode()).as(spec).isEqualTo(isGiven);
        });
  }

  @Test
  void aPodKeepsWhatItHasOfItsAccountWhateverThatSaysLater() {
    ObjectNode old = pod("{containers:[{name:'a'}]}");
    AccountDefaults.fillIn(
        null, old, name -> Optional.of(Json.object("{automountServiceAccountToken:true}")));
    ObjectNode again = pod("{containers:[{name:'a'}]}");
    AccountDefaults.fillIn(old, again, AccountDefaultsTest::noAccounts);
    assertThat(again).isEqualTo(old);
  }

  @Test
  void pullSecretsAreTheAccountsWhereAPodHasNone() {
    ObjectNode account = Json.object("{imagePullSecrets:[{name:'registry'}]}");
    ObjectNode pod = pod("{}");
    AccountDefaults.fillIn(null, pod, name -> Optional.of(account));
    assertThat(pod.at("/spec/imagePullSecrets")).isEqualTo(account.path("imagePullSecrets"));
    ObjectNode again = pod("{}");
    AccountDefaults.fillIn(pod, again, AccountDefaultsTest::noAccounts);
    assertThat(again).isEqualTo(pod);
    ObjectNode own = pod("{imagePullSecrets:[{name:'mine'}]}");
    AccountDefaults.fillIn(null, own, name -> Optional.of(account));
    assertThat(own).isEqualTo(pod("{imagePullSecrets:[{name:'mine'}]}"));
  }
}
