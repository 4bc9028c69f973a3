package dev.jctl.controller.rbac;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jctl.controller.access.Identity;
import dev.jctl.controller.resources.ApiException;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.controller.testing.Json;
import dev.jctl.manifests.model.ResourceKind;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AuthorizerTest {
  private final RoleIndex index = new RoleIndex();
  private final Authorizer authorizer = new Authorizer(index);

  private static StoredObject object(
      ResourceKind kind, String namespace, String name, String body) {
    return new StoredObject(new ObjectRef(kind, namespace, name), Json.object(body), 1);
  }

  private static StoredObject role(String namespace, String name, String rules) {
    ResourceKind kind = namespace.isEmpty() ? ResourceKind.CLUSTER_ROLE : ResourceKind.ROLE;
    return object(kind, namespace, name, "{rules:[" + rules + "]}");
  }

  private static StoredObject binding(String namespace, String name, String role, String subjects) {
    ResourceKind kind =
        namespace.isEmpty() ? ResourceKind.CLUSTER_ROLE_BINDING : ResourceKind.ROLE_BINDING;
    String[] parts = role.split("/", 2);
    return object(
        kind,
        namespace,
        name,
        "{roleRef:{kind:'%s',name:'%s'},subjects:[%s]}".formatted(parts[0], parts[1], subjects));
  }

  private void there(StoredObject... objects) {
    for (StoredObject object : objects) {
      index.changed(null, object);
    }
  }

  private static Identity user(String name, String... groups) {
    return new Identity(name, "", List.of(groups));
  }

  private static AccessRequest of(String verb, String resource, String name, String namespace) {
    return of(verb, "", resource, name, namespace);
  }

  private static AccessRequest of(
      String verb, String group, String resource, String name, String namespace) {
    String[] parts = resource.split("/", 2);
    return new AccessRequest.OfResource(
        verb, group, parts[0], parts.length == 2 ? parts[1] : "", name, namespace);
  }

  /** Verbs, groups, resources and names of a rule; then what is asked. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "get list   | -         | pods      |      | get    |           | pods      | a | true",
        "get list   | -         | pods      |      | delete |           | pods      | a | false",
        "get        | -         | pods      |      | get    | apps      | pods      | a | false",
        "get        | -         | pods      |      | get    |           | pods/log  | a | false",
        "get        | -         | pods/log  |      | get    |           | pods/log  | a | true",
        "get        | -         | pods/log  |      | get    |           | pods      | a | false",
        "update     | apps      | */scale   |      | update | apps      | jobs/scale | a | true",
        "update     | apps      | */scale   |      | update | apps      | jobs      | a | false",
        "*          | *         | *         |      | create | jctl.dev  | pods/exec | a | true",
        "get        | -         | pods      | a b  | get    |           | pods      | b | true",
        "get        | -         | pods      | a b  | get    |           | pods      | c | false",
        "list       | -         | pods      | a    | list   |           | pods      |   | false",
      })
  void aRuleAllowsWhatAllOfItsPartsMatch(
      String verbs,
      String groups,
      String resources,
      String names,
      String verb,
      String group,
      String resource,
      String name,
      boolean allowed) {
    PolicyRule rule =
        new PolicyRule(words(verbs), words(groups), words(resources), words(names), List.of());
    assertThat(rule.allows(of(verb, orEmpty(group), resource, orEmpty(name), "default")))
        .isEqualTo(allowed);
  }

  private static List<String> words(String text) {
    List<String> words = new ArrayList<>();
    for (String word : orEmpty(text).split(" ", -1)) {
      if (!word.isEmpty()) {
        words.add(word.equals("-") ? "" : word);
      }
    }
    return words;
  }

  private static String orEmpty(@org.jspecify.annotations.Nullable String text) {
    return text == null ? "" : text;
  }

  @ParameterizedTest
  @CsvSource({
    "/metrics, /metrics, true",
    "/metrics, /metrics/x, false",
    "/api/*, /api/v1, true",
    "/api/*, /api, false",
    "*, /metrics, true",
  })
  void aRuleForPathsAllowsThoseThatItsPatternsMatch(String url, String path, boolean allowed) {
    PolicyRule rule = new PolicyRule(List.of("get"), List.of(), List.of(), List.of(), List.of(url));
    assertThat(rule.allows(new AccessRequest.OfPath("get", path))).isEqualTo(allowed);
  }

  private static final String READS_PODS =
      "{verbs:['get','list'],apiGroups:[''],resources:['pods']}";

  @Test
  void aRoleIsOfItsNamespaceAndToldOf() {
    there(
        role("a", "reader", READS_PODS),
        binding("a", "readers", "Role/reader", "{kind:'User',name:'ann'}"));
    assertThat(authorizer.decide(user("ann"), of("get", "pods", "x", "a")))
        .isEqualTo(
            new Authorizer.Decision(
                true,
                "RBAC: allowed by RoleBinding \"readers/a\" of Role \"reader\" to User \"ann\""));
    assertThat(authorizer.decide(user("ann"), of("get", "pods", "x", "b")).allowed()).isFalse();
    assertThat(authorizer.decide(user("ann"), of("list", "pods", "", "")).allowed()).isFalse();
    assertThat(authorizer.decide(user("bob"), of("get", "pods", "x", "a")).allowed()).isFalse();
  }

  @Test
  void aClusterRoleIsBoundEverywhereOrInOneNamespace() {
    there(
        role("", "reader", READS_PODS),
        binding("", "all", "ClusterRole/reader", "{kind:'Group',name:'staff'}"),
        binding("a", "one", "ClusterRole/reader", "{kind:'User',name:'ann'}"));
    assertThat(authorizer.decide(user("x", "staff"), of("list", "pods", "", "")).reason())
        .isEqualTo(
            "RBAC: allowed by ClusterRoleBinding \"all\" of ClusterRole \"reader\" to Group"
                + " \"staff\"");
    assertThat(authorizer.decide(user("ann"), of("get", "pods", "x", "a")).allowed()).isTrue();
    assertThat(authorizer.decide(user("ann"), of("get", "pods", "x", "b")).allowed()).isFalse();
  }

  @Test
  void aServiceAccountIsBoundByItsNamespaceAndName() {
    there(
        role("a", "reader", READS_PODS),
        binding("a", "b", "Role/reader", "{kind:'ServiceAccount',name:'bot',namespace:'tools'}"));
    AccessRequest get = of("get", "pods", "x", "a");
    assertThat(authorizer.decide(user("system:serviceaccount:tools:bot"), get).reason())
        .endsWith("to ServiceAccount \"bot/tools\"");
    assertThat(authorizer.decide(user("system:serviceaccount:a:bot"), get).allowed()).isFalse();
    assertThat(authorizer.decide(user("bot/tools"), get).allowed()).isFalse();
  }

  @Test
  void whatIsTakenAwayIsGone() {
    StoredObject reader = role("a", "reader", READS_PODS);
    StoredObject both =
        binding("a", "b", "Role/reader", "{kind:'User',name:'ann'},{kind:'User',name:'bob'}");
    there(reader, both);
    StoredObject annOnly = binding("a", "b", "Role/reader", "{kind:'User',name:'ann'}");
    index.changed(both, annOnly);
    AccessRequest get = of("get", "pods", "x", "a");
    assertThat(authorizer.decide(user("bob"), get).allowed()).isFalse();
    assertThat(authorizer.decide(user("ann"), get).allowed()).isTrue();
    index.changed(reader, null);
    assertThat(authorizer.decide(user("ann"), get))
        .isEqualTo(
            new Authorizer.Decision(
                false, "RBAC: role.rbac.authorization.k8s.io \"reader\" not found"));
    index.changed(annOnly, null);
    assertThat(authorizer.decide(user("ann"), get)).isEqualTo(new Authorizer.Decision(false, ""));
  }

  @Test
  void mastersMayDoEverything() {
    assertThat(authorizer.decide(user("root", Identity.MASTERS), of("any", "thing", "", "")))
        .isEqualTo(new Authorizer.Decision(true, ""));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "pods      | default | cannot get resource \"pods\" in API group \"\" in the namespace \"default\"",
        "pods/exec | default | cannot get resource \"pods/exec\" in API group \"\" in the namespace \"default\"",
        "nodes     | ''      | cannot get resource \"nodes\" in API group \"\" at the cluster scope",
      })
  void aRefusalIsInKubernetesWords(String resource, String namespace, String words) {
    assertThat(of("get", resource, "", namespace).refusal("x")).isEqualTo("User \"x\" " + words);
    assertThat(new AccessRequest.OfPath("get", "/metrics").refusal("x"))
        .isEqualTo("User \"x\" cannot get path \"/metrics\"");
  }

  // --- granting

  private void write(String user, StoredObject object) {
    new RoleGuard(authorizer, user(user, "g")).check(object.ref(), null, object.tree());
  }

  @Test
  void nobodyGrantsMoreThanItHas() {
    there(
        role("a", "reader", READS_PODS),
        binding("a", "readers", "Role/reader", "{kind:'User',name:'ann'}"));
    assertThatCode(() -> write("ann", role("a", "same", READS_PODS))).doesNotThrowAnyException();
    assertThatThrownBy(
            () ->
                write(
                    "ann",
                    role(
                        "a",
                        "more",
                        "{verbs:['get','watch','delete'],apiGroups:[''],resources:['pods']}")))
        .isInstanceOf(ApiException.class)
        .hasMessage(
            "roles.rbac.authorization.k8s.io \"more\" is forbidden: user \"ann\" (groups=[\"g\"]) is"
                + " attempting to grant RBAC permissions not currently held:\n"
                + "{APIGroups:[\"\"], Resources:[\"pods\"], Verbs:[\"delete\" \"watch\"]}");
    assertThatThrownBy(() -> write("ann", role("b", "elsewhere", READS_PODS)))
        .isInstanceOf(ApiException.class);
    assertThatThrownBy(() -> write("ann", role("", "everywhere", READS_PODS)))
        .isInstanceOf(ApiException.class);
  }

  @Test
  void aBindingGrantsItsRole() {
    there(
        role("a", "reader", READS_PODS),
        role("a", "writer", "{verbs:['*'],apiGroups:[''],resources:['pods']}"),
        role(
            "a",
            "binder",
            "{verbs:['bind'],apiGroups:['rbac.authorization.k8s.io'],resources:['roles'],resourceNames:['writer']}"),
        binding("a", "readers", "Role/reader", "{kind:'User',name:'ann'}"),
        binding("a", "binders", "Role/binder", "{kind:'User',name:'bob'}"));
    String carl = "{kind:'User',name:'carl'}";
    assertThatCode(() -> write("ann", binding("a", "x", "Role/reader", carl)))
        .doesNotThrowAnyException();
    assertThatThrownBy(() -> write("ann", binding("a", "x", "Role/writer", carl)))
        .hasMessageStartingWith("rolebindings.rbac.authorization.k8s.io \"x\" is forbidden");
    assertThatCode(() -> write("bob", binding("a", "x", "Role/writer", carl)))
        .doesNotThrowAnyException();
    assertThatThrownBy(() -> write("bob", binding("a", "x", "Role/reader", carl)))
        .isInstanceOf(ApiException.class);
    assertThatThrownBy(() -> write("ann", binding("a", "x", "Role/none", carl)))
        .hasMessage("roles.rbac.authorization.k8s.io \"none\" not found");
  }

  @Test
  void whoMayEscalateOrHasEverythingMayGrantEverything() {
    there(
        role(
            "",
            "all",
            "{verbs:['*'],apiGroups:['*'],resources:['*']},{verbs:['*'],nonResourceURLs:['*']}"),
        role("a", "e", "{verbs:['escalate'],apiGroups:['*'],resources:['roles']}"),
        binding("", "all", "ClusterRole/all", "{kind:'User',name:'boss'}"),
        binding("a", "e", "Role/e", "{kind:'User',name:'eve'}"));
    StoredObject aggregating =
        object(
            ResourceKind.CLUSTER_ROLE,
            "",
            "x",
            "{aggregationRule:{clusterRoleSelectors:[{matchLabels:{a:'b'}}]}}");
    assertThatCode(() -> write("boss", aggregating)).doesNotThrowAnyException();
    assertThatThrownBy(() -> write("eve", aggregating)).isInstanceOf(ApiException.class);
    StoredObject any = role("a", "x", "{verbs:['*'],apiGroups:['*'],resources:['*']}");
    assertThatCode(() -> write("eve", any)).doesNotThrowAnyException();
  }

  @Test
  void rulesOfTooManyCombinationsAreRefused() {
    String many = "['a'" + ",'b'".repeat(99) + "]";
    String rule = "{verbs:%s,apiGroups:%s,resources:%s}".formatted(many, many, many);
    assertThatThrownBy(() -> write("ann", role("a", "x", rule)))
        .hasMessageContaining("write several roles");
  }
}
