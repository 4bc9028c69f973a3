package dev.jctl.cli.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Images between an engine and Debian's registry, which wants a password. */
final class ImagesPrivilegedIT {
  @RegisterExtension static final TestEngine ENGINE = new TestEngine();

  /** Of "secret", with bcrypt. */
  private static final String PASSWORD_FILE =
      "carol:$2b$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a\n";

  private String host = "";
  private Subprocess registry;

  @BeforeEach
  void startRegistry() throws IOException {
    assumeTrue(Host.run("sh", "-c", "command -v docker-registry skopeo").code() == 0, "programs");
    int port = Host.freePort();
    host = "127.0.0.1:" + port;
    Path passwords = ENGINE.file("htpasswd", PASSWORD_FILE);
    Path config =
        ENGINE.file(
            "registry.yml",
            """
            version: 0.1
            log: {level: error}
            storage: {filesystem: {rootdirectory: %s}}
            http: {addr: "%s"}
            auth: {htpasswd: {realm: test, path: %s}}
            """
                .formatted(ENGINE.home().resolve("registry"), host, passwords));
    registry =
        Subprocess.start(
            List.of("docker-registry", "serve", config.toString()), Path.of("/"), Map.of(), "");
    TestEngine.eventually()
        .ignoreExceptions()
        .until(
            () -> {
              try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                return socket.isConnected();
              }
            });
  }

  @AfterEach
  void stopRegistry() {
    if (registry != null) {
      registry.close();
    }
  }

  private Path privateImage() throws IOException {
    String example =
        Files.readString(TestEngine.root().resolve("examples/private-image/private-image.yaml"));
    return ENGINE.file("private.yaml", example.replace("registry.example", host));
  }

  @Test
  void anImageGoesToAPrivateRegistryAndComesBackAndRuns() throws IOException {
    ENGINE.jctl("apply", "-f", ENGINE.example("hello").path(), "--wait", "--timeout=60s").ok();
    String reference = host + "/team/tool:1";
    assertThat(ENGINE.jctl("image", "push", "hello", reference).exits(1).err())
        .contains(reference + ": blob sha256:", "answered 401", "no credentials were used");
    Path manifest = privateImage();
    String[] secretAndContainer = Files.readString(manifest).split("---\n", -1);
    Path secret = ENGINE.file("secret.yaml", secretAndContainer[0]);
    Path container = ENGINE.file("container.yaml", secretAndContainer[1]);

    ENGINE.jctl("apply", "-f", container.toString()).ok();
    TestEngine.eventually()
        .until(
            () ->
                ENGINE
                    .jctl("events")
                    .out()
                    .contains("no credentials were used: Secret regcred does not exist"));
    ENGINE.jctl("apply", "-f", secret.toString()).ok();
    Ran pushed = ENGINE.jctl("image", "push", "hello", reference, "--secret", "regcred").ok();
    String digest =
        Host.run(
                "skopeo",
                "inspect",
                "--tls-verify=false",
                "--creds=carol:secret",
                "--format={{.Digest}}",
                "docker://" + reference)
            .ok()
            .out()
            .strip();
    assertThat(pushed.lines().getLast()).startsWith("tool:1: digest: " + digest + " size: ");
    ENGINE.jctl("wait", "container/private", "--for=condition=Ready", "--timeout=90s").ok();
    assertThat(ENGINE.jctl("events").out()).doesNotContain("carol:", "Y2Fyb2w6");
    assertThat(ENGINE.jctl("exec", "private", "--", "sh", "-c", "echo it runs").ok().out())
        .isEqualTo("it runs\n");

    Ran listed = ENGINE.jctl("image", "ls").ok();
    assertThat(listed.lines().getFirst()).matches("NAME +REPOSITORY +TAG +IMAGE ID +CREATED +SIZE");
    assertThat(listed.out()).containsPattern(host + "/team/tool +1 +[0-9a-f]{12} ");
    Ran pulled = ENGINE.jctl("image", "pull", reference, "--secret", "regcred").ok();
    assertThat(pulled.lines()).contains("Digest: " + digest);
    Path changed = changedCopy();
    Host.run(
            "skopeo",
            "copy",
            "--dest-tls-verify=false",
            "--dest-creds=carol:secret",
            "oci:" + changed + ":x",
            "docker://" + reference)
        .ok();
    assertThat(ENGINE.jctl("image", "pull", reference, "--secret", "regcred").ok().out())
        .as("the tag has moved")
        .doesNotContain(digest);
    ENGINE.jctl("delete", "-f", manifest.toString(), "--wait", "--timeout=60s").ok();
  }

  /** Another image without layers. */
  private static Path changedCopy() throws IOException {
    Path layout = OciLayout.write(ENGINE.home().resolve("changed"), "linux", "amd64");
    Path index = layout.resolve("index.json");
    String named =
        Files.readString(index)
            .replaceFirst(
                "\"platform\":",
                "\"annotations\":{\"org.opencontainers.image.ref.name\":\"x\"},\"platform\":");
    Files.writeString(index, named);
    return layout;
  }

  @Test
  void anImageIsSavedLoadedLookedIntoAndPruned() throws IOException {
    ENGINE.jctl("apply", "-f", ENGINE.example("hello").path(), "--wait", "--timeout=60s").ok();
    Path archive = ENGINE.home().resolve("saved.tar");
    ENGINE.jctl("image", "save", "hello", "-o", archive.toString(), "--reference", "a.b/c:1").ok();
    assertThat(ENGINE.jctl("image", "load", "-i", archive.toString()).ok().out())
        .isEqualTo("Loaded image: saved\n");
    assertThat(ENGINE.get("image", "saved").at("/status/imageID"))
        .isEqualTo(ENGINE.get("image", "hello").at("/status/imageID"));
    assertThat(ENGINE.jctl("image", "inspect", "saved").ok().out())
        .contains("\"Id\": \"sha256:", "\"PATH=/bin\"", "\"Type\": \"layers\"");
    assertThat(ENGINE.jctl("image", "history", "saved").ok().lines()).hasSize(2);

    ENGINE.jctl("image", "tag", "saved", "tagged").ok();
    ENGINE.jctl("image", "tag", "saved", "nowhere.invalid/tool:1").ok();
    ENGINE.jctl("delete", "image", "saved").ok();
    assertThat(ENGINE.jctl("image", "inspect", "nowhere.invalid/tool:1").ok().out())
        .contains(ENGINE.get("image", "hello").at("/status/imageID").asText());
    ENGINE.jctl("delete", "image", "-l", "app.kubernetes.io/managed-by=jctl-image").ok();
    ENGINE.jctl("image", "load", "-i", archive.toString()).ok();
    assertThat(ENGINE.jctl("image", "prune", "-a", "--dry-run").ok().lines())
        .containsExactly("Would delete images:", "saved");
    assertThat(ENGINE.jctl("image", "prune").ok().lines())
        .containsExactly("Deleted Images:", "saved");
    assertThat(ENGINE.jctl("image", "ls").ok().out()).contains("hello").doesNotContain("saved");
    ENGINE.jctl("exec", "hello", "--", "sh", "-c", "true").ok();
    String refused = host + "/team/none:1";
    assertThat(ENGINE.jctl("image", "pull", refused).exits(1).err()).contains(refused);
    assertThat(ENGINE.jctl("image", "pull", refused).exits(1).err())
        .as("of an image that failed before")
        .contains(refused);
    assertThat(ENGINE.jctl("image", "nope").exits(2).err())
        .contains("unknown command \"nope\" for \"jctl image\"");
  }
}
