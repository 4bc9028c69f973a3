package dev.jctl.images.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.jctl.images.ImageException;
import dev.jctl.images.ImageException.Reason;
import dev.jctl.images.ImageStore;
import dev.jctl.images.ImageStore.ImageSource;
import dev.jctl.images.ImageStore.ImageStoreOptions;
import dev.jctl.images.ImageStore.PushTarget;
import dev.jctl.images.ImageStore.StoredImage;
import dev.jctl.images.Keyring;
import dev.jctl.images.reference.Digest;
import dev.jctl.images.registry.RetryPolicy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Mirrors, insecure registries and proxies. */
class RegistryRoutesIT {
  private static final RetryPolicy FAST = new RetryPolicy(2, Duration.ofMillis(1), 1 << 20);

  private static TestKeys keys;

  @TempDir Path temp;
  private Path layout;
  private Path config;
  private String version;
  private ImageStore store;

  @BeforeAll
  static void makeKeys(@TempDir Path directory) throws Exception {
    keys = TestKeys.make(directory);
  }

  @BeforeEach
  void start() throws IOException {
    layout = temp.resolve("layout");
    config = temp.resolve("registries.json");
    Skopeo.layout(layout);
    version =
        "@"
            + new ObjectMapper()
                .readTree(Files.readAllBytes(layout.resolve("index.json")))
                .at("/manifests/0/digest")
                .asText();
    store = open(Map.of());
  }

  @AfterEach
  void stop() {
    store.close();
  }

  private ImageStore open(Map<String, String> environment) {
    return ContentImageStore.open(
        temp.resolve("store"),
        new ImageStoreOptions(
            "linux",
            "amd64",
            config,
            Path.of("/nonexistent"),
            Path.of("/nonexistent"),
            environment,
            bytes -> Digest.sha256()),
        FAST);
  }

  private void configure(String rule) throws IOException {
    Files.writeString(config, "{\"registry\": [" + rule + "]}");
  }

  private StoredImage load(String name) {
    return store.load(new ImageSource.Reference(name + version, Keyring.EMPTY), progress -> {});
  }

  @Test
  void theFirstMirrorThatHasItGivesItUnderItsOwnName() throws IOException {
    try (var broken = new ScriptedRegistry(temp.resolve("empty"));
        var mirror = new ScriptedRegistry(layout)) {
      configure(
          """
          {"prefix": "r.example/team",
           "mirror": [{"location": "127.0.0.1:1"}, {"location": "%s"}, {"location": "%s/copy"}]}
          """
              .formatted(broken.host(), mirror.host()));
      StoredImage image = load("r.example/team/web");
      assertThat(image.repoDigest()).isEqualTo("r.example/team/web" + version);
      assertThat(broken.requests).hasSize(1);
      assertThat(mirror.requests).allMatch(r -> r.startsWith("GET /v2/copy/web/"));
    }
  }

  @Test
  void theRegistryItselfIsAskedWhenNoMirrorHasIt() throws IOException {
    try (var origin = new ScriptedRegistry(layout);
        var mirror = new ScriptedRegistry(temp.resolve("empty"))) {
      configure(
          "{\"prefix\": \"%s\", \"mirror\": [{\"location\": \"%s\"}]}"
              .formatted(origin.host(), mirror.host()));
      load(origin.host() + "/team/web");
      assertThat(mirror.requests).hasSize(1);
      store.collectGarbage(List.of(), List.of());
      origin.next("manifests", ScriptedRegistry.status(404));
      assertThatThrownBy(() -> load(origin.host() + "/team/web"))
          .hasMessageContaining(origin.host() + " answered 404")
          .hasMessageContaining("before that, of mirrors: ")
          .hasMessageContaining(mirror.host() + " answered 404");
    }
  }

  @Test
  void aCertificateThatNobodyTrustsIsTakenOnlyWhereTheConfigurationSaysSo() throws Exception {
    try (var registry = ScriptedRegistry.encrypted(layout, keys.context())) {
      // a name that is not loopback's, so that HTTPS is asked for
      configure(
          "{\"prefix\": \"r.example\", \"mirror\": [{\"location\": \"%s\", \"insecure\": true}]}"
              .formatted(registry.host()));
      load("r.example/team/web");
      assertThat(registry.requests).contains("GET /v2/ null null");

      store.collectGarbage(List.of(), List.of());
      configure("{\"location\": \"other.example\"}");
      assertThatThrownBy(() -> load(registry.host() + "/team/web"))
          .isInstanceOfSatisfying(
              ImageException.class, e -> assertThat(e.reason()).isEqualTo(Reason.UNREACHABLE));
    }
  }

  @Test
  void anAuthorityOfItsOwnVouchesForARegistryAndForNoOther() throws Exception {
    Path pem = temp.resolve("ca.pem");
    Files.writeString(pem, pem(keys));
    try (var registry = ScriptedRegistry.encrypted(layout, keys.context())) {
      // on loopback, where it would be asked by HTTP otherwise
      configure("{\"location\": \"%s\", \"ca\": \"%s\"}".formatted(registry.host(), pem));
      load(registry.host() + "/team/web");

      store.collectGarbage(List.of(), List.of());
      Files.writeString(pem, pem(TestKeys.make(temp.resolve("others"))));
      String reference = registry.host() + "/team/web";
      assertThatThrownBy(() -> load(reference))
          .isInstanceOfSatisfying(
              ImageException.class, e -> assertThat(e.reason()).isEqualTo(Reason.UNREACHABLE))
          .hasMessageStartingWith(reference + version + ": manifest sha256:")
          .hasMessageContaining("no answer from " + registry.host())
          .hasMessageContaining("PKIX path");
      Files.writeString(pem, "nothing");
      assertThatThrownBy(() -> load(registry.host() + "/team/web"))
          .isInstanceOfSatisfying(
              ImageException.class, e -> assertThat(e.reason()).isEqualTo(Reason.BAD_CONFIGURATION))
          .hasMessageContaining(pem.toString());
    }
  }

  @Test
  void whatWasAskedForInSecretIsNotTakenInTheClear() throws Exception {
    Path pem = Files.writeString(temp.resolve("ca.pem"), pem(keys));
    try (var registry = ScriptedRegistry.encrypted(layout, keys.context());
        var clear = new ScriptedRegistry(layout)) {
      configure("{\"location\": \"%s\", \"ca\": \"%s\"}".formatted(registry.host(), pem));
      String away = "http://" + clear.host() + "/elsewhere";
      registry.next("blobs", ScriptedRegistry.status(307, "Location", away));
      assertThatThrownBy(() -> load(registry.host() + "/team/web"))
          .hasFieldOrPropertyWithValue("reason", Reason.UNREACHABLE)
          .hasMessageContaining("redirects to where it must not: \"" + away + "\"");
      store.collectGarbage(List.of(), List.of());
      registry.next(
          "manifests",
          ScriptedRegistry.status(401, "WWW-Authenticate", "Bearer realm=\"" + away + "\""));
      assertThatThrownBy(() -> load(registry.host() + "/team/web"))
          .hasFieldOrPropertyWithValue("reason", Reason.UNAUTHORIZED);
      assertThat(clear.requests).isEmpty();
    }
  }

  private static String pem(TestKeys keys) throws Exception {
    return "-----BEGIN CERTIFICATE-----\n%s\n-----END CERTIFICATE-----\n"
        .formatted(Base64.getMimeEncoder().encodeToString(keys.certificate().getEncoded()));
  }

  @Test
  void aPasswordGoesToTheProxyAndWhenItTunnelsToNobodyElse() throws Exception {
    try (var registry = ScriptedRegistry.encrypted(layout, keys.context());
        var proxy = new TunnellingProxy(registry.host())) {
      store.close();
      store = open(Map.of("https_proxy", "http://ann:s%40fe@" + proxy.host()));
      configure("{\"location\": \"registry.invalid\", \"insecure\": true}");
      load("registry.invalid/team/web");
      assertThat(proxy.heads)
          .isNotEmpty()
          .allSatisfy(
              head ->
                  assertThat(head)
                      .startsWith("CONNECT registry.invalid:443 ")
                      .contains("Proxy-Authorization: Basic YW5uOnNAZmU="));
      assertThat(registry.requests).anyMatch(r -> r.startsWith("GET /v2/team/web/manifests/"));
      assertThat(registry.proxyPasswords).isEmpty();
    }
  }

  @Test
  void anInsecureRegistryMaySpeakHttpAndIsPushedToAsWell() throws IOException {
    try (var registry = DebianRegistry.start(temp.resolve("r"), "")) {
      configure("{\"location\": \"%s\", \"insecure\": true}".formatted(registry.host()));
      StoredImage image = store.load(new ImageSource.Archive(layout, null), progress -> {});
      store.push(
          image.imageId(),
          new PushTarget(registry.host() + "/team/web:1", Keyring.EMPTY),
          progress -> {});
      store.collectGarbage(List.of(), List.of());
      assertThat(load(registry.host() + "/team/web").imageId()).isEqualTo(image.imageId());
    }
  }

  @Test
  void requestsGoThroughTheProxyOfTheEnvironment() throws IOException {
    try (var proxy = new ScriptedRegistry(layout)) {
      store.close();
      store = open(Map.of("http_proxy", "http://" + proxy.host()));
      configure("{\"location\": \"registry.invalid\", \"insecure\": true}");
      load("registry.invalid/team/web");
      assertThat(proxy.requests).anyMatch(r -> r.startsWith("GET /v2/team/web/manifests/"));
    }
  }

  @Test
  void aConfigurationThatIsWrongIsSaidAndNotPassedOver() throws IOException {
    configure("{\"prefx\": \"r.example\"}");
    assertThatThrownBy(() -> load("r.example/team/web"))
        .isInstanceOfSatisfying(
            ImageException.class, e -> assertThat(e.reason()).isEqualTo(Reason.BAD_CONFIGURATION))
        .hasMessageContaining(config + ": $.registry[0]: unknown field \"prefx\"");
  }
}
