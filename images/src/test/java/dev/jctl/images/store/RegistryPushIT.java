package dev.jctl.images.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jctl.images.ImageException;
import dev.jctl.images.ImageException.Reason;
import dev.jctl.images.ImageStore;
import dev.jctl.images.ImageStore.ImageSource;
import dev.jctl.images.ImageStore.PushTarget;
import dev.jctl.images.ImageStore.PushedImage;
import dev.jctl.images.ImageStore.StoredImage;
import dev.jctl.images.ImageStore.TransferProgress;
import dev.jctl.images.Keyring;
import dev.jctl.images.RegistryAuth;
import dev.jctl.images.RegistryCredential.Password;
import dev.jctl.images.registry.RetryPolicy;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pushes to Debian's registry, in chunks that are much smaller than the layers. */
class RegistryPushIT {
  private static final RetryPolicy SMALL_CHUNKS =
      new RetryPolicy(4, Duration.ofMillis(10), 64 << 10);

  @TempDir Path temp;
  private ImageStore store;

  @BeforeEach
  void open() {
    assumeTrue(Skopeo.isThere(), "needs skopeo");
    store = ContentImageStore.open(temp.resolve("store"), Stores.AMD64, SMALL_CHUNKS);
  }

  @AfterEach
  void close() {
    if (store != null) {
      store.close();
    }
  }

  private DebianRegistry registry() throws IOException {
    return DebianRegistry.start(temp.resolve("r"), "");
  }

  private StoredImage image() throws IOException {
    Skopeo.layout(temp.resolve("layout"));
    return store.load(new ImageSource.Archive(temp.resolve("layout"), null), progress -> {});
  }

  private PushedImage push(StoredImage image, String reference) {
    return store.push(image.imageId(), new PushTarget(reference, Keyring.EMPTY), progress -> {});
  }

  private StoredImage pull(String reference) {
    return store.load(new ImageSource.Reference(reference, Keyring.EMPTY), progress -> {});
  }

  @Test
  void skopeoAndWeReadBackWhatWasPushed() throws Exception {
    try (DebianRegistry registry = registry()) {
      StoredImage image = image();
      List<String> contents = Contents.of(store, image);
      List<TransferProgress> seen = Collections.synchronizedList(new ArrayList<>());
      String reference = registry.host() + "/team/web:1";
      PushedImage pushed =
          store.push(image.imageId(), new PushTarget(reference, Keyring.EMPTY), seen::add);

      assertThat(pushed.digest()).isEqualTo(image.manifestDigest());
      assertThat(pushed.reference()).isEqualTo(reference);
      TransferProgress last = seen.getLast();
      assertThat(last.bytes()).isEqualTo(last.total()).isGreaterThan(image.sizeBytes());
      assertThat(last.layersDone()).isEqualTo(3);
      String said =
          Skopeo.run(
              "inspect", "--tls-verify=false", "--format={{.Digest}}", "docker://" + reference);
      assertThat(said.strip()).isEqualTo(image.manifestDigest());
      Skopeo.run(
          "copy", "--src-tls-verify=false", "docker://" + reference, "oci:" + temp + "/back:x");

      store.collectGarbage(List.of(), List.of());
      StoredImage back = pull(registry.host() + "/team/web@" + pushed.digest());
      assertThat(back.imageId()).isEqualTo(image.imageId());
      assertThat(Contents.of(store, back)).isEqualTo(contents);
    }
  }

  @Test
  void goesOnWhereAConnectionBrokeInBothDirections() throws Exception {
    try (DebianRegistry registry = registry();
        CuttingProxy proxy = new CuttingProxy(registry.host())) {
      StoredImage image = image();
      List<String> contents = Contents.of(store, image);
      String reference = proxy.host() + "/team/web:1";
      proxy.cutAfterSending(50_000);
      push(image, reference);
      assertThat(proxy.cuts()).isEqualTo(1);

      store.collectGarbage(List.of(), List.of());
      proxy.cutAfterReceiving(100_000);
      assertThat(Contents.of(store, pull(reference))).isEqualTo(contents);
      assertThat(proxy.cuts()).isEqualTo(2);
    }
  }

  @Test
  void mountsWhatTheRepositoryItCameFromHas() throws Exception {
    Password password = new Password("Secret s", TokenServer.USER, TokenServer.PASSWORD);
    Keyring keyring = (r, n) -> new RegistryAuth(List.of(password), List.of());
    try (var tokens = TokenServer.start(temp.resolve("t"));
        var registry = DebianRegistry.start(temp.resolve("r"), tokens.registryConfiguration())) {
      String first = registry.host() + "/team/web:1";
      store.push(image().imageId(), new PushTarget(first, keyring), progress -> {});
      StoredImage pulled = store.load(new ImageSource.Reference(first, keyring), progress -> {});
      tokens.scopes.clear();

      String second = registry.host() + "/team/copy:2";
      store.push(pulled.imageId(), new PushTarget(second, keyring), progress -> {});
      assertThat(tokens.scopes)
          .contains("repository:team/copy:pull,push", "repository:team/web:pull");
      store.collectGarbage(List.of(), List.of());
      assertThat(store.load(new ImageSource.Reference(second, keyring), progress -> {}).imageId())
          .isEqualTo(pulled.imageId());
      assertThatThrownBy(() -> push(pulled, second))
          .isInstanceOfSatisfying(
              ImageException.class, e -> assertThat(e.reason()).isEqualTo(Reason.UNAUTHORIZED))
          .hasMessageContaining(second)
          .hasMessageContaining("no credentials were used");
    }
  }

  @Test
  void whatIsSavedIsReadByUsAndBySkopeoInBothForms() throws Exception {
    StoredImage image = image();
    List<String> contents = Contents.of(store, image);
    Path archive = temp.resolve("saved.tar");
    try (OutputStream out = Files.newOutputStream(archive)) {
      store.save(image.imageId(), "r.example/team/web:1", out);
    }
    Skopeo.run("copy", "oci-archive:" + archive, "oci:" + temp.resolve("a") + ":x");
    Skopeo.run(
        "copy", "docker-archive:" + archive + ":r.example/team/web:1", "dir:" + temp.resolve("b"));
    store.collectGarbage(List.of(), List.of());
    StoredImage back =
        store.load(new ImageSource.Archive(archive, "r.example/team/web:1"), progress -> {});
    assertThat(back).isEqualTo(image);
    assertThat(Contents.of(store, back)).isEqualTo(contents);
    assertThat(store.documents(image.imageId()).configuration()).asString().contains("diff_ids");
  }

  @Test
  void pushesByTheDigestThatTheManifestHasAndByNoOther() throws Exception {
    try (DebianRegistry registry = registry()) {
      StoredImage image = image();
      String name = registry.host() + "/team/web";
      push(image, name + "@" + image.manifestDigest());
      assertThat(pull(name + "@" + image.manifestDigest()).imageId()).isEqualTo(image.imageId());
      String other = name + "@" + image.imageId();
      assertThatThrownBy(() -> push(image, other))
          .hasMessageStartingWith(other + ": the image's manifest is " + image.manifestDigest());
      String unknown = "sha256:" + "0".repeat(64);
      PushTarget target = new PushTarget(name + ":1", Keyring.EMPTY);
      assertThatThrownBy(() -> store.push(unknown, target, progress -> {}))
          .isInstanceOfSatisfying(
              ImageException.class, e -> assertThat(e.reason()).isEqualTo(Reason.NOT_FOUND));
    }
  }
}
