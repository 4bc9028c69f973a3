package dev.jctl.images.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jctl.images.ImageException;
import dev.jctl.images.ImageException.Reason;
import dev.jctl.images.ImageStore;
import dev.jctl.images.ImageStore.ImageSource;
import dev.jctl.images.ImageStore.ImageStoreOptions;
import dev.jctl.images.ImageStore.PullProgress;
import dev.jctl.images.ImageStore.StoredImage;
import dev.jctl.images.layer.Tars;
import dev.jctl.images.oci.Descriptor;
import dev.jctl.images.oci.DocumentWriter;
import dev.jctl.images.oci.MediaTypes;
import dev.jctl.images.oci.Platform;
import dev.jctl.images.reference.Digest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against Debian's registry and skopeo, and archives that skopeo wrote. */
class RegistryIT {
  private static final Path REGISTRY = Path.of("/usr/bin/docker-registry");
  private static final Path SKOPEO = Path.of("/usr/bin/skopeo");

  @TempDir Path temp;
  private ImageStore store;
  private Process server;
  private int port;
  private String layout;

  @BeforeEach
  void start() throws Exception {
    assumeTrue(Files.isExecutable(REGISTRY) && Files.isExecutable(SKOPEO), "needs the programs");
    layout = layout(temp.resolve("layout"));
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    Path config =
        Files.writeString(
            temp.resolve("registry.yml"),
            """
            version: 0.1
            log: {level: error}
            storage: {filesystem: {rootdirectory: %s}}
            http: {addr: "127.0.0.1:%d"}
            """
                .formatted(temp.resolve("registry"), port));
    server =
        new ProcessBuilder(REGISTRY.toString(), "serve", config.toString())
            .redirectErrorStream(true)
            .redirectOutput(temp.resolve("registry.log").toFile())
            .start();
    Awaitility.await().atMost(30, TimeUnit.SECONDS).until(this::answers);
    store = ContentImageStore.open(temp.resolve("store"), new ImageStoreOptions("linux", "amd64"));
  }

  @AfterEach
  void stop() throws InterruptedException {
    if (store != null) {
      store.close();
    }
    if (server != null) {
      server.destroyForcibly().waitFor();
    }
  }

  private boolean answers() {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return socket.isConnected();
    } catch (IOException e) {
      return false;
    }
  }

  /** An image of two layers, the upper one compressed. */
  private static String layout(Path directory) throws IOException {
    Path blobs = Files.createDirectories(directory.resolve("blobs/sha256"));
    byte[] lower = new Tars().directory("bin/").file("bin/tool", "x".repeat(200_000)).bytes();
    byte[] upper = new Tars().file("bin/.wh.tool", "").file("etc/v", "2").bytes();
    byte[] packed = Packed.gzip(upper);
    byte[] config =
        DocumentWriter.config(
            new Platform("linux", "amd64", ""),
            ImageStore.ImageConfig.EMPTY,
            List.of(Digest.of(lower), Digest.of(upper)));
    byte[] manifest =
        DocumentWriter.manifest(
            new Descriptor(MediaTypes.OCI_CONFIG, Digest.of(config), config.length),
            List.of(
                new Descriptor(MediaTypes.OCI_LAYER, Digest.of(lower), lower.length),
                new Descriptor(MediaTypes.OCI_LAYER + "+gzip", Digest.of(packed), packed.length)));
    for (byte[] blob : List.of(lower, packed, config, manifest)) {
      Files.write(blobs.resolve(Digest.of(blob).hex()), blob);
    }
    Files.writeString(directory.resolve("oci-layout"), "{\"imageLayoutVersion\":\"1.0.0\"}");
    Files.writeString(
        directory.resolve("index.json"),
        """
        {"schemaVersion":2,"manifests":[{"mediaType":"%s","digest":"%s","size":%d,
        "annotations":{"org.opencontainers.image.ref.name":"one"}}]}
        """
            .formatted(MediaTypes.OCI_MANIFEST, Digest.of(manifest), manifest.length));
    return "oci:" + directory + ":one";
  }

  private void skopeo(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(SKOPEO.toString(), "--insecure-policy"));
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
  }

  private StoredImage load(ImageSource source) {
    return store.load(source, progress -> {});
  }

  private String name(String rest) {
    return "127.0.0.1:" + port + "/team/web" + rest;
  }

  private void push(String reference) throws IOException, InterruptedException {
    skopeo("copy", "--dest-tls-verify=false", layout, "docker://" + reference);
  }

  @Test
  void pullsByTagAndByDigestAndTheSecondTimeWithoutTheRegistry() throws Exception {
    push(name(":1"));
    List<PullProgress> seen = Collections.synchronizedList(new ArrayList<>());
    StoredImage image = store.load(new ImageSource.Reference(name(":1")), seen::add);

    assertThat(Contents.of(store, image)).hasSize(4).contains("w bin/tool", "f 644 etc/v 2");
    assertThat(image.repoDigest()).isEqualTo(name("@" + image.manifestDigest()));
    assertThat(seen).anyMatch(p -> p.layersDone() == 2 && p.bytes() == image.sizeBytes());
    server.destroyForcibly().waitFor();
    assertThat(load(new ImageSource.Reference(name("@" + image.manifestDigest()))))
        .isEqualTo(image);
  }

  @Test
  void manyLoadsAtOnceGiveOneImage() throws Exception {
    push(name(":1"));
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var loads =
          Collections.nCopies(8, 0).stream()
              .map(i -> threads.submit(() -> load(new ImageSource.Reference(name(":1")))))
              .toList();
      for (var load : loads) {
        assertThat(load.get()).isEqualTo(loads.getFirst().get());
      }
    }
    assertThat(temp.resolve("store/ingest")).isEmptyDirectory();
  }

  @Test
  void saysWhatIsWrongWithAReference() {
    assertFails(name(":none"), Reason.NOT_FOUND, "MANIFEST_UNKNOWN");
    assertFails("127.0.0.1:1/x:1", Reason.UNREACHABLE, "127.0.0.1:1");
    assertFails("Web", Reason.INVALID_REFERENCE, "lower case");
  }

  private void assertFails(String reference, Reason reason, String text) {
    assertThatThrownBy(() -> load(new ImageSource.Reference(reference)))
        .isInstanceOfSatisfying(ImageException.class, e -> assertThat(e.reason()).isEqualTo(reason))
        .hasMessageContaining(text);
  }

  @Test
  void archivesOfEveryKindHoldTheSameImage() throws Exception {
    Path ociTar = temp.resolve("oci.tar");
    Path docker = temp.resolve("docker.tar");
    skopeo("copy", layout, "oci-archive:" + ociTar + ":one");
    skopeo("copy", layout, "docker-archive:" + docker + ":team/web:1");
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
