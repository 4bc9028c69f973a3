package dev.jctl.images.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.jctl.images.ImageException;
import dev.jctl.images.ImageException.Reason;
import dev.jctl.images.ImageStore;
import dev.jctl.images.ImageStore.FileEntry;
import dev.jctl.images.ImageStore.ImageSource;
import dev.jctl.images.ImageStore.PushTarget;
import dev.jctl.images.ImageStore.StoredImage;
import dev.jctl.images.Keyring;
import dev.jctl.images.RegistryAuth;
import dev.jctl.images.RegistryCredential;
import dev.jctl.images.registry.EnvironmentProxies;
import dev.jctl.images.registry.RetryPolicy;
import dev.jctl.images.registry.WebFile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a registry or the way to it may do wrong. */
class HostileRegistryIT {
  private static final RetryPolicy FAST = new RetryPolicy(3, Duration.ofMillis(1), 16 << 10);
  private static final RegistryCredential PASSWORD =
      new RegistryCredential.Password("Secret s", "carol", "hunter2");

  @TempDir Path temp;
  private ScriptedRegistry registry;
  private ImageStore store;
  private String manifest;
  private String layer;

  @BeforeEach
  void start() throws IOException {
    Path layout = temp.resolve("layout");
    Skopeo.layout(layout);
    registry = new ScriptedRegistry(layout);
    store = ContentImageStore.open(temp.resolve("store"), Stores.AMD64, FAST);
    manifest =
        hex(
            new ObjectMapper()
                .readTree(Files.readAllBytes(layout.resolve("index.json")))
                .at("/manifests/0/digest")
                .asText());
    layer = hex(manifestLayer(0));
  }

  private String manifestLayer(int number) throws IOException {
    Path document = temp.resolve("layout/blobs/sha256").resolve(manifest);
    return new ObjectMapper()
        .readTree(Files.readAllBytes(document))
        .at("/layers/" + number + "/digest")
        .asText();
  }

  private static String hex(String digest) {
    return digest.substring("sha256:".length());
  }

  @AfterEach
  void stop() {
    store.close();
    registry.close();
  }

  private String reference() {
    return registry.host() + "/team/web@sha256:" + manifest;
  }

  private StoredImage load() {
    return load(reference());
  }

  private StoredImage load(String reference) {
    RegistryAuth auth = new RegistryAuth(List.of(PASSWORD), List.of());
    return store.load(new ImageSource.Reference(reference, (r, n) -> auth), progress -> {});
  }

  private void assertLoads() {
    assertThat(Contents.of(store, load())).hasSize(4);
    assertThat(temp.resolve("store/ingest")).isEmptyDirectory();
  }

  private void assertFails(Reason reason, String text) {
    assertThatThrownBy(this::load)
        .isInstanceOfSatisfying(ImageException.class, e -> assertThat(e.reason()).isEqualTo(reason))
        .hasMessageStartingWith(reference())
        .hasMessageContaining(text)
        .hasMessageNotContaining("hunter2");
    assertThat(temp.resolve("store/ingest")).isEmptyDirectory();
    assertThat(temp.resolve("store/images")).isEmptyDirectory();
  }

  private List<String> requestsOf(String hex) {
    return registry.requests.stream().filter(r -> r.contains(hex)).toList();
  }

  @Test
  void goesOnWhereTheConnectionWasCut() throws IOException {
    registry.next(layer, registry.cut(layer, 150_000));
    assertLoads();
    assertThat(requestsOf(layer)).hasSize(2);
    // what was under way when the connection was reset may be lost
    assertThat(requestsOf(layer).getLast()).containsPattern("bytes=1[0-9]{4,5}-");
  }

  @Test
  void doesNotGiveUpWhileEachConnectionBringsAGoodDeal() throws IOException {
    // far more than a good deal, of which some may be lost under way
    for (int i = 0; i < 3; i++) {
      registry.next(layer, registry.cut(layer, 3 * FAST.chunkBytes()));
    }
    assertLoads();
    assertThat(requestsOf(layer)).hasSize(FAST.attempts() + 1);
    store.collectGarbage(List.of(), List.of());
    for (int i = 0; i < 3; i++) {
      registry.next(layer, registry.cut(layer, 10));
    }
    assertFails(Reason.UNREACHABLE, "blob sha256:" + layer + ": no answer from ");
  }

  @Test
  void startsAnewWhereRangesAreNotServed() throws IOException {
    registry.next(layer, registry.cut(layer, 150_000));
    registry.next(
        layer,
        ScriptedRegistry.body(
            Files.readAllBytes(temp.resolve("layout/blobs/sha256").resolve(layer))));
    assertLoads();
    assertThat(requestsOf(layer)).hasSize(2);
  }

  @Test
  void triesAgainWhenItIsAskedToWaitOrTheRegistryFails() {
    registry.next("manifests", ScriptedRegistry.status(429, "Retry-After", "1"));
    registry.next("manifests", ScriptedRegistry.status(503));
    long began = System.nanoTime();
    assertLoads();
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isGreaterThan(Duration.ofSeconds(1));
  }

  @Test
  void givesUpAfterSomeTimes() {
    for (int status : new int[] {429, 500, 503}) {
      for (int i = 0; i < FAST.attempts(); i++) {
        registry.next(layer, ScriptedRegistry.status(status));
      }
      assertFails(
          Reason.UNREACHABLE,
          "blob sha256:" + layer + ": " + registry.host() + " answered " + status);
    }
    assertLoads();
  }

  @Test
  void takesNoOtherContentThanWhatWasAskedFor() {
    registry.next("manifests", ScriptedRegistry.body("{}".getBytes(StandardCharsets.UTF_8)));
    assertFails(Reason.DIGEST_MISMATCH, "manifest sha256:" + manifest);
    registry.next(layer, ScriptedRegistry.body(new byte[200_000]));
    assertFails(Reason.DIGEST_MISMATCH, "layer sha256:" + layer);
    registry.next(layer, ScriptedRegistry.body(new byte[1_000_000]));
    assertFails(Reason.DIGEST_MISMATCH, "longer than");
  }

  @Test
  void doesNotTakeMoreThanThereShouldBe() {
    registry.next(layer, ScriptedRegistry.endless());
    assertFails(Reason.DIGEST_MISMATCH, "longer than");
    registry.next("manifests", ScriptedRegistry.endless());
    store.collectGarbage(List.of(), List.of());
    assertFails(Reason.CORRUPT, "manifest");
  }

  /** Whatever it is asked for: a manifest, a layer, a token, or why it refuses something. */
  @Test
  void silenceAndNextToNothingAreWaitedForNoLongerThanAnAnswerMayTake() throws IOException {
    RetryPolicy hasty = new RetryPolicy(2, Duration.ofMillis(1), 16 << 10, Duration.ofMillis(400));
    store.close();
    store = ContentImageStore.open(temp.resolve("store"), Stores.AMD64, hasty);
    CountDownLatch ended = new CountDownLatch(1);
    String bearer = "Bearer realm=\"http://%s/token\"".formatted(registry.host());
    try {
      String blob = "blob sha256:" + layer + ": no answer from " + registry.host();
      twice("manifests", ScriptedRegistry.silent(ended));
      assertFails(
          Reason.UNREACHABLE, "no answer from " + registry.host() + ": it took the request");
      twice("manifests", ScriptedRegistry.dribbling(ended));
      assertFails(Reason.UNREACHABLE, "no answer from " + registry.host() + ": only ");
      twice(layer, ScriptedRegistry.silent(ended));
      assertFails(Reason.UNREACHABLE, blob + ": it took the request");
      twice(layer, registry.stalled(layer, 100, ended));
      assertFails(Reason.UNREACHABLE, blob + ": silent for 0 s");
      twice(layer, ScriptedRegistry.dribbling(ended));
      assertFails(Reason.UNREACHABLE, blob + ": only ");
      twice("manifests", ScriptedRegistry.status(401, "WWW-Authenticate", bearer));
      twice("/token", ScriptedRegistry.dribbling(ended));
      assertFails(Reason.UNREACHABLE, "no answer from " + registry.host() + ": only ");
    } finally {
      ended.countDown();
    }
    store.close();
    store = ContentImageStore.open(temp.resolve("store"), Stores.AMD64, FAST);
    assertLoads();
  }

  private void twice(String path, ScriptedRegistry.Fault fault) {
    registry.next(path, fault);
    registry.next(path, fault);
    store.collectGarbage(List.of(), List.of());
  }

  @Test
  void layersOfAnImageAreFetchedAtTheSameTime() throws IOException {
    String other = hex(manifestLayer(1));
    CountDownLatch both = new CountDownLatch(2);
    registry.next(layer, registry.together(layer, both));
    registry.next(other, registry.together(other, both));
    assertLoads();
  }

  @Test
  void redirectsEnd() throws IOException {
    for (int i = 0; i < 20; i++) {
      registry.next(layer, ScriptedRegistry.status(307, "Location", "/round/sha256:" + layer));
    }
    assertFails(Reason.UNREACHABLE, "blob sha256:" + layer + ": more than 5 redirects");
    assertThat(requestsOf(layer)).hasSize(6);
    for (String where : List.of("ftp://127.0.0.1/x", "file:///etc/passwd", "http:///x", "::")) {
      ScriptedRegistry away = new ScriptedRegistry(temp.resolve("layout"));
      try (away) {
        away.next(layer, ScriptedRegistry.status(302, "Location", where));
        assertThatThrownBy(() -> load(away.host() + "/team/web@sha256:" + manifest))
            .hasMessageContaining(away.host() + " redirects to where it must not: \"" + where);
      }
    }
  }

  @Test
  void aFileOfTheWebIsTakenAsFarAsThereIsRoom() throws IOException {
    URI uri = URI.create("http://" + registry.host() + "/endless");
    registry.next("/endless", ScriptedRegistry.endless());
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    EnvironmentProxies none = new EnvironmentProxies(Map.of());
    assertThatThrownBy(
            () ->
                WebFile.fetch(
                    "ADD " + uri,
                    uri,
                    none,
                    out,
                    new WebFile.Bound(100_000, Reason.NO_SPACE, "for which there is no room")))
        .hasFieldOrPropertyWithValue("reason", Reason.NO_SPACE)
        .hasMessage("ADD " + uri + ": it has more than 100000 bytes, for which there is no room");
    assertThat(out.size()).isLessThan(1 << 20);
  }

  @Test
  void aRegistryWhoseNameIsNotKnownIsToldSo() {
    assertThatThrownBy(
            () ->
                store.load(
                    new ImageSource.Reference("nothere.invalid/team/web:1", Keyring.EMPTY),
                    progress -> {}))
        .hasFieldOrPropertyWithValue("reason", Reason.UNREACHABLE)
        .hasMessage(
            "nothere.invalid/team/web:1: manifest 1: no answer from nothere.invalid: its name is"
                + " not known here");
  }

  @Test
  void saysWhatWasRefused() {
    registry.next(layer, ScriptedRegistry.status(403));
    assertFails(Reason.UNAUTHORIZED, "answered 403; refused were the credentials of Secret s");
    registry.next(layer, ScriptedRegistry.status(404));
    assertFails(Reason.NOT_FOUND, "blob sha256:" + layer);
    store.collectGarbage(List.of(), List.of());
    registry.next("manifests", ScriptedRegistry.status(401, "WWW-Authenticate", "Negotiate"));
    assertFails(Reason.UNAUTHORIZED, "answered 401; refused were the credentials of Secret s");
  }

  @Test
  void credentialsDoNotFollowARedirectToAnotherHost() throws IOException {
    String challenge = "Basic realm=\"x\"";
    try (ScriptedRegistry other = new ScriptedRegistry(temp.resolve("layout"))) {
      registry.next(layer, ScriptedRegistry.status(401, "WWW-Authenticate", challenge));
      registry.next(
          layer,
          ScriptedRegistry.status(
              307, "Location", "http://" + other.host() + "/elsewhere/sha256:" + layer));
      assertLoads();
      assertThat(requestsOf(layer).getLast()).endsWith(" Basic Y2Fyb2w6aHVudGVyMg==");
      assertThat(other.requests).containsExactly("GET /elsewhere/sha256:" + layer + " null null");
    }
  }

  @Test
  void aTokenThatHasExpiredIsReplaced() {
    String challenge = "Bearer realm=\"http://" + registry.host() + "/token\",scope=\"a:b:c\"";
    byte[] token = "{\"token\":\"t\"}".getBytes(StandardCharsets.UTF_8);
    registry.next("manifests", ScriptedRegistry.status(401, "WWW-Authenticate", challenge));
    registry.next("/token", ScriptedRegistry.body(token));
    registry.next(layer, ScriptedRegistry.status(401, "WWW-Authenticate", challenge));
    registry.next(
        "/token",
        ScriptedRegistry.body("{\"access_token\":\"u\"}".getBytes(StandardCharsets.UTF_8)));
    assertLoads();
    assertThat(requestsOf(layer).getFirst()).endsWith(" Bearer t");
    assertThat(requestsOf(layer).getLast()).endsWith(" Bearer u");
    assertThat(registry.requests).contains("GET /token null Basic Y2Fyb2w6aHVudGVyMg==");
  }

  private void push(Keyring keyring) {
    StoredImage image =
        store.load(
            new ImageSource.Files(
                List.of(new FileEntry.Text("/etc/v", "1", null)), ImageStore.ImageConfig.EMPTY),
            progress -> {});
    store.push(
        image.imageId(), new PushTarget(registry.host() + "/team/web:1", keyring), progress -> {});
  }

  private void acceptsUpload() {
    registry.next("uploads", ScriptedRegistry.status(202, "Location", "/v2/u?state=a"));
    registry.next("/v2/u", ScriptedRegistry.status(201));
  }

  @Test
  void aPushTriesAgainWhatFailedForAWhile() {
    registry.next("uploads", ScriptedRegistry.status(429, "Retry-After", "1"));
    registry.next("uploads", ScriptedRegistry.status(202, "Location", "/v2/u?state=a"));
    registry.next("/v2/u", ScriptedRegistry.status(502));
    acceptsUpload();
    acceptsUpload();
    registry.next("manifests", ScriptedRegistry.status(500));
    registry.next("manifests", ScriptedRegistry.status(201));
    push(Keyring.EMPTY);
    assertThat(registry.requests)
        .filteredOn(r -> r.startsWith("PUT /v2/team/web/manifests/1 "))
        .hasSize(2);
  }

  @Test
  void aPushDoesNotSendAgainWhatWasTakenWithoutAnAnswer() {
    for (int i = 0; i < 2; i++) {
      registry.next("uploads", ScriptedRegistry.status(202, "Location", "/v2/u?state=a"));
      registry.next(
          "/v2/u",
          exchange -> {
            String query = exchange.getRequestURI().getQuery();
            String blob = "/blobs/" + query.substring(query.indexOf("sha256:"));
            registry.next(blob, ScriptedRegistry.status(200));
            registry.next(blob, ScriptedRegistry.status(200));
          });
    }
    registry.next("manifests", ScriptedRegistry.status(201));
    push(Keyring.EMPTY);
    assertThat(registry.requests).filteredOn(r -> r.startsWith("PUT /v2/u ")).hasSize(2);
  }

  @Test
  void aPushSaysWhatTheRegistryDidNotTake() {
    registry.next("uploads", ScriptedRegistry.status(403));
    registry.next("uploads", ScriptedRegistry.status(403));
    assertThatThrownBy(() -> push(Keyring.EMPTY))
        .hasMessageStartingWith(registry.host() + "/team/web:1: blob sha256:")
        .hasMessageContaining("answered 403; no credentials were used");
  }

  @Test
  void aPushSaysWhenTheRegistryHasSomethingElse() {
    acceptsUpload();
    acceptsUpload();
    registry.next(
        "manifests", ScriptedRegistry.status(201, "Docker-Content-Digest", "sha256:other"));
    assertThatThrownBy(() -> push(Keyring.EMPTY))
        .hasMessageContaining("the registry has it as sha256:other, not sha256:");
  }

  @Test
  void credentialsDoNotFollowAnUploadToAnotherHost() throws IOException {
    try (ScriptedRegistry other = new ScriptedRegistry(temp.resolve("layout"))) {
      for (int i = 0; i < 2; i++) {
        registry.next(
            "uploads",
            ScriptedRegistry.status(202, "Location", "http://" + other.host() + "/v2/u?state=a"));
        other.next("/v2/u", ScriptedRegistry.status(201));
      }
      registry.next("manifests", ScriptedRegistry.status(201));
      RegistryCredential token = new RegistryCredential.RegistryToken("s", "t");
      push((r, n) -> new RegistryAuth(List.of(token), List.of()));
      assertThat(registry.requests).anyMatch(r -> r.startsWith("PUT") && r.endsWith("Bearer t"));
      assertThat(other.requests).allMatch(r -> r.endsWith(" null null"));
    }
  }
}
