package dev.jctl.images.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jctl.images.ImageException;
import dev.jctl.images.ImageException.Reason;
import dev.jctl.images.ImageStore;
import dev.jctl.images.ImageStore.ImageSource;
import dev.jctl.images.ImageStore.PushTarget;
import dev.jctl.images.ImageStore.StoredImage;
import dev.jctl.images.ImageStore.TransferProgress;
import dev.jctl.images.Keyring;
import dev.jctl.images.reference.Digest;
import dev.jctl.images.registry.RetryPolicy;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against Debian's registry and skopeo, and archives that skopeo wrote. */
class RegistryIT {

  private static final RetryPolicy FAST = new RetryPolicy(3, Duration.ofMillis(10), 1 << 20);
  @TempDir Path temp;
  private ImageStore store;
  private DebianRegistry registry;
  private String layout;

  @BeforeEach
  void start() throws Exception {
    assumeTrue(Skopeo.isThere(), "needs skopeo");
    registry = DebianRegistry.start(temp.resolve("registry"), "");
    layout = Skopeo.layout(temp.resolve("layout"));
    store = ContentImageStore.open(temp.resolve("store"), Stores.AMD64, FAST);
  }

  @AfterEach
  void stop() {
    if (store != null) {
      store.close();
    }
    if (registry != null) {
      registry.close();
    }
  }

  private static ImageSource reference(String reference) {
    return new ImageSource.Reference(reference, Keyring.EMPTY);
  }

  private StoredImage load(ImageSource source) {
    return store.load(source, progress -> {});
  }

  private String name(String rest) {
    return registry.host() + "/team/web" + rest;
  }

  private void push(String reference) throws IOException, InterruptedException {
    Skopeo.run("copy", "--dest-tls-verify=false", layout, "docker://" + reference);
  }

  @Test
  void listsTagsAndReadsArtifacts() throws Exception {
    push(name(":1"));
    push(name(":2.0"));
    assertThat(store.tags(name(""), Keyring.EMPTY)).containsExactlyInAnyOrder("1", "2.0");
    assertThat(store.digest(name(":1"), Keyring.EMPTY))
        .isEqualTo(load(reference(name(":1"))).manifestDigest());

    String artifact = Skopeo.artifact(temp.resolve("artifact"));
    Skopeo.run("copy", "--dest-tls-verify=false", artifact, "docker://" + name(":files"));
    ImageStore.Artifact files = store.artifact(name(":files"), Keyring.EMPTY);
    assertThat(files.digest()).isEqualTo(store.digest(name(":files"), Keyring.EMPTY));
    assertThat(files.files())
        .extracting(f -> f.path() + "=" + new String(f.content(), StandardCharsets.UTF_8))
        .containsExactly("deploy/a.yaml=a: 1");
    assertThatThrownBy(() -> store.artifact(name(":none"), Keyring.EMPTY))
        .isInstanceOfSatisfying(
            ImageException.class, e -> assertThat(e.reason()).isEqualTo(Reason.NOT_FOUND));
  }

  @Test
  void pullsByTagAndByDigestAndTheSecondTimeWithoutTheRegistry() throws Exception {
    push(name(":1"));
    List<TransferProgress> seen = Collections.synchronizedList(new ArrayList<>());
    StoredImage image = store.load(reference(name(":1")), seen::add);

    assertThat(Contents.of(store, image)).hasSize(4).contains("w bin/tool", "f 644 etc/v 2");
    assertThat(image.repoDigest()).isEqualTo(name("@" + image.manifestDigest()));
    assertThat(seen).anyMatch(p -> p.layersDone() == 2 && p.bytes() == image.sizeBytes());
    registry.close();
    assertThat(load(reference(name("@" + image.manifestDigest())))).isEqualTo(image);
  }

  @Test
  void manyLoadsAtOnceAreOne() throws Exception {
    String manifest = load(new ImageSource.Archive(temp.resolve("layout"), null)).manifestDigest();
    store.collectGarbage(List.of(), List.of());
    try (var watched = new ScriptedRegistry(temp.resolve("layout"));
        var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      ImageSource source = reference(watched.host() + "/team/web@" + manifest);
      var loads =
          Collections.nCopies(8, source).stream().map(s -> threads.submit(() -> load(s))).toList();
      for (var load : loads) {
        assertThat(load.get()).isEqualTo(loads.getFirst().get());
      }
      assertThat(watched.requests)
          .filteredOn(request -> request.contains("/blobs/"))
          .as("the configuration and two layers")
          .hasSize(3)
          .doesNotHaveDuplicates();
    }
    assertThat(temp.resolve("store/ingest")).isEmptyDirectory();
  }

  @Test
  void anIndexGivesEachMachineItsImageAndIsPushedWhenAllOfItIsHere() throws Exception {
    Skopeo.run(
        "copy",
        "--all",
        "--dest-tls-verify=false",
        Skopeo.index(temp.resolve("index"), "arm64", "amd64"),
        "docker://" + name(":all"));
    String index = digestOf(name(":all"));
    StoredImage image = load(reference(name(":all")));
    assertThat(image.architecture()).isEqualTo("amd64");
    assertThat(image.repoDigest()).isEqualTo(name("@" + index));
    push(image, name(":part"), index);
    assertThat(digestOf(name(":part"))).isEqualTo(image.manifestDigest());

    store.close();
    store = ContentImageStore.open(temp.resolve("store"), Stores.of("arm64"), FAST);
    StoredImage other = load(reference(name("@" + index)));
    assertThat(other.architecture()).isEqualTo("arm64");
    assertThat(other.manifestDigest()).isNotEqualTo(image.manifestDigest());
    push(other, name(":whole"), index);
    assertThat(digestOf(name(":whole"))).isEqualTo(index);
    store.close();
    store = ContentImageStore.open(temp.resolve("store"), Stores.of("s390x"), FAST);
    assertFails(
        name("@" + index),
        Reason.PLATFORM_MISMATCH,
        "is for linux/amd64, linux/arm64; this machine");
  }

  private void push(StoredImage image, String to, String index) {
    store.push(image.imageId(), new PushTarget(to, Keyring.EMPTY, index), progress -> {});
  }

  private static String digestOf(String reference) throws Exception {
    String[] inspect = {"inspect", "--raw", "--tls-verify=false", "docker://" + reference};
    return Digest.of(Skopeo.run(inspect).getBytes(StandardCharsets.UTF_8)).toString();
  }

  @Test
  void saysWhatIsWrongWithAReference() {
    assertFails(name(":none"), Reason.NOT_FOUND, "MANIFEST_UNKNOWN");
    assertFails(
        "127.0.0.1:1/x:1", Reason.UNREACHABLE, "no answer from 127.0.0.1:1: cannot connect");
    assertFails("Web", Reason.INVALID_REFERENCE, "lower case");
  }

  private void assertFails(String reference, Reason reason, String text) {
    assertThatThrownBy(() -> load(reference(reference)))
        .isInstanceOfSatisfying(ImageException.class, e -> assertThat(e.reason()).isEqualTo(reason))
        .hasMessageContaining(text);
  }

  @Test
  void archivesOfEveryKindHoldTheSameImage() throws Exception {
    Path ociTar = temp.resolve("oci.tar");
    Path docker = temp.resolve("docker.tar");
    Skopeo.run("copy", layout, "oci-archive:" + ociTar + ":one");
    Skopeo.run("copy", layout, "docker-archive:" + docker + ":team/web:1");
    Path packed = Files.write(temp.resolve("oci.tgz"), Packed.gzip(Files.readAllBytes(ociTar)));
    StoredImage first = load(new ImageSource.Archive(temp.resolve("layout"), null));

    for (Path path : List.of(ociTar, packed, docker)) {
      StoredImage image = load(new ImageSource.Archive(path, null));
      assertThat(Contents.of(store, image)).isEqualTo(Contents.of(store, first));
      assertThat(load(new ImageSource.Archive(path, null))).isEqualTo(image);
    }
    assertThat(load(new ImageSource.Archive(docker, "team/web:1")).layers()).hasSize(2);
    assertThatThrownBy(() -> load(new ImageSource.Archive(docker, "other")))
        .hasMessageContaining("team/web:1");
    byte[] whole = Files.readAllBytes(docker);
    Path cut = Files.write(temp.resolve("cut"), java.util.Arrays.copyOf(whole, whole.length / 3));
    assertThatThrownBy(() -> load(new ImageSource.Archive(cut, null)))
        .isInstanceOfSatisfying(
            ImageException.class, e -> assertThat(e.reason()).isEqualTo(Reason.CORRUPT));
    assertThat(temp.resolve("store/ingest")).isEmptyDirectory();
  }
}
