package dev.jctl.controller.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jctl.controller.access.AccountTokens;
import dev.jctl.controller.access.Authenticator;
import dev.jctl.controller.audit.AuditTrail;
import dev.jctl.controller.encryption.SealedStore;
import dev.jctl.controller.encryption.SecretSealing;
import dev.jctl.controller.fake.FakeImageStore;
import dev.jctl.controller.fake.FakeRuntime;
import dev.jctl.controller.image.ImageContents;
import dev.jctl.controller.image.PullSecrets;
import dev.jctl.controller.resources.StoreResources;
import dev.jctl.controller.status.Finalizers;
import dev.jctl.controller.watch.StoreCache;
import dev.jctl.images.Keyring;
import dev.jctl.store.Store;
import dev.jctl.store.StoreOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Clock;
import java.util.HexFormat;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Calls as GitHub, GitLab and Gitea make them, over real HTTP and a real store. */
class WebhookIT {
  private static final String REPOSITORIES = "/apis/jctl.dev/v1/namespaces/default/gitrepositories";
  private static final String HOOK = REPOSITORIES + "/machine/webhook";
  private static final String BODY = "{\"ref\":\"refs/heads/main\"}";
  private static final String KEY = "long and secret";

  @TempDir Path directory;
  private SealedStore store;
  private StoreCache cache;
  private ApiServer server;
  private SocketHttp root;

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
                AccountTokens.open(directory.resolve("pki"), clock, object -> true),
                new Authenticator(List.of()),
                AuditTrail.NONE,
                clock));
    server.listenOnSocket();
    root = new SocketHttp(directory.resolve("s"));
    root.post(
        "/api/v1/namespaces/default/secrets",
        "{\"metadata\":{\"name\":\"hook\"},\"stringData\":{\"token\":\"" + KEY + "\\n\"}}");
    repository("machine", ",\"webhook\":{\"secretRef\":{\"name\":\"hook\"}}");
    repository("silent", "");
  }

  @AfterEach
  void stop() {
    server.close();
    cache.close();
    store.close();
  }

  private void repository(String name, String more) {
    String body =
        """
        {"apiVersion":"jctl.dev/v1","kind":"GitRepository","metadata":{"name":"%s"},
         "spec":{"url":"/nowhere"%s}}\
        """
            .formatted(name, more);
    assertThat(root.post(REPOSITORIES, body).status()).isEqualTo(201);
  }

  private int call(String path, String header, String value) {
    return new SocketHttp(directory.resolve("s"), header + ": " + value + "\r\n")
        .post(path, BODY)
        .status();
  }

  private static String hmac(String key, String body) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
      return HexFormat.of().formatHex(mac.doFinal(body.getBytes(StandardCharsets.UTF_8)));
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  private String request() {
    return root.get(REPOSITORIES + "/machine")
        .json()
        .at("/metadata/annotations")
        .path("jctl.dev/reconcile-requested")
        .asText();
  }

  @Test
  void whoKnowsTheKeyHasTheRepositoryLookedAt() {
    String github = "sha256=" + hmac(KEY, BODY);
    assertThat(call(HOOK, "X-Hub-Signature-256", github)).isEqualTo(200);
    String first = request();
    assertThat(first).startsWith("webhook ");
    assertThat(call(HOOK, "X-Gitea-Signature", hmac(KEY, BODY))).isEqualTo(200);
    assertThat(request()).isNotEqualTo(first);
    assertThat(call(HOOK, "X-Gitlab-Token", KEY)).isEqualTo(200);
  }

  @Test
  void whoDoesNotIsToldNothing() {
    assertThat(call(HOOK, "X-Gitlab-Token", "guess")).isEqualTo(401);
    assertThat(call(HOOK, "X-Gitea-Signature", hmac(KEY, "other"))).isEqualTo(401);
    assertThat(call(HOOK, "X-Gitea-Signature", "no hex")).isEqualTo(401);
    assertThat(call(HOOK, "X-Hub-Signature-256", "sha256=")).isEqualTo(401);
    assertThat(call(HOOK, "X-Nothing", "x")).isEqualTo(401);
    assertThat(call(REPOSITORIES + "/silent/webhook", "X-Gitlab-Token", "")).isEqualTo(401);
    assertThat(call(REPOSITORIES + "/silent/webhook", "X-Gitea-Signature", hmac("x", BODY)))
        .isEqualTo(401);
    assertThat(call(REPOSITORIES + "/none/webhook", "X-Gitlab-Token", KEY)).isEqualTo(401);
    assertThat(request()).isEmpty();
    assertThat(root.get(HOOK).status()).isEqualTo(405);
  }

  @Test
  void whoGuessesOnIsNotListenedTo() {
    for (int i = 0; i < 10; i++) {
      assertThat(call(HOOK, "X-Gitlab-Token", "guess " + i)).isEqualTo(401);
    }
    assertThat(call(HOOK, "X-Gitlab-Token", "guess")).isEqualTo(429);
    assertThat(call(HOOK, "X-Gitlab-Token", KEY)).isEqualTo(429);
  }
}
