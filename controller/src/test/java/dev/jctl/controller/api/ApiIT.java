package dev.jctl.controller.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.jctl.controller.fake.FakeImageStore;
import dev.jctl.controller.testing.Json;
import dev.jctl.images.ImageException;
import dev.jctl.images.ImageStore.ImageSource;
import dev.jctl.images.Keyring;
import dev.jctl.store.Store;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What Kubernetes clients rely on, over real HTTP and a real store; no reconciler runs, so nothing
 * changes by itself.
 */
class ApiIT {
  private static final String VOLUMES = "/apis/jctl.dev/v1/namespaces/default/volumes";
  private static final String IMAGES = "/apis/jctl.dev/v1/namespaces/default/images";

  @TempDir Path directory;
  private TestServer server;
  private FakeImageStore images;
  private Store store;
  private SocketHttp http;

  @BeforeEach
  void start() throws IOException {
    server = new TestServer(directory);
    images = server.images;
    store = server.store;
    http = server.http;
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private static String volume(String name) {
    return volume(name, "1Gi");
  }

  private static String volume(String name, String capacity) {
    return """
    {"apiVersion":"jctl.dev/v1","kind":"Volume","metadata":{"name":"%s"},"spec":{"capacity":"%s"}}\
    """
        .formatted(name, capacity);
  }

  private SocketHttp.Answer create(String name) {
    SocketHttp.Answer created = http.post(VOLUMES, volume(name));
    assertThat(created.status()).as(created.body()).isEqualTo(201);
    return created;
  }

  private static String revision(JsonNode object) {
    return object.path("metadata").path("resourceVersion").asText();
  }

  private static List<String> names(JsonNode list) {
    List<String> names = new ArrayList<>();
    list.path("items").forEach(i -> names.add(i.path("metadata").path("name").asText()));
    return names;
  }

  // --- images

  private void createImage() {
    String image =
        "{'apiVersion':'jctl.dev/v1','kind':'Image','metadata':{'name':'web'},"
            + "'spec':{'reference':'r.example/web:1'}}";
    http.post(IMAGES, image.replace('\'', '"'));
  }

  private void bringImage() {
    String id =
        images
            .load(new ImageSource.Reference("r.example/web:1", Keyring.EMPTY), progress -> {})
            .imageId();
    SocketHttp.Answer written =
        http.patch(
            IMAGES + "/web/status",
            "merge-patch+json",
            "{\"status\":{\"phase\":\"Ready\",\"imageID\":\"" + id + "\"}}");
    assertThat(written.status()).as(written.body()).isEqualTo(200);
  }

  @Test
  void aPushTellsItsProgressAndThenWhatWasPushed() {
    createImage();
    String push = "{\"reference\":\"other.example/web:2\"}";
    SocketHttp.Answer early = http.post(IMAGES + "/web/push", push);
    assertThat(early.status()).isEqualTo(409);
    assertThat(early.body()).contains("image \\\"web\\\" is not ready");
    bringImage();
    assertThat(http.post(IMAGES + "/web/push", "{}").status()).isEqualTo(400);

    SocketHttp.Answer pushed = http.post(IMAGES + "/web/push", push);
    assertThat(pushed.status()).isEqualTo(200);
    assertThat(pushed.body().lines().toList().getLast())
        .isEqualTo("{\"reference\":\"other.example/web:2\",\"digest\":\"sha256:a\",\"size\":500}");
    images.fail("other.example/web:2", ImageException.Reason.UNAUTHORIZED);
    assertThat(http.post(IMAGES + "/web/push", push).body().lines().toList().getLast())
        .contains("\"reason\":\"Forbidden\"")
        .contains("other.example/web:2: UNAUTHORIZED");
  }

  @Test
  void anImagesDocumentsAndArchiveAreServed() {
    createImage();
    assertThat(http.get(IMAGES + "/web/config").status()).isEqualTo(409);
    bringImage();
    assertThat(http.get(IMAGES + "/web/config").json().path("id").asText()).startsWith("sha256:");
    assertThat(http.get(IMAGES + "/web/manifest").body()).isEqualTo("{}");
    assertThat(http.get(IMAGES + "/web/archive").body()).endsWith(" r.example/web:1");
    assertThat(http.get(IMAGES + "/web/archive?reference=x:1").body()).endsWith(" x:1");
    assertThat(http.get(IMAGES + "/none/archive").status()).isEqualTo(404);
    assertThat(http.get(VOLUMES + "/web/archive").status()).isEqualTo(404);
  }

  // --- reading

  @Test
  void pagesOfAListAreOfOneRevision() {
    List.of("a", "b", "c", "d", "e").forEach(this::create);
    JsonNode first = http.get(VOLUMES + "?limit=2").json();
    assertThat(names(first)).containsExactly("a", "b");
    assertThat(first.path("metadata").path("remainingItemCount").asInt()).isEqualTo(3);

    create("bb");
    http.delete(VOLUMES + "/d");
    JsonNode second =
        http.get(VOLUMES + "?limit=3&continue=" + first.path("metadata").path("continue").asText())
            .json();
    assertThat(names(second)).containsExactly("c", "d", "e");
    assertThat(revision(second)).isEqualTo(revision(first));
    assertThat(second.path("metadata").has("continue")).isFalse();
  }

  @Test
  void aListThatGoesOutInPiecesIsWhole() {
    for (String kind : List.of("configmaps", "secrets")) {
      String collection = "/api/v1/namespaces/default/" + kind;
      String field = kind.equals("secrets") ? "stringData" : "data";
      for (int i = 0; i < 3; i++) {
        String text = Integer.toString(i).repeat(900_000 + i);
        SocketHttp.Answer created =
            http.post(
                collection,
                "{'metadata':{'name':'large-%d'},'%s':{'text':'%s'}}"
                    .formatted(i, field, text)
                    .replace('\'', '"'));
        assertThat(created.status()).as(created.body()).isEqualTo(201);
      }
      JsonNode list = http.get(collection).json();
      assertThat(names(list)).containsExactly("large-0", "large-1", "large-2");
      assertThat(list.path("items").path(2)).isEqualTo(http.get(collection + "/large-2").json());
      assertThat(revision(list)).isEqualTo(revision(list.path("items").path(2)));
    }
  }

  @Test
  void aPageWhoseRevisionIsCompactedIsExpired() {
    List.of("a", "b", "c").forEach(this::create);
    String next = http.get(VOLUMES + "?limit=1").json().path("metadata").path("continue").asText();
    create("d");
    store.compact(store.revision());
    assertIsExpired(http.get(VOLUMES + "?limit=1&continue=" + next));
  }

  private static void assertIsExpired(SocketHttp.Answer answer) {
    assertThat(answer.status()).isEqualTo(410);
    assertThat(answer.reason()).isEqualTo("Expired");
  }

  @Test
  void aListOfARevisionThatHasNotHappenedIsAskedForAgainLater() {
    create("a");
    SocketHttp.Answer answer =
        http.get(VOLUMES + "?resourceVersion=999999&resourceVersionMatch=NotOlderThan");
    assertThat(answer.status()).isEqualTo(504);
    assertThat(answer.json().path("details").path("causes").path(0).path("reason").asText())
        .isEqualTo("ResourceVersionTooLarge");
  }

  @Test
  void selectorsChooseByLabelsAndFields() {
    http.post(VOLUMES, labelled("a", "front"));
    http.post(VOLUMES, labelled("b", "back"));
    create("c");
    assertThat(names(http.get(VOLUMES + "?labelSelector=tier in (front,middle)").json()))
        .containsExactly("a");
    assertThat(names(http.get(VOLUMES + "?labelSelector=tier,tier!=front").json()))
        .containsExactly("b");
    assertThat(names(http.get(VOLUMES + "?labelSelector=!tier").json())).containsExactly("c");
    assertThat(names(http.get(VOLUMES + "?fieldSelector=metadata.name=b").json()))
        .containsExactly("b");
    assertThat(http.get(VOLUMES + "?labelSelector=((").status()).isEqualTo(400);
  }

  private static String labelled(String name, String tier) {
    return volume(name).replace("\"name\"", "\"labels\":{\"tier\":\"" + tier + "\"},\"name\"");
  }

  @Test
  void aTableIsAnsweredToWhoAsksForOne() {
    create("a");
    JsonNode table =
        http.get(VOLUMES, "application/json;as=Table;v=v1;g=meta.k8s.io,application/json").json();
    assertThat(table.path("kind").asText()).isEqualTo("Table");
    assertThat(table.path("columnDefinitions").path(0).path("name").asText()).isEqualTo("Name");
    assertThat(table.path("rows").path(0).path("cells").path(0).asText()).isEqualTo("a");
    assertThat(table.path("rows").path(0).path("object").path("kind").asText())
        .isEqualTo("PartialObjectMetadata");
  }

  @Test
  void whatIsNotThereIsAnsweredAsAStatus() {
    SocketHttp.Answer missing = http.get(VOLUMES + "/nope");
    assertThat(missing.status()).isEqualTo(404);
    assertThat(missing.json().path("message").asText())
        .isEqualTo("volumes.jctl.dev \"nope\" not found");
    assertThat(http.get("/apis/apps/v1/controllerrevisions").status()).isEqualTo(404);
    assertThat(http.send("POST", VOLUMES + "/a", "application/json", volume("a")).status())
        .isEqualTo(405);
  }

  // --- watching

  @Test
  void aWatchFromARevisionTellsEveryChangeAfterIt() {
    create("before");
    String from = revision(http.get(VOLUMES).json());
    create("a");
    http.patch(VOLUMES + "/a", "merge-patch+json", "{\"metadata\":{\"labels\":{\"x\":\"1\"}}}");
    removeForGood("a");
    assertThat(watched("resourceVersion=" + from))
        .containsExactly("ADDED a", "MODIFIED a", "MODIFIED a", "DELETED a");
  }

  /** Clients do not go on before. */
  @Test
  @Timeout(30)
  void aWatchIsAnsweredBeforeAnythingHappens() {
    String from = revision(create("a").json());
    assertThat(http.statusOfHead(VOLUMES + "?watch=true&resourceVersion=" + from)).isEqualTo(200);
  }

  /** As long as nothing happens nothing is written to it, which would tell. */
  @Test
  void aWatcherThatHasGoneIsNoticedThoughNothingHappens() throws IOException {
    String from = revision(create("a").json());
    int before = openStreams();
    String request =
        "GET %s?watch=1&resourceVersion=%s HTTP/1.1\r\nHost: x\r\n\r\n".formatted(VOLUMES, from);
    try (SocketChannel stays = connected(request)) {
      try (SocketChannel gone = connected(request)) {
        awaitStreams(before + 2);
        assertThat(gone.isOpen()).isTrue();
      }
      awaitStreams(before + 1);
      assertThat(stays.isOpen()).isTrue();
    }
    awaitStreams(before);
  }

  private SocketChannel connected(String request) throws IOException {
    SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(http.socket()));
    channel.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.US_ASCII)));
    return channel;
  }

  private void awaitStreams(int count) {
    Instant end = Instant.now().plusSeconds(30);
    while (openStreams() != count && Instant.now().isBefore(end)) {
      Thread.onSpinWait();
    }
    assertThat(openStreams()).isEqualTo(count);
  }

  private int openStreams() {
    return http.get("/metrics")
        .body()
        .lines()
        .filter(line -> line.startsWith("jctl_api_streams "))
        .mapToInt(line -> (int) Double.parseDouble(line.split(" ", -1)[1]))
        .sum();
  }

  @Test
  void aWatchWithInitialEventsTellsWhenTheyAreOver() {
    create("a");
    List<String> told =
        watched(
            "sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true");
    assertThat(told).containsExactly("ADDED a", "BOOKMARK ");
  }

  @Test
  void aWatchFromARevisionThatIsGoneIsExpired() {
    create("a");
    String from = revision(http.get(VOLUMES).json());
    create("b");
    store.compact(store.revision());
    assertIsExpired(http.get(VOLUMES + "?watch=true&resourceVersion=" + from));
  }

  @Test
  void whatAnObjectBecomesDecidesWhatASelectiveWatchTells() {
    String from = revision(create("a").json());
    String label = "{\"metadata\":{\"labels\":{\"on\":%s}}}";
    http.patch(VOLUMES + "/a", "merge-patch+json", label.formatted("\"1\""));
    http.patch(VOLUMES + "/a", "merge-patch+json", label.formatted("null"));
    assertThat(watched("labelSelector=on&resourceVersion=" + from))
        .containsExactly("ADDED a", "DELETED a");
  }

  @Test
  void aWatchOfOneNameHearsOfThatOneAlone() {
    String from = revision(create("web").json());
    create("web2");
    http.patch(VOLUMES + "/web", "merge-patch+json", "{\"metadata\":{\"labels\":{\"x\":\"1\"}}}");
    assertThat(watched("fieldSelector=metadata.name%3Dweb&resourceVersion=" + from))
        .containsExactly("MODIFIED web");
    assertThat(watched("fieldSelector=metadata.name%3Dweb")).containsExactly("ADDED web");
    assertThat(names(http.get(VOLUMES + "?fieldSelector=metadata.name%3Dweb").json()))
        .containsExactly("web");
    assertThat(names(http.get(VOLUMES + "?fieldSelector=metadata.name%3Da%00").json())).isEmpty();
  }

  /** Of all within a second: type and name. */
  private List<String> watched(String query) {
    String lines = http.get(VOLUMES + "?watch=true&timeoutSeconds=1&" + query).body();
    return lines
        .lines()
        .map(Json::tree)
        .map(e -> e.path("type").asText() + " " + e.at("/object/metadata/name").asText())
        .toList();
  }

  private void removeForGood(String name) {
    http.delete(VOLUMES + "/" + name);
    http.patch(VOLUMES + "/" + name, "merge-patch+json", "{\"metadata\":{\"finalizers\":null}}");
    assertThat(http.get(VOLUMES + "/" + name).status()).isEqualTo(404);
  }

  // --- writing

  @Test
  void whoReplacesAnOlderVersionIsToldOfTheConflict() {
    String read = create("a").body();
    http.patch(VOLUMES + "/a", "merge-patch+json", "{\"metadata\":{\"labels\":{\"x\":\"1\"}}}");
    SocketHttp.Answer answer = http.put(VOLUMES + "/a", read);
    assertThat(answer.status()).isEqualTo(409);
    assertThat(answer.reason()).isEqualTo("Conflict");
  }

  @Test
  void anObjectIsCreatedOnce() {
    create("a");
    SocketHttp.Answer again = http.post(VOLUMES, volume("a"));
    assertThat(again.status()).isEqualTo(409);
    assertThat(again.reason()).isEqualTo("AlreadyExists");
  }

  @Test
  void aNameIsGeneratedWhereOnlyItsBeginningIsGiven() {
    String unnamed = volume("x").replace("\"name\":\"x\"", "\"generateName\":\"job-\"");
    String first = http.post(VOLUMES, unnamed).json().at("/metadata/name").asText();
    String second = http.post(VOLUMES, unnamed).json().at("/metadata/name").asText();
    assertThat(List.of(first, second)).allMatch(name -> name.matches("job-[a-z0-9]{5}"));
    assertThat(first).isNotEqualTo(second);
  }

  @Test
  void everyKindOfPatchIsTaken() {
    create("a");
    String label = "/metadata/labels/";
    assertThat(
            http.patch(
                    VOLUMES + "/a",
                    "merge-patch+json",
                    "{\"metadata\":{\"labels\":{\"merge\":\"1\"}}}")
                .json()
                .at(label + "merge")
                .asText())
        .isEqualTo("1");
    assertThat(
            http.patch(
                    VOLUMES + "/a",
                    "json-patch+json",
                    "[{\"op\":\"test\",\"path\":\"/metadata/labels/merge\",\"value\":\"1\"},"
                        + "{\"op\":\"add\",\"path\":\"/metadata/labels/json\",\"value\":\"2\"}]")
                .json()
                .at(label + "json")
                .asText())
        .isEqualTo("2");
    assertThat(
            http.patch(
                    VOLUMES + "/a",
                    "strategic-merge-patch+json",
                    "{\"metadata\":{\"labels\":{\"merge\":null}}}")
                .json()
                .at(label + "merge")
                .isMissingNode())
        .isTrue();
    SocketHttp.Answer failed =
        http.patch(
            VOLUMES + "/a",
            "json-patch+json",
            "[{\"op\":\"test\",\"path\":\"/metadata/labels/json\",\"value\":\"other\"}]");
    assertThat(failed.status()).isEqualTo(422);
    assertThat(http.patch(VOLUMES + "/a", "x-patch", "{}").status()).isEqualTo(415);
  }

  @Test
  void whoAppliesAnothersFieldIsToldWhoseUnlessForced() {
    String labelled =
        "metadata: {name: a, labels: {x: '%s'}}\nkind: Volume\napiVersion: jctl.dev/v1\n";
    String target = VOLUMES + "/a?fieldManager=";
    assertThat(apply(target + "one", labelled.formatted("1")).status()).isEqualTo(201);
    SocketHttp.Answer conflict = apply(target + "two", labelled.formatted("2"));
    assertThat(conflict.status()).isEqualTo(409);
    assertThat(conflict.json().path("message").asText()).contains("one").contains("labels.x");
    SocketHttp.Answer forced = apply(target + "two&force=true", labelled.formatted("2"));
    assertThat(forced.json().at("/metadata/labels/x").asText()).isEqualTo("2");
  }

  private SocketHttp.Answer apply(String target, String yaml) {
    return http.patch(target, "apply-patch+yaml", yaml);
  }

  @Test
  void aDryRunAnswersButWritesNothing() {
    SocketHttp.Answer answer = http.post(VOLUMES + "?dryRun=All", volume("a"));
    assertThat(answer.status()).isEqualTo(201);
    assertThat(answer.json().at("/spec/driver").asText()).isEqualTo("local");
    assertThat(http.get(VOLUMES + "/a").status()).isEqualTo(404);
  }

  @Test
  void defaultsThatAPatchLeavesOutAreNoChange() {
    String containers = "/apis/jctl.dev/v1/namespaces/default/containers";
    JsonNode created =
        http.post(
                containers,
                """
                {"apiVersion":"jctl.dev/v1","kind":"Container","metadata":{"name":"web"},
                 "spec":{"image":"a","ports":[{"containerPort":80}]}}
                """)
            .json();
    assertThat(created.at("/spec/ports/0/protocol").asText()).isEqualTo("TCP");
    String patch = "{\"spec\":{\"ports\":[{\"containerPort\":%d}]}}";
    JsonNode same = http.patch(containers + "/web", "merge-patch+json", patch.formatted(80)).json();
    assertThat(revision(same)).isEqualTo(revision(created));
    JsonNode other =
        http.patch(containers + "/web", "merge-patch+json", patch.formatted(81)).json();
    assertThat(other.at("/metadata/generation").asInt()).isEqualTo(2);
  }

  @Test
  void openApiIsServedInBothVersions() {
    JsonNode v2 = http.get("/openapi/v2").json();
    assertThat(v2.path("swagger").asText()).isEqualTo("2.0");
    assertThat(v2.path("definitions").has("dev.jctl.v1.Container")).isTrue();
    String pods = "/api/v1/namespaces/{namespace}/pods";
    assertThat(v2.path("paths").path(pods).fieldNames())
        .toIterable()
        .containsExactlyInAnyOrder("get", "post", "delete");
    assertThat(v2.path("paths").path(pods + "/{name}").fieldNames())
        .toIterable()
        .containsExactlyInAnyOrder("get", "put", "delete", "patch");
    assertThat(v2.path("paths").has(pods + "/{name}/status")).isTrue();
    SocketHttp.Answer message =
        http.get("/openapi/v2", "application/com.github.proto-openapi.spec.v2@v1.0+protobuf");
    assertThat(message.status()).isEqualTo(200);
    assertThat(message.body()).contains("dev.jctl.v1.Container", "containerPort");
    assertThat(http.get("/openapi/v3").json().path("paths").has("apis/jctl.dev/v1")).isTrue();
    JsonNode v3 = http.get("/openapi/v3/apis/apps/v1").json();
    JsonNode schemas = v3.at("/components/schemas");
    assertThat(v3.findValuesAsText("$ref"))
        .isNotEmpty()
        .allSatisfy(
            to -> assertThat(schemas.has(to.substring("#/components/schemas/".length()))).isTrue());
    assertThat(schemas.path("io.k8s.api.core.v1.Probe").at("/properties/periodSeconds/description"))
        .isEqualTo(
            TextNode.valueOf(
                "How often (in seconds) to perform the probe. Default to 10 seconds. Minimum value is"
                    + " 1."));
  }

  @Test
  void textsOfASecretAreStoredAsDataOfWhomEverWroteThem() {
    String secrets = "/api/v1/namespaces/default/secrets";
    String yaml =
        """
        apiVersion: v1
        kind: Secret
        metadata: {name: login}
        stringData: {password: %s}
        """;
    JsonNode created = apply(secrets + "/login?fieldManager=a", yaml.formatted("one")).json();
    assertThat(created.at("/data/password").asText()).as(created.toString()).isEqualTo("b25l");
    assertThat(created.has("stringData")).isFalse();
    assertThat(created.path("type").asText()).isEqualTo("Opaque");
    JsonNode again = apply(secrets + "/login?fieldManager=a", yaml.formatted("one")).json();
    assertThat(revision(again)).isEqualTo(revision(created));
    assertThat(apply(secrets + "/login?fieldManager=b", yaml.formatted("two")).status())
        .as("the other applier has it")
        .isEqualTo(409);
    JsonNode patched =
        http.patch(
                secrets + "/login",
                "merge-patch+json",
                "{\"stringData\":{\"user\":\"x\"},\"immutable\":true}")
            .json();
    assertThat(patched.path("data").properties()).hasSize(2);
    SocketHttp.Answer frozen =
        http.patch(secrets + "/login", "merge-patch+json", "{\"stringData\":{\"user\":\"y\"}}");
    assertThat(frozen.status()).isEqualTo(422);
    assertThat(frozen.body()).contains("immutable").doesNotContain("eQ==");
  }

  @Test
  void anUnknownFieldIsRefusedOrWarnedOfAsAsked() {
    String wrong = volume("a").replace("\"capacity\"", "\"capacty\"");
    SocketHttp.Answer refused = http.post(VOLUMES + "?fieldValidation=Strict", wrong);
    assertThat(refused.status()).isEqualTo(400);
    assertThat(refused.json().path("message").asText()).contains("spec.capacty");
    SocketHttp.Answer warned = http.post(VOLUMES + "?fieldValidation=Warn", wrong);
    assertThat(warned.status()).isEqualTo(201);
    assertThat(warned.headers().get("warning")).contains("spec.capacty");
    assertThat(warned.json().path("spec").has("capacty")).isFalse();
  }

  @Test
  void aWrongValueIsNamedByItsField() {
    SocketHttp.Answer answer = http.post(VOLUMES, volume("a", "much"));
    assertThat(answer.status()).isEqualTo(422);
    JsonNode cause = answer.json().path("details").path("causes").path(0);
    assertThat(cause.path("field").asText()).isEqualTo("spec.capacity");
  }

  @Test
  void aBodyThatIsTooLargeTooDeepOrNoneIsRefused() {
    String large = volume("a").replace("{\"name\"", "{\"labels\":{\"a\":\"%s\"},\"name\"");
    assertThat(http.post(VOLUMES, large.formatted("x".repeat(4 << 20))).status()).isEqualTo(413);
    assertThat(http.post(VOLUMES, "[".repeat(10_000)).status()).isEqualTo(400);
    assertThat(http.post(VOLUMES, "").status()).isEqualTo(400);
    assertThat(http.get("/healthz").body()).isEqualTo("ok");
  }

  // --- deleting

  @Test
  void anObjectWithFinalizersIsMarkedAndGoesWithTheLast() {
    create("a");
    JsonNode marked = http.delete(VOLUMES + "/a").json();
    assertThat(marked.at("/metadata/deletionTimestamp").isTextual()).isTrue();
    assertThat(http.get(VOLUMES + "/a").status()).isEqualTo(200);
    removeForGood("a");
  }

  @Test
  void aDeletionWithAnotherUidIsRefused() {
    create("a");
    SocketHttp.Answer answer =
        http.send(
            "DELETE",
            VOLUMES + "/a",
            "application/json",
            "{\"preconditions\":{\"uid\":\"another\"}}");
    assertThat(answer.status()).isEqualTo(409);
    assertThat(http.get(VOLUMES + "/a").json().at("/metadata").has("deletionTimestamp")).isFalse();
  }

  @Test
  void aCollectionIsDeletedByItsSelector() {
    http.post(VOLUMES, labelled("a", "front"));
    http.post(VOLUMES, labelled("b", "back"));
    assertThat(names(http.delete(VOLUMES + "?labelSelector=tier=front").json()))
        .containsExactly("a");
    assertThat(http.get(VOLUMES + "/b").json().at("/metadata").has("deletionTimestamp")).isFalse();
  }

  // --- sets

  @Test
  void aSetIsAppliedWholeOrNotAtAllAndPruned() {
    String set = "/apis/jctl.dev/v1/apply?fieldManager=jctl&set=s";
    assertThat(outcomes(http.post(set, list(volume("a"), volume("b")))))
        .containsExactly("created a", "created b");
    SocketHttp.Answer refused = http.post(set, list(volume("a", "2Gi"), volume("c", "much")));
    assertThat(refused.status()).isEqualTo(422);
    assertThat(http.get(VOLUMES + "/a").json().at("/spec/capacity").asText()).isEqualTo("1Gi");
    assertThat(outcomes(http.post(set + "&prune=true", list(volume("a", "2Gi")))))
        .containsExactly("configured a", "pruned b");
    assertThat(outcomes(http.post(set, list(volume("a", "2Gi"))))).containsExactly("unchanged a");
  }

  private static final String SETS = "/apis/jctl.dev/v1/namespaces/default/manifestsets";
  private static final String APPLY_SET =
      "/apis/jctl.dev/v1/apply?fieldManager=jctl&prune=true&set=s";

  private static String configMap(String name) {
    return "{'apiVersion':'v1','kind':'ConfigMap','metadata':{'name':'%s'}}"
        .formatted(name)
        .replace('\'', '"');
  }

  @Test
  void aSetOfTwoHundredIsOneTransactionAndWithoutAChangeNone() {
    String[] objects = new String[200];
    Arrays.setAll(objects, i -> configMap("c" + i));
    long before = store.revision();
    http.post(APPLY_SET, list(objects));
    assertThat(store.revision()).as("one transaction").isEqualTo(before + 1);
    Set<String> versions = new HashSet<>();
    http.get("/api/v1/namespaces/default/configmaps?labelSelector=jctl.dev/set%3Ds")
        .json()
        .path("items")
        .forEach(c -> versions.add(c.at("/metadata/resourceVersion").asText()));
    versions.add(http.get(SETS + "/s").json().at("/metadata/resourceVersion").asText());
    assertThat(versions).as("of all and of the set").containsExactly("" + (before + 1));

    assertThat(outcomes(http.post(APPLY_SET, list(objects))))
        .hasSize(200)
        .allMatch(outcome -> outcome.startsWith("unchanged "));
    assertThat(store.revision()).as("no write").isEqualTo(before + 1);
  }

  /** What {@code jctl apply --plan FILE} sends. */
  @Test
  void whatWasPlannedIsDoneOrNothingIs() {
    String plan = APPLY_SET + "&dryRun=All&plan=true";
    String digest = http.post(plan, list(volume("a"))).json().at("/digest").asText();
    assertThat(digest).isNotEmpty();
    http.post(APPLY_SET, list(volume("a", "2Gi")));
    SocketHttp.Answer moved = http.post(APPLY_SET + "&planned=" + digest, list(volume("a")));
    assertThat(moved.status()).isEqualTo(409);
    assertThat(http.get(VOLUMES + "/a").json().at("/spec/capacity").asText()).isEqualTo("2Gi");

    String now = http.post(plan, list(volume("a"))).json().at("/digest").asText();
    assertThat(outcomes(http.post(APPLY_SET + "&planned=" + now, list(volume("a")))))
        .containsExactly("configured a");
  }

  @Test
  void aSetKeepsItsRevisionsAndCanGoBackToEach() {
    http.post(APPLY_SET, list(volume("a"), configMap("b")));
    http.post(APPLY_SET, list(volume("a", "2Gi"), configMap("c")));
    JsonNode status = http.get(SETS + "/s").json().path("status");
    assertThat(status.path("revision").asInt()).isEqualTo(2);
    assertThat(status.path("members"))
        .extracting(JsonNode::asText)
        .containsExactly("ConfigMap/default/c", "Volume/default/a");
    assertThat(http.get(SETS + "/s/revisions?revision=1").json().path("items")).hasSize(2);

    SocketHttp.Answer back = http.post(SETS + "/s/rollback?toRevision=1", "{}");
    assertThat(outcomes(back)).containsExactly("configured a", "created b", "pruned c");
    assertThat(back.json().at("/set/revision").asInt()).isEqualTo(3);
    assertThat(http.get(VOLUMES + "/a").json().at("/spec/capacity").asText()).isEqualTo("1Gi");
    assertThat(http.get(SETS + "/s").json().at("/status/history/0/cause").asText())
        .isEqualTo("rollback to 1");
    SocketHttp.Answer unknown = http.post(SETS + "/s/rollback?toRevision=7", "{}");
    assertThat(unknown.status()).isEqualTo(404);
    assertThat(unknown.body()).contains("no revision 7 any more; there are 3, 2, 1");
  }

  @Test
  void aSetThatIsAsItWasIsNotWritten() {
    http.post(APPLY_SET, list(volume("a"), volume("b")));
    long before = store.revision();
    assertThat(outcomes(http.post(APPLY_SET, list(volume("b"), volume("a")))))
        .containsExactly("unchanged b", "unchanged a");
    assertThat(store.revision()).isEqualTo(before);
  }

  @Test
  void aSetIsEmptiedOnlyWhenThatIsSaidAndKeepsWhatIsNotToBePruned() {
    String kept =
        volume("b")
            .replace(
                "{\"name\":\"b\"}",
                "{\"name\":\"b\",\"annotations\":{\"jctl.dev/prune\":\"disabled\"}}");
    http.post(APPLY_SET, list(volume("a"), kept));
    assertThat(http.post(APPLY_SET, list()).status()).isEqualTo(400);
    assertThat(outcomes(http.post(APPLY_SET + "&allowEmpty=true", list())))
        .containsExactly("pruned a");
    assertThat(http.get(VOLUMES + "/b").status()).isEqualTo(200);
  }

  @Test
  void anObjectOfOneSetIsNotTakenByAnother() {
    http.post(APPLY_SET, list(volume("a")));
    SocketHttp.Answer refused =
        http.post("/apis/jctl.dev/v1/apply?fieldManager=jctl&set=t", list(volume("a")));
    assertThat(refused.status()).isEqualTo(409);
    assertThat(refused.body()).contains("volume/default/a belongs to ManifestSet/default/s");
    assertThat(http.get(SETS + "/t").status()).isEqualTo(404);
  }

  @Test
  void revisionsAreBoundedInNumberAndShowNoSecrets() {
    http.post(APPLY_SET, list(volume("a")));
    http.patch(SETS + "/s", "merge-patch+json", "{\"spec\":{\"revisionHistoryLimit\":2}}");
    String secret =
        "{'apiVersion':'v1','kind':'Secret','metadata':{'name':'k'},'stringData':{'key':'hidden'}}"
            .replace('\'', '"');
    http.post(APPLY_SET, list(volume("a"), secret));
    http.post(APPLY_SET, list(volume("a", "2Gi"), secret));
    assertThat(http.get(SETS + "/s").json().at("/status/history"))
        .extracting(r -> r.path("revision").asInt())
        .containsExactly(3, 2);
    assertThat(http.get(SETS + "/s/revisions?revision=1").status()).isEqualTo(404);
    assertThat(http.get(SETS + "/s/revisions?revision=3").body())
        .contains("\"key\":\"***\"")
        .doesNotContain("hidden");
  }

  private static String list(String... items) {
    return "{\"kind\":\"List\",\"apiVersion\":\"v1\",\"items\":[" + String.join(",", items) + "]}";
  }

  private static List<String> outcomes(SocketHttp.Answer answer) {
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    List<String> outcomes = new ArrayList<>();
    answer
        .json()
        .path("items")
        .forEach(
            i ->
                outcomes.add(
                    i.path("outcome").asText() + " " + i.at("/object/metadata/name").asText()));
    return outcomes;
  }

  // --- what was

  @Test
  void whatWasIsReadByRevisionAndByTime() {
    String first = revision(create("a").json());
    http.patch(VOLUMES + "/a", "merge-patch+json", "{\"spec\":{\"capacity\":\"2Gi\"}}");
    String exact = "?resourceVersionMatch=Exact&resourceVersion=";
    assertThat(http.get(VOLUMES + "/a" + exact + first).json().at("/spec/capacity").asText())
        .isEqualTo("1Gi");
    assertThat(http.get(VOLUMES + "/a" + exact + (Long.parseLong(first) - 1)).status())
        .isEqualTo(404);
    assertThat(http.get(VOLUMES + "/a" + exact + "999").body())
        .contains("has not happened yet; the newest is");
    assertThat(http.get(VOLUMES + "/a?history=true").json().path("items"))
        .extracting(v -> v.at("/object/spec/capacity").asText())
        .containsExactly("2Gi", "1Gi");
    String revisions = "/apis/jctl.dev/v1/revisions?time=";
    assertThat(http.get(revisions + "2999-01-01T00:00:00Z").json().path("revision").asLong())
        .isEqualTo(store.revision());
    SocketHttp.Answer before = http.get(revisions + "2000-01-01T00:00:00Z");
    assertThat(before.status()).isEqualTo(410);
    assertThat(before.body()).contains("is not kept any more; the oldest");
    assertThat(http.get(revisions + "noon").status()).isEqualTo(400);
    store.compact(store.revision());
    assertThat(http.get(VOLUMES + "/a" + exact + first).status()).isEqualTo(410);
  }

  // --- discovery

  private static final String AGGREGATED =
      "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json";

  @Test
  void allIsDiscoveredInTwoAnswersThatAreTagged() {
    SocketHttp.Answer groups = http.get("/apis", AGGREGATED);
    assertThat(groups.headers().get("content-type")).contains("v=v2;as=APIGroupDiscoveryList");
    JsonNode ours = groups.json().path("items").path(0);
    assertThat(ours.at("/metadata/name").asText()).isEqualTo("jctl.dev");
    JsonNode image = ours.at("/versions/0/resources/0");
    assertThat(image.path("resource").asText()).isEqualTo("images");
    assertThat(image.path("scope").asText()).isEqualTo("Namespaced");
    assertThat(image.at("/responseKind/kind").asText()).isEqualTo("Image");
    assertThat(image.at("/subresources/0/subresource").asText()).isEqualTo("status");
    assertThat(http.get("/api", AGGREGATED).body()).contains("\"subresource\":\"exec\"");
    assertThat(http.get("/apis").json().path("kind").asText()).isEqualTo("APIGroupList");
    assertThat(http.get("/apis", AGGREGATED.replace("v=v2", "v=v2beta1")).json().path("apiVersion"))
        .hasToString("\"apidiscovery.k8s.io/v2beta1\"");

    SocketHttp again =
        new SocketHttp(
            directory.resolve("s"), "If-None-Match: " + groups.headers().get("etag") + "\r\n");
    SocketHttp.Answer known = again.get("/apis", AGGREGATED);
    assertThat(known.status()).isEqualTo(304);
    assertThat(known.body()).isEmpty();
  }

  /** As client-go's leader election does it. */
  @Test
  void aLeaseIsTakenByOneOfTwo() {
    String leases = "/apis/coordination.k8s.io/v1/namespaces/default/leases";
    String lease =
        """
        {"metadata":{"name":"leader"},"spec":{"holderIdentity":"%s","leaseDurationSeconds":15,
         "acquireTime":"2026-01-01T00:00:00.000001Z","renewTime":"2026-01-01T00:00:00.000001Z",
         "leaseTransitions":0}}\
        """;
    SocketHttp.Answer taken = http.post(leases, lease.formatted("a"));
    assertThat(taken.status()).as(taken.body()).isEqualTo(201);
    assertThat(http.post(leases, lease.formatted("b")).status()).isEqualTo(409);
    String stale = lease.formatted("b").replace("\"name\"", "\"resourceVersion\":\"1\",\"name\"");
    assertThat(http.put(leases + "/leader", stale).status()).isEqualTo(409);
    String held = taken.body().replace("\"holderIdentity\":\"a\"", "\"holderIdentity\":\"b\"");
    assertThat(http.put(leases + "/leader", held).status()).isEqualTo(200);
  }
}
