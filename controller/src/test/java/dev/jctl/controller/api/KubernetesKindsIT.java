package dev.jctl.controller.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.ByteString;
import dev.jctl.controller.resources.Keys;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.Resources.WriteOptions;
import dev.jctl.controller.testing.Json;
import dev.jctl.controller.testing.Watched;
import dev.jctl.manifests.model.ResourceKind;
import dev.jctl.store.Watch;
import io.kubernetes.client.proto.Runtime;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What clients of Kubernetes ask for beside our own kinds. */
class KubernetesKindsIT {
  private static final String DEPLOYMENTS = "/apis/apps/v1/namespaces/default/deployments";
  private static final String PODS = "/api/v1/namespaces/default/pods";
  private static final String EVENTS = "/api/v1/namespaces/default/events";
  private static final String NEWER_EVENTS = "/apis/events.k8s.io/v1/namespaces/default/events";

  private static final String DEPLOYMENT =
      """
      {"metadata":{"name":"web"},"spec":{"selector":{"matchLabels":{"app":"web"}},"template":
       {"metadata":{"labels":{"app":"web"}},"spec":{"containers":[{"name":"a","image":"b"}]}}}}
      """;

  @TempDir Path directory;
  private TestServer server;
  private SocketHttp http;

  @BeforeEach
  void start() throws IOException {
    server = new TestServer(directory);
    http = server.http;
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private JsonNode ok(SocketHttp.Answer answer) {
    assertThat(answer.status()).as(answer.body()).isBetween(200, 201);
    return answer.json();
  }

  // --- scale

  @Test
  void aScaleIsTheNumberAlone() {
    ok(http.post(DEPLOYMENTS, DEPLOYMENT));
    JsonNode scale = ok(http.get(DEPLOYMENTS + "/web/scale"));
    assertThat(scale.path("apiVersion").asText()).isEqualTo("autoscaling/v1");
    assertThat(scale.at("/spec/replicas").asInt()).isEqualTo(1);
    assertThat(scale.at("/status/selector").asText()).isEqualTo("app=web");

    ok(http.patch(DEPLOYMENTS + "/web/scale", "merge-patch+json", "{\"spec\":{\"replicas\":3}}"));
    JsonNode deployment = ok(http.get(DEPLOYMENTS + "/web"));
    assertThat(deployment.at("/spec/replicas").asInt()).isEqualTo(3);
    assertThat(deployment.at("/metadata/generation").asInt()).isEqualTo(2);
    String put =
        http.get(DEPLOYMENTS + "/web/scale").body().replace("\"replicas\":3", "\"replicas\":4");
    assertThat(ok(http.put(DEPLOYMENTS + "/web/scale", put)).at("/spec/replicas").asInt())
        .isEqualTo(4);
    assertThat(http.put(DEPLOYMENTS + "/web/scale", put).status()).as("a stale one").isEqualTo(409);
  }

  @Test
  void aNumberThatIsNoneIsRefused() {
    ok(http.post(DEPLOYMENTS, DEPLOYMENT));
    for (String number : List.of("-1", "\"3\"", "1.5")) {
      SocketHttp.Answer answer =
          http.patch(
              DEPLOYMENTS + "/web/scale",
              "merge-patch+json",
              "{\"spec\":{\"replicas\":" + number + "}}");
      assertThat(answer.status()).as(number).isEqualTo(422);
      assertThat(answer.json().at("/details/causes/0/field").asText()).isEqualTo("spec.replicas");
    }
    assertThat(http.get("/api/v1/namespaces/default/configmaps/x/scale").status()).isEqualTo(404);
  }

  @Test
  void theSelectorOfADeploymentCannotChange() {
    ok(http.post(DEPLOYMENTS, DEPLOYMENT));
    String other = DEPLOYMENT.replace("\"app\":\"web\"", "\"app\":\"other\"");
    SocketHttp.Answer answer = http.put(DEPLOYMENTS + "/web", other);
    assertThat(answer.status()).isEqualTo(422);
    assertThat(answer.json().at("/details/causes/0/field").asText()).isEqualTo("spec.selector");
  }

  @Test
  void whatIsWeakIsToldInWarnings() {
    String weak =
        DEPLOYMENT.replace(
            "\"image\":\"b\"",
            "\"image\":\"b\",\"securityContext\":{\"privileged\":true,\"capabilities\":{\"add\":[\"SYS_ADMIN\"]}}");
    SocketHttp.Answer answer = http.post(DEPLOYMENTS, weak);
    assertThat(answer.status()).as(answer.body()).isEqualTo(201);
    assertThat(answer.headers().get("warning"))
        .contains("299")
        .contains("spec.template.spec.containers[0].securityContext");
    assertThat(http.get(DEPLOYMENTS + "/web").headers()).doesNotContainKey("warning");
  }

  // --- kinds that are not to be had

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/api/v1/persistentvolumes",
        "/api/v1/replicationcontrollers",
        "/apis/apps/v1/namespaces/default/statefulsets",
        "/apis/apps/v1/daemonsets",
        "/apis/networking.k8s.io/v1/ingresses",
        "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
      })
  void ofKindsThatAreNotToBeHadThereAreNone(String path) {
    JsonNode list = ok(http.get(path + "?labelSelector=a%3Db&limit=500"));
    assertThat(list.path("kind").asText()).endsWith("List");
    assertThat(list.path("items").isArray()).isTrue();
    assertThat(list.at("/metadata/resourceVersion").asText()).isNotEmpty();
    SocketHttp.Answer refused = http.post(path, "{}");
    assertThat(refused.status()).isEqualTo(405);
    assertThat(refused.json().path("message").asText())
        .startsWith(path.substring(path.lastIndexOf('/') + 1) + " are not to be had here: ");
    JsonNode table = ok(http.get(path, "application/json;as=Table;v=v1;g=meta.k8s.io"));
    assertThat(table.path("kind").asText()).isEqualTo("Table");
  }

  /** Helm goes on with uninstalling then. */
  @Test
  void ofKindsThatAreNotToBeHadNoneIsFoundToDelete() {
    SocketHttp.Answer answer = http.delete("/apis/apps/v1/namespaces/default/statefulsets/one");
    assertThat(answer.reason()).isEqualTo("NotFound");
  }

  /** As an informer of client-go does it, with a list first and with initial events. */
  @Test
  void ofKindsThatAreNotToBeHadNothingIsWatched() {
    String watch =
        "/apis/apps/v1/statefulsets?watch=true&allowWatchBookmarks=true&timeoutSeconds=1";
    assertThat(ok(http.get("/apis/apps/v1")).toString())
        .contains("\"shortNames\":[\"sts\"],\"verbs\":[\"get\",\"list\",\"watch\"]");
    assertThat(http.get(watch + "&resourceVersion=1").body()).isEmpty();
    JsonNode bookmark =
        Json.tree(
            http.get(watch + "&sendInitialEvents=true&resourceVersionMatch=NotOlderThan").body());
    assertThat(bookmark.path("type").asText()).isEqualTo("BOOKMARK");
    assertThat(bookmark.at("/object/kind").asText()).isEqualTo("StatefulSet");
    assertThat(bookmark.at("/object/metadata/annotations/k8s.io~1initial-events-end").asText())
        .isEqualTo("true");
  }

  /** {@code kubectl apply --prune} gives up when one is missing. */
  @Test
  void discoveryHasAllKindsThatPruningLooksThrough() {
    assertThat(kinds("/apis/apps/v1"))
        .contains("DaemonSet", "Deployment", "ReplicaSet", "StatefulSet");
    assertThat(kinds("/apis/batch/v1")).contains("Job", "CronJob");
    assertThat(kinds("/apis/networking.k8s.io/v1")).contains("Ingress");
    assertThat(kinds("/api/v1"))
        .contains(
            "ConfigMap",
            "Namespace",
            "PersistentVolume",
            "PersistentVolumeClaim",
            "Pod",
            "ReplicationController",
            "Secret");
  }

  private List<String> kinds(String path) {
    return ok(http.get(path))
        .path("resources")
        .valueStream()
        .map(r -> r.path("kind").asText())
        .toList();
  }

  // --- events

  @Test
  void anEventIsThereUnderBothNames() {
    String event =
        """
        {"apiVersion":"v1","kind":"Event","metadata":{"name":"e"},"reason":"Tested","type":"Normal",
         "message":"seen","count":2,"involvedObject":{"kind":"Pod","name":"p","namespace":"default"},
         "source":{"component":"test"},"lastTimestamp":"2026-11-28T12:00:00Z"}\
        """;
    ok(http.post(EVENTS, event));
    JsonNode newer = ok(http.get(NEWER_EVENTS + "/e"));
    assertThat(newer.path("apiVersion").asText()).isEqualTo("events.k8s.io/v1");
    assertThat(newer.has("eventTime")).as("the client for Java wants it there").isTrue();
    assertThat(newer.path("note").asText()).isEqualTo("seen");
    assertThat(newer.at("/regarding/name").asText()).isEqualTo("p");
    assertThat(newer.path("deprecatedCount").asInt()).isEqualTo(2);
    assertThat(newer.has("message")).isFalse();
    JsonNode list = ok(http.get(NEWER_EVENTS + "?fieldSelector=regarding.name%3Dp"));
    assertThat(list.path("kind").asText()).isEqualTo("EventList");
    assertThat(list.path("apiVersion").asText()).isEqualTo("events.k8s.io/v1");
    assertThat(list.path("items")).hasSize(1);
    String watched = http.get(NEWER_EVENTS + "?watch=1&timeoutSeconds=1").body();
    assertThat(watched).contains("\"type\":\"ADDED\"").contains("\"note\":\"seen\"");
    String older = EVENTS.replace("/v1/", "/v1/watch/") + "/e?timeoutSeconds=1";
    assertThat(http.get(older).body()).contains("\"type\":\"ADDED\"").contains("\"name\":\"e\"");
  }

  /** As client-go's newer recorder writes them when its client is set to protobuf. */
  @Test
  void anEventIsWrittenUnderItsNewerNameInProtobuf() {
    String regarding = "\n\3Pod\22\7default\32\1p";
    String event =
        "\n\4\n\2pb\22\2\10\1\"\1c*\1i2\1A:\6Tested"
            + "B\21%sR\7writtenZ\6Normal".formatted(regarding);
    Runtime.Unknown body =
        Runtime.Unknown.newBuilder()
            .setTypeMeta(
                Runtime.TypeMeta.newBuilder().setApiVersion("events.k8s.io/v1").setKind("Event"))
            .setRaw(ByteString.copyFromUtf8(event))
            .build();
    ok(
        http.send(
            "POST",
            NEWER_EVENTS,
            "application/vnd.kubernetes.protobuf",
            "k8s\0" + new String(body.toByteArray(), StandardCharsets.US_ASCII)));
    JsonNode older = ok(http.get(EVENTS + "/pb"));
    assertThat(older.path("message").asText()).isEqualTo("written");
    assertThat(older.path("eventTime").asText()).isEqualTo("1970-01-01T00:00:01.000000Z");
  }

  /** As client-go's newer recorder writes them. */
  @Test
  void anEventIsWrittenUnderItsNewerName() {
    String event =
        """
        {"apiVersion":"events.k8s.io/v1","kind":"Event","metadata":{"name":"n"},"reason":"Tested",
         "type":"Normal","note":"written","action":"Testing","reportingController":"test.dev/it",
         "reportingInstance":"1","eventTime":"2026-11-28T12:00:00.000001Z",
         "regarding":{"kind":"Pod","name":"p","namespace":"default"}}\
        """;
    assertThat(ok(http.post(NEWER_EVENTS, event)).path("note").asText()).isEqualTo("written");
    ok(
        http.patch(
            NEWER_EVENTS + "/n",
            "merge-patch+json",
            "{\"series\":{\"count\":3,\"lastObservedTime\":\"2026-11-28T12:05:00.000001Z\"}}"));
    JsonNode older = ok(http.get(EVENTS + "/n"));
    assertThat(older.path("message").asText()).isEqualTo("written");
    assertThat(older.at("/involvedObject/name").asText()).isEqualTo("p");
    assertThat(older.at("/series/count").asInt()).isEqualTo(3);
    ok(http.delete(NEWER_EVENTS + "/n"));
    assertThat(http.get(EVENTS + "/n").status()).isEqualTo(404);
  }

  @Test
  void aJobsPodsAreToldApartByItsUid() {
    String jobs = "/apis/batch/v1/namespaces/default/jobs";
    String job =
        """
        {"metadata":{"name":"j"},"spec":{"template":{"spec":
         {"restartPolicy":"Never","containers":[{"name":"a","image":"b"}]}}}}\
        """;
    JsonNode made = ok(http.post(jobs, job));
    String uid = made.at("/metadata/uid").asText();
    assertThat(made.at("/spec/selector/matchLabels").path("batch.kubernetes.io/controller-uid"))
        .hasToString('"' + uid + '"');
    assertThat(made.at("/spec/template/metadata/labels").path("job-name").asText()).isEqualTo("j");
    assertThat(http.post(jobs, job.replace("Never", "Always").replace("\"j\"", "\"k\"")).status())
        .isEqualTo(422);
  }

  @Test
  void aServiceIsAnsweredWithTheAddressThatAReconcilerGivesIt() throws Exception {
    ObjectRef ref = new ObjectRef(ResourceKind.SERVICE, "default", "web");
    try (Watch made = server.store.watch(Keys.of(ref), server.store.revision())) {
      CompletableFuture<JsonNode> answer =
          CompletableFuture.supplyAsync(
              () ->
                  ok(
                      http.post(
                          "/api/v1/namespaces/default/services",
                          "{\"metadata\":{\"name\":\"web\"},\"spec\":{\"ports\":[{\"port\":80}]}}")));
      assertThat(Watched.next(made, 1)).hasSize(1);
      server.resources.update(
          ref,
          service -> {
            service
                .withObject("/spec")
                .put("clusterIP", "10.96.0.9")
                .putArray("clusterIPs")
                .add("10.96.0.9");
            return service;
          },
          WriteOptions.by("jctl"));
      assertThat(answer.get(60, TimeUnit.SECONDS).at("/spec/clusterIP").asText())
          .isEqualTo("10.96.0.9");
    }
  }

  @Test
  void whatFollowsFromOtherFieldsIsFilledIn() {
    JsonNode service =
        http.post(
                "/api/v1/namespaces/default/services?dryRun=All",
                "{\"metadata\":{\"name\":\"filled\"},\"spec\":{\"ports\":[{\"port\":53,\"protocol\":\"UDP\"}]}}")
            .json();
    assertThat(service.at("/spec/ports/0/targetPort").asInt()).isEqualTo(53);
    JsonNode policy =
        http.post(
                "/apis/networking.k8s.io/v1/namespaces/default/networkpolicies",
                "{\"metadata\":{\"name\":\"filled\"},\"spec\":{\"podSelector\":{},\"egress\":[{}]}}")
            .json();
    assertThat(policy.at("/spec/policyTypes")).hasToString("[\"Ingress\",\"Egress\"]");
    JsonNode pod =
        http.post(
                "/api/v1/namespaces/default/pods",
                "{\"metadata\":{\"name\":\"filled\"},\"spec\":{\"containers\":[{\"name\":\"c\",\"image\":\"i\"}]}}")
            .json();
    assertThat(pod.at("/status/phase").asText()).isEqualTo("Pending");
    String deployment =
        """
        {"metadata":{"name":"filled"},"spec":{"replicas":0,"selector":{"matchLabels":{"a":"b"}},
         "strategy":%s,"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}}}}
        """;
    String deployments = "/apis/apps/v1/namespaces/default/deployments?dryRun=All";
    assertThat(
            http.post(deployments, deployment.formatted("{}"))
                .json()
                .at("/spec/strategy")
                .toString())
        .isEqualTo(
            "{\"type\":\"RollingUpdate\",\"rollingUpdate\":{\"maxUnavailable\":\"25%\",\"maxSurge\":\"25%\"}}");
    assertThat(
            http.post(deployments, deployment.formatted("{\"type\":\"Recreate\"}"))
                .json()
                .at("/spec/strategy")
                .toString())
        .isEqualTo("{\"type\":\"Recreate\"}");
  }

  /** {@code kubectl diff} would show a count that goes up with each change. */
  @Test
  void noGenerationIsCountedWhereNothingFollows() {
    String maps = "/api/v1/namespaces/default/configmaps";
    http.post(maps, "{\"metadata\":{\"name\":\"counted\"},\"data\":{\"a\":\"b\"}}");
    JsonNode changed =
        http.patch(maps + "/counted", "merge-patch+json", "{\"data\":{\"a\":\"c\"}}").json();
    assertThat(changed.at("/data/a").asText()).isEqualTo("c");
    assertThat(changed.path("metadata").has("generation")).isFalse();
  }

  /** Kubernetes' client for Python insists on each. */
  @Test
  void theVersionHasAllOfItsFields() {
    assertThat(http.get("/version").json().fieldNames())
        .toIterable()
        .contains(
            "major",
            "minor",
            "gitVersion",
            "gitCommit",
            "gitTreeState",
            "buildDate",
            "goVersion",
            "compiler",
            "platform");
  }

  @Test
  void aSecretForBasicAuthenticationHasAUserOrAPassword() {
    String secret =
        "{\"metadata\":{\"name\":\"auth\"},\"type\":\"kubernetes.io/basic-auth\",\"stringData\":{\"%s\":\"x\"}}";
    String secrets = "/api/v1/namespaces/default/secrets?dryRun=All";
    assertThat(http.post(secrets, secret.formatted("other")).status()).isEqualTo(422);
    assertThat(http.post(secrets, secret.formatted("username")).status()).isEqualTo(201);
  }

  // --- accounts

  @Test
  void aNewPodHasWhatItsAccountSays() {
    String account =
        """
        {"apiVersion":"v1","kind":"ServiceAccount","metadata":{"name":"robot"},"automountServiceAccountToken":%s,
         "imagePullSecrets":[{"name":"registry"}]}""";
    String pod =
        """
        {"apiVersion":"v1","kind":"Pod","metadata":{"name":"%s"},
         "spec":{"serviceAccountName":"robot","containers":[{"name":"a","image":"b"}]}}""";
    String both = "{\"kind\":\"List\",\"apiVersion\":\"v1\",\"items\":[%s,%s]}";
    String apply = "/apis/jctl.dev/v1/apply?fieldManager=jctl";
    ok(http.post(apply, both.formatted(pod.formatted("first"), account.formatted("true"))));
    ok(http.post(PODS, pod.formatted("second")));
    ok(http.post(apply, both.formatted(pod.formatted("first"), account.formatted("false"))));
    ok(http.post(PODS, pod.formatted("third")));
    assertThat(volumesOf("first")).hasSize(1).isEqualTo(volumesOf("second"));
    assertThat(volumesOf("third")).isEmpty();
    assertThat(ok(http.get(PODS + "/third")).at("/spec/imagePullSecrets/0/name").asText())
        .isEqualTo("registry");
  }

  private JsonNode volumesOf(String pod) {
    return ok(http.get(PODS + "/" + pod)).at("/spec/volumes");
  }
}
