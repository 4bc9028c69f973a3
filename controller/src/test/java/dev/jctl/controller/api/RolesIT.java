package dev.jctl.controller.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.controller.access.AccountTokens;
import dev.jctl.controller.access.Authenticator;
import dev.jctl.controller.audit.AuditEvent;
import dev.jctl.controller.audit.AuditTrail;
import dev.jctl.controller.encryption.SealedStore;
import dev.jctl.controller.encryption.SecretSealing;
import dev.jctl.controller.fake.FakeImageStore;
import dev.jctl.controller.fake.FakeRuntime;
import dev.jctl.controller.image.ImageContents;
import dev.jctl.controller.image.PullSecrets;
import dev.jctl.controller.rbac.AccessRequest;
import dev.jctl.controller.resources.StoreResources;
import dev.jctl.controller.status.Finalizers;
import dev.jctl.controller.watch.StoreCache;
import dev.jctl.images.Keyring;
import dev.jctl.store.Store;
import dev.jctl.store.StoreOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who may do what, over real HTTP and a real store, by users that the socket's owner acts as. */
class RolesIT {
  private static final String VOLUMES = "/apis/jctl.dev/v1/namespaces/default/volumes";
  private static final String RBAC = "/apis/rbac.authorization.k8s.io/v1";
  private static final String REVIEWS = "/apis/authorization.k8s.io/v1";
  private static final String LOOK = "get list watch";

  @TempDir Path directory;
  private SealedStore store;
  private StoreCache cache;
  private ApiServer server;
  private SocketHttp root;
  private SocketHttp ann;
  private final Queue<AuditEvent> events = new ConcurrentLinkedQueue<>();
  private final AuditTrail audited =
      new AuditTrail() {
        @Override
        public void add(AuditEvent event) {
          if (event.matters()) {
            events.add(event);
          }
        }

        @Override
        public long dropped() {
          return 0;
        }
      };

  @BeforeEach
  void start() throws IOException {
    Clock clock = Clock.systemUTC();
    store =
        new SealedStore(
            Store.open(directory.resolve("store"), StoreOptions.DEFAULT),
            directory.resolve("secrets.key"));
    StoreResources resources = new StoreResources(store, clock, Finalizers.BY_KIND);
    resources.ensureDefaultNamespace();
    cache = StoreCache.start(store, resources.decoded());
    AccountTokens accounts = AccountTokens.open(directory.resolve("pki"), clock, object -> true);
    server =
        new ApiServer(
            directory.resolve("s"),
            new ApiServer.Backend(
                store,
                resources,
                new SecretSealing(store, resources),
                cache,
                new FakeRuntime(clock),
                new ImageContents(
                    resources,
                    new FakeImageStore(),
                    new PullSecrets(resources, Keyring.EMPTY),
                    () -> {}),
                directory,
                accounts,
                new Authenticator(List.of(accounts)),
                audited,
                clock));
    server.listenOnSocket();
    root = new SocketHttp(directory.resolve("s"));
    ann = root.as("ann", "staff");
  }

  @AfterEach
  void stop() {
    server.close();
    cache.close();
    store.close();
  }

  private static String volume(String name) {
    return """
        {"apiVersion":"jctl.dev/v1","kind":"Volume","metadata":{"name":"%s"},"spec":{}}"""
        .formatted(name);
  }

  private static String rule(String verbs, String group, String... resources) {
    return "{\"verbs\":[%s],\"apiGroups\":[\"%s\"],\"resources\":[%s]}"
        .formatted(quoted(verbs.split(" ")), group, quoted(resources));
  }

  private static String quoted(String... words) {
    return "\"" + String.join("\",\"", words) + "\"";
  }

  private static String named(String name, String rest) {
    return "{\"metadata\":{\"name\":\"" + name + "\"}," + rest + "}";
  }

  private static SocketHttp.Answer done(SocketHttp.Answer answer) {
    assertThat(answer.status()).as(answer.body()).isIn(200, 201);
    return answer;
  }

  /** To ann, in the default namespace. */
  private void allow(String name, String... rules) {
    String role = named(name, "\"rules\":[" + String.join(",", rules) + "]");
    done(root.post(RBAC + "/namespaces/default/roles", role));
    done(root.post(RBAC + "/namespaces/default/rolebindings", binding(name, "Role/" + name)));
  }

  private static String binding(String name, String role) {
    String[] parts = role.split("/", 2);
    return named(
        name,
        """
        "roleRef":{"kind":"%s","name":"%s"},"subjects":[{"kind":"User","name":"ann"}]"""
            .formatted(parts[0], parts[1]));
  }

  private static String message(SocketHttp.Answer answer, int status) {
    assertThat(answer.status()).as(answer.body()).isEqualTo(status);
    return answer.json().path("message").asText();
  }

  @Test
  void whoHasNoRoleIsRefusedInKubernetesWords() {
    SocketHttp.Answer pods = ann.get("/api/v1/namespaces/default/pods");
    assertThat(message(pods, 403))
        .isEqualTo(
            "pods is forbidden: User \"ann\" cannot list resource \"pods\" in API group \"\" in the"
                + " namespace \"default\"");
    assertThat(pods.reason()).isEqualTo("Forbidden");
    assertThat(pods.json().path("details").path("kind").asText()).isEqualTo("pods");
    assertThat(message(ann.delete(VOLUMES + "/data"), 403))
        .isEqualTo(
            "volumes.jctl.dev \"data\" is forbidden: User \"ann\" cannot delete resource \"volumes\""
                + " in API group \"jctl.dev\" in the namespace \"default\"");
    assertThat(message(ann.get("/apis/apps/v1/deployments"), 403))
        .endsWith("in API group \"apps\" at the cluster scope");
    assertThat(message(ann.get("/metrics"), 403))
        .isEqualTo("forbidden: User \"ann\" cannot get path \"/metrics\"");
    assertThat(ann.get("/version").status()).isEqualTo(200);
  }

  @Test
  void aRoleAllowsWhatItSaysAsSoonAsItIsBound() {
    root.post(VOLUMES, volume("data"));
    allow("look", rule(LOOK, "jctl.dev", "volumes"));
    assertThat(ann.get(VOLUMES).status()).isEqualTo(200);
    assertThat(ann.get(VOLUMES + "/data").status()).isEqualTo(200);
    assertThat(ann.get(VOLUMES + "?watch=1&timeoutSeconds=0").status()).isEqualTo(200);
    assertThat(ann.get("/apis/jctl.dev/v1/volumes").status()).isEqualTo(403);
    assertThat(ann.post(VOLUMES, volume("more")).status()).isEqualTo(403);
    assertThat(ann.get(VOLUMES + "/data/status").status()).isEqualTo(403);
    done(root.delete(RBAC + "/namespaces/default/rolebindings/look"));
    assertThat(ann.get(VOLUMES).status()).isEqualTo(403);
  }

  @Test
  void aWatchIsAVerbOfItsOwn() {
    allow("look", rule("list", "jctl.dev", "volumes"));
    assertThat(ann.get(VOLUMES).status()).isEqualTo(200);
    assertThat(message(ann.get(VOLUMES + "?watch=1"), 403)).contains("cannot watch resource");
  }

  @Test
  void whoMayPatchMayNotThereforeCreate() {
    root.post(VOLUMES, volume("data"));
    allow("change", rule("patch", "jctl.dev", "volumes"));
    String apply = "apply-patch+yaml";
    done(ann.patch(VOLUMES + "/data?fieldManager=a", apply, volume("data")));
    assertThat(message(ann.patch(VOLUMES + "/new?fieldManager=a", apply, volume("new")), 403))
        .contains("cannot create resource \"volumes\"");
    assertThat(root.get(VOLUMES + "/new").status()).isEqualTo(404);
  }

  @Test
  void ofASetEveryObjectIsChecked() {
    allow("work", rule("create patch", "jctl.dev", "volumes"));
    String set = "/apis/jctl.dev/v1/apply?fieldManager=a";
    String list = "{\"kind\":\"List\",\"items\":[%s,%s]}";
    done(ann.post(set, list.formatted(volume("a"), volume("b"))));
    String image = volume("i").replace("Volume", "Image").replace("{}", "{\"reference\":\"x\"}");
    assertThat(message(ann.post(set, list.formatted(volume("c"), image)), 403))
        .contains("images.jctl.dev \"i\" is forbidden");
    assertThat(root.get(VOLUMES + "/c").status()).isEqualTo(404);
  }

  @Test
  void commandsInContainersNeedTheirOwnRight() {
    allow("look", rule(LOOK, "", "pods", "pods/log", "pods/exec"));
    String exec = "/api/v1/namespaces/default/pods/p/exec?command=sh";
    assertThat(message(ann.post(exec, ""), 403)).contains("cannot create resource \"pods/exec\"");
    assertThat(message(ann.get(exec), 403)).contains("cannot create resource \"pods/exec\"");
    assertThat(ann.get("/api/v1/namespaces/default/pods/p/log").status()).isEqualTo(404);
    allow("command", rule("create", "", "pods/exec"));
    assertThat(ann.get(exec).status()).isEqualTo(404);
    assertThat(root.as("bob").get(exec).status()).isEqualTo(403);
  }

  @Test
  void nobodyGrantsWhatItHasNot() {
    String roles = RBAC + "/namespaces/default/roles";
    allow(
        "roles",
        rule("create patch update get", "rbac.authorization.k8s.io", "roles", "rolebindings"));
    allow("look", rule("get", "jctl.dev", "volumes"));
    String fair = named("fair", "\"rules\":[" + rule("get", "jctl.dev", "volumes") + "]");
    done(ann.post(roles, fair));
    String greedy = named("greedy", "\"rules\":[" + rule("*", "*", "*") + "]");
    assertThat(message(ann.post(roles, greedy), 403))
        .contains("attempting to grant RBAC permissions not currently held");
    assertThat(
            message(
                ann.patch(
                    roles + "/fair",
                    "merge-patch+json",
                    "{\"rules\":[" + rule("delete", "jctl.dev", "volumes") + "]}"),
                403))
        .contains("Verbs:[\"delete\"]");
    done(root.post(roles, greedy));
    String bindings = RBAC + "/namespaces/default/rolebindings";
    assertThat(ann.post(bindings, binding("mine", "Role/greedy")).status()).isEqualTo(403);
    done(ann.post(bindings, binding("mine", "Role/fair")));
  }

  @Test
  void bindingsKeepTheirRoleAndRulesMustMakeSense() {
    allow("look", rule("get", "jctl.dev", "volumes"));
    String bindings = RBAC + "/namespaces/default/rolebindings";
    SocketHttp.Answer other =
        root.patch(bindings + "/look", "merge-patch+json", "{\"roleRef\":{\"name\":\"x\"}}");
    assertThat(message(other, 422)).contains("cannot change roleRef");
    SocketHttp.Answer empty =
        root.post(RBAC + "/clusterroles", named("x", "\"rules\":[{\"verbs\":[]}]"));
    assertThat(message(empty, 422)).contains("verbs must contain at least one value");
  }

  // --- being seen

  private List<String> seen() {
    return events.stream()
        .map(
            e ->
                "%s %s %s %d"
                    .formatted(
                        e.acting().orElse(e.who().orElseThrow()).user(),
                        e.request().verb(),
                        e.request() instanceof AccessRequest.OfResource r
                            ? r.resource() + "/" + r.name()
                            : e.uri(),
                        e.code()))
        .toList();
  }

  @Test
  void changesAndRefusalsAreNotedAndReadsAreNot() {
    allow("work", rule("create patch get", "jctl.dev", "volumes"));
    events.clear();
    done(ann.post(VOLUMES, volume("a")));
    done(ann.get(VOLUMES + "/a"));
    assertThat(ann.get(VOLUMES).status()).isEqualTo(403);
    done(
        ann.post(
            "/apis/jctl.dev/v1/apply?fieldManager=x",
            "{\"kind\":\"List\",\"items\":[%s,%s]}".formatted(volume("b"), volume("c"))));
    assertThat(ann.post(VOLUMES, volume("a")).status()).isEqualTo(409);
    assertThat(root.get(VOLUMES + "/none").status()).isEqualTo(404);
    assertThat(seen())
        .containsExactly(
            "ann create volumes/a 201",
            "ann list volumes/ 403",
            "ann create volumes/b 200",
            "ann create volumes/c 200",
            "ann create volumes/ 409");
  }

  // --- asking

  private static String review(String attributes) {
    return "{\"spec\":{\"resourceAttributes\":{" + attributes + "}}}";
  }

  @Test
  void tellsWhoseATokenIsToWhoMayAsk() throws IOException {
    done(
        root.post(
            "/api/v1/namespaces/default/serviceaccounts", "{\"metadata\":{\"name\":\"mia\"}}"));
    String token =
        done(root.post("/api/v1/namespaces/default/serviceaccounts/mia/token", "{\"spec\":{}}"))
            .json()
            .at("/status/token")
            .asText();
    String path = "/apis/authentication.k8s.io/v1/tokenreviews";
    assertThat(ann.post(path, token("x", "")).status()).isEqualTo(403);

    JsonNode hers = done(root.post(path, token(token, ""))).json();
    assertThat(hers.at("/status/authenticated").asBoolean()).isTrue();
    assertThat(hers.at("/status/user/username").asText())
        .isEqualTo("system:serviceaccount:default:mia");
    assertThat(hers.at("/status/audiences/0").asText()).isEqualTo(AccountTokens.ISSUER);

    JsonNode vault = done(root.post(path, token(token, "\"vault\""))).json();
    assertThat(vault.at("/status/authenticated").asBoolean()).isFalse();
    assertThat(done(root.post(path, token("other", ""))).json().at("/status/error").asText())
        .contains("invalid bearer token");
    assertThat(root.post(path, "{\"spec\":{}}").status()).isEqualTo(400);
  }

  private static String token(String token, String audiences) {
    return "{\"spec\":{\"token\":\"%s\",\"audiences\":[%s]}}".formatted(token, audiences);
  }

  @Test
  void everybodyAsksAboutItselfAndSomeAboutOthers() {
    done(
        root.post(
            RBAC + "/clusterroles",
            named("ask", "\"rules\":[" + rule("create", "authorization.k8s.io", "*") + "]")));
    done(root.post(RBAC + "/clusterrolebindings", binding("ask", "ClusterRole/ask")));
    allow("look", rule("get", "", "pods"));
    String get = "\"verb\":\"get\",\"resource\":\"pods\",\"namespace\":\"default\"";
    JsonNode own = done(ann.post(REVIEWS + "/selfsubjectaccessreviews", review(get))).json();
    assertThat(own.path("status").path("allowed").asBoolean()).isTrue();
    assertThat(own.path("status").path("reason").asText()).contains("RoleBinding \"look/default\"");
    String bob = review(get).replace("{\"spec\":{", "{\"spec\":{\"user\":\"bob\",");
    JsonNode others = done(ann.post(REVIEWS + "/subjectaccessreviews", bob)).json();
    assertThat(others.path("status").path("allowed").asBoolean(true)).isFalse();
    String local = REVIEWS + "/namespaces/default/localsubjectaccessreviews";
    done(ann.post(local, bob));
    assertThat(ann.post(local, bob.replace("default", "x")).status()).isEqualTo(422);
    JsonNode rules =
        done(ann.post(
                REVIEWS + "/selfsubjectrulesreviews", "{\"spec\":{\"namespace\":\"default\"}}"))
            .json();
    assertThat(rules.path("status").path("resourceRules").toString()).contains("\"pods\"");
  }

  @Test
  void onlyWhoMayActsAsSomebodyElse() {
    allow("as", rule("impersonate", "", "serviceaccounts"));
    done(
        root.post(
            RBAC + "/clusterroles",
            named(
                "as-bob",
                "\"rules\":["
                    + rule("impersonate", "", "users")
                        .replace("]}", "],\"resourceNames\":[\"bob\"]}")
                    + "]")));
    done(root.post(RBAC + "/clusterrolebindings", binding("as-bob", "ClusterRole/as-bob")));
    // nobody acts twice: the socket's owner is who asks, so ann's rights are looked at by review
    String ask =
        "\"verb\":\"impersonate\",\"resource\":\"%s\",\"name\":\"%s\",\"namespace\":\"%s\"";
    assertThat(mayAnn(ask.formatted("users", "bob", ""))).isTrue();
    assertThat(mayAnn(ask.formatted("users", "carl", ""))).isFalse();
    assertThat(mayAnn(ask.formatted("serviceaccounts", "x", "default"))).isTrue();
    assertThat(mayAnn(ask.formatted("groups", "system:masters", ""))).isFalse();
  }

  @Test
  void aTokenIsMadeForAnAccountThatIsThere() {
    String accounts = "/api/v1/namespaces/default/serviceaccounts";
    done(root.post(accounts, named("bot", "\"automountServiceAccountToken\":false")));
    allow("tokens", rule("create", "", "serviceaccounts/token"));
    JsonNode made =
        done(ann.post(accounts + "/bot/token", "{\"spec\":{\"expirationSeconds\":7200}}")).json();
    assertThat(made.path("status").path("token").asText().split("\\.", -1)).hasSize(3);
    assertThat(made.path("status").path("expirationTimestamp").asText()).endsWith("Z");
    assertThat(ann.post(accounts + "/none/token", "{}").status()).isEqualTo(404);
    SocketHttp.Answer brief =
        ann.post(accounts + "/bot/token", "{\"spec\":{\"expirationSeconds\":5}}");
    assertThat(message(brief, 422)).contains("may not specify a duration less than 10 minutes");
    assertThat(root.as("bob").post(accounts + "/bot/token", "{}").status()).isEqualTo(403);
  }

  private boolean mayAnn(String attributes) {
    String about = review(attributes).replace("{\"spec\":{", "{\"spec\":{\"user\":\"ann\",");
    return done(root.post(REVIEWS + "/subjectaccessreviews", about))
        .json()
        .path("status")
        .path("allowed")
        .asBoolean();
  }

  @Test
  void actingAsSomebodyNeedsAUser() {
    SocketHttp groupOnly =
        new SocketHttp(directory.resolve("s"), "Impersonate-Group: system:masters\r\n");
    assertThat(message(groupOnly.get(VOLUMES), 500)).contains("without impersonating a user");
    allow("look", rule("get list", "jctl.dev", "volumes"));
    String bindings = RBAC + "/namespaces/default/rolebindings";
    String bots = binding("bots", "Role/look").replace("User", "Group").replace("ann", "%s");
    done(root.post(bindings, bots.formatted("system:serviceaccounts:a")));
    assertThat(root.as("system:serviceaccount:a:bot").get(VOLUMES).status()).isEqualTo(200);
    assertThat(root.as("system:serviceaccount:b:bot").get(VOLUMES).status()).isEqualTo(403);
  }
}
