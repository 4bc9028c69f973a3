package dev.jctl.cli.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
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

  @Test
  void aBuildAsksForItsBaseImageAgainWhenItIsToldTo() throws IOException {
    ENGINE
        .jctlWithInput(Files.readString(privateImage()).split("---\n", -1)[0], "apply", "-f", "-")
        .ok();
    String base = host + "/team/base:1";
    pushLabelled(base, "first");
    assertThat(labelOfBuild(base, false)).isEqualTo("first");
    pushLabelled(base, "second");
    assertThat(labelOfBuild(base, false)).isEqualTo("first");
    assertThat(labelOfBuild(base, true)).isEqualTo("second");
    ENGINE.jctl("delete", "images", "asking", "labelled", "--wait").ok();
    ENGINE.jctl("delete", "secret", "regcred").ok();
  }

  private static void pushLabelled(String reference, String label) {
    built("labelled", "text: \"FROM scratch\\nLABEL of=" + label + "\"");
    ENGINE.jctl("image", "push", "labelled", reference, "--secret", "regcred").ok();
  }

  private static String labelOfBuild(String base, boolean pull) throws IOException {
    built("asking", "text: FROM " + base + ", pull: " + pull);
    return new ObjectMapper()
        .readTree(ENGINE.jctl("image", "inspect", "asking").ok().out())
        .at("/0/Config/Labels/of")
        .asText();
  }

  private static void built(String name, String build) {
    ENGINE
        .jctlWithInput(
            """
            apiVersion: jctl.dev/v1
            kind: Image
            metadata: {name: %s}
            spec: {imagePullSecrets: [{name: regcred}], build: {%s}}
            """
                .formatted(name, build),
            "apply",
            "-f",
            "-",
            "--wait",
            "--timeout=60s")
        .ok();
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
  void setuidFilesAreRefusedWhereTheOperatorSaysSo() throws IOException {
    Path rules = ENGINE.data().resolve("layers.json");
    Files.writeString(rules, "{\"setuid\": \"refuse\"}");
    String image =
        """
        apiVersion: jctl.dev/v1
        kind: Image
        metadata: {name: raises}
        spec: {files: [{path: /bin/su, content: x, mode: 04755}]}
        """;
    ENGINE.jctlWithInput(image, "apply", "-f", "-").ok();
    TestEngine.eventually()
        .until(
            () ->
                ENGINE
                    .get("image", "raises")
                    .at("/status/conditions/0/message")
                    .asText()
                    .contains("bin/su has mode 4755, which " + rules + " refuses"));
    TestEngine.eventually()
        .untilAsserted(
            () ->
                assertThat(ENGINE.jctl("events").out())
                    .contains("HostileLayer", "bin/su has mode 4755"));
    Files.delete(rules);
    ENGINE.jctl("wait", "image/raises", "--for=condition=Ready", "--timeout=60s").ok();
    ENGINE.jctl("delete", "image", "raises").ok();
  }

  /** Only who unpacks it sees that: by its names alone nothing is wrong with it. */
  @Test
  void aLayerThatLeadsOutIsRefusedByReferenceLayerAndEntry() throws IOException {
    Path outside = Files.createDirectories(ENGINE.home().resolve("outside"));
    Path work = Files.createDirectories(ENGINE.home().resolve("leading-out"));
    String make =
        """
        set -e
        cd %s
        mkdir -p a b/out && ln -s %s a/out && echo x >b/out/escaped
        tar -C a -cf layer.tar out && tar -C b -rf layer.tar out/escaped
        printf '{"os":"linux","architecture":"amd64","rootfs":{"type":"layers","diff_ids":["sha256:%%s"]}}' \
          "$(sha256sum layer.tar | cut -d' ' -f1)" >config
        echo '[{"Config":"config","RepoTags":["t.test/out:1"],"Layers":["layer.tar"]}]' >manifest.json
        tar -cf ../leading-out.tar config manifest.json layer.tar
        sha256sum <layer.tar | cut -d' ' -f1
        """
            .formatted(work, outside);
    String layer = Host.run("bash", "-c", make).ok().out().strip();
    Path archive = ENGINE.home().resolve("leading-out.tar");
    assertThat(ENGINE.jctl("image", "load", "-i", archive.toString()).exits(1).err())
        .contains("archive " + archive + ": layer sha256:" + layer + ": layer entry out/escaped: ");

    String secret = Files.readString(privateImage()).split("---\n", -1)[0];
    ENGINE.jctlWithInput(secret, "apply", "-f", "-").ok();
    copy("docker-archive:" + archive, "out");
    String reference = host + "/team/site:out";
    assertThat(ENGINE.jctl("image", "pull", reference, "--secret", "regcred").exits(1).err())
        .contains(reference + ": layer sha256:", "layer entry out/escaped: ");
    TestEngine.eventually()
        .untilAsserted(
            () ->
                assertThat(ENGINE.jctl("events").out().lines())
                    .anyMatch(
                        line ->
                            line.contains("HostileLayer") && line.contains(reference + ": layer")));
    assertThat(outside).isEmptyDirectory();
    assertThat(ENGINE.data().resolve("layers").resolve(layer)).doesNotExist();
    ENGINE.jctl("delete", "image", "-l", "app.kubernetes.io/managed-by=jctl-image").ok();
    ENGINE.jctl("delete", "secret", "regcred").ok();
  }

  /** A registry that sends half of the only layer, and then little until that has been seen. */
  @Test
  void aTerminalShowsHowMuchOfAnImageIsHere() throws IOException {
    Path work = Files.createDirectories(ENGINE.home().resolve("slow"));
    String make =
        """
        set -e
        cd %s
        head -c 3000000 /dev/urandom >content && tar -cf layer.tar content
        printf '{"os":"linux","architecture":"amd64","rootfs":{"type":"layers","diff_ids":["sha256:%%s"]}}' \
          "$(sha256sum layer.tar | cut -d' ' -f1)" >config
        echo '[{"Config":"config","RepoTags":["t.test/slow:1"],"Layers":["layer.tar"]}]' >manifest.json
        tar -cf slow.tar config manifest.json layer.tar
        skopeo copy -q docker-archive:slow.tar oci:layout:x
        """
            .formatted(work);
    Host.run("bash", "-c", make).ok();
    CountDownLatch seen = new CountDownLatch(1);
    HttpServer slow =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    slow.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    slow.createContext("/", exchange -> serveSlowly(work.resolve("layout"), exchange, seen));
    slow.start();
    String reference = "127.0.0.1:" + slow.getAddress().getPort() + "/team/slow:1";
    String command = TestEngine.root().resolve("bin/jctl") + " image pull --name slow " + reference;
    try (TypedTerminal terminal =
        TypedTerminal.start(24, 100, command, ENGINE.home(), ENGINE.environment())) {
      terminal.awaitText("slow: Pulling 1.");
      assertThat(terminal.screen()).containsPattern("slow: Pulling 1[.][0-9]MB/3[.]0MB\r");
      seen.countDown();
      terminal.awaitText("Digest: sha256:");
      assertThat(terminal.screen())
          .as("the line is taken off before what stays is said")
          .contains("\u001b[1A\u001b[2KImage: slow\r\n");
    } finally {
      seen.countDown();
      slow.stop(0);
      ENGINE.jctl("delete", "image", "slow").ok();
    }
  }

  private static void serveSlowly(Path layout, HttpExchange exchange, CountDownLatch seen)
      throws IOException {
    String path = exchange.getRequestURI().getPath();
    String digest =
        path.contains("/manifests/")
            ? new ObjectMapper()
                .readTree(layout.resolve("index.json").toFile())
                .at("/manifests/0/digest")
                .asText()
            : path.substring(path.lastIndexOf('/') + 1);
    byte[] content =
        Files.readAllBytes(layout.resolve("blobs/sha256").resolve(digest.replace("sha256:", "")));
    try (exchange) {
      exchange
          .getResponseHeaders()
          .add("Content-Type", "application/vnd.oci.image.manifest.v1+json");
      exchange.sendResponseHeaders(200, content.length);
      int sent = content.length / 2;
      exchange.getResponseBody().write(content, 0, sent);
      while (content.length > 1_000_000 && !seen.await(200, TimeUnit.MILLISECONDS)) {
        exchange.getResponseBody().write(content, sent, 5000);
        exchange.getResponseBody().flush();
        sent += 5000;
      }
      exchange.getResponseBody().write(content, sent, content.length - sent);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void allImagesOfAnArchiveAreLoadedAndCalledAsInIt() throws IOException {
    Path work = Files.createDirectories(ENGINE.home().resolve("several"));
    String make =
        """
        set -e
        cd %s
        for n in 1 2 3; do
          mkdir $n && cp /bin/busybox $n/ && echo $n >$n/file && tar -C $n -cf $n.tar .
          printf '{"os":"linux","architecture":"amd64","rootfs":{"type":"layers","diff_ids":["sha256:%%s"]}}' \
            "$(sha256sum $n.tar | cut -d' ' -f1)" >$n.json
        done
        cat >manifest.json <<END
        [{"Config":"1.json","RepoTags":["docker.io/library/one:latest","a.test/one:1"],"Layers":["1.tar"]},
         {"Config":"2.json","RepoTags":["two:2"],"Layers":["2.tar"]},
         {"Config":"3.json","Layers":["3.tar"]}]
        END
        tar -czf ../several.tar.gz *.json *.tar
        """
            .formatted(work);
    Host.run("bash", "-c", make).ok();
    String archive = ENGINE.home().resolve("several.tar.gz").toString();
    assertThat(ENGINE.jctl("image", "load", "-i", archive).ok().lines())
        .containsExactly(
            "Loaded image: one:latest",
            "Loaded image: a.test/one:1",
            "Loaded image: two:2",
            "Loaded image: several-3-json");
    ENGINE.file(
        "two.yaml",
        "{apiVersion: jctl.dev/v1, kind: Container, metadata: {name: two},"
            + " spec: {image: 'two:2', command: [/busybox, sleep, '1000'], terminationGracePeriodSeconds: 0}}");
    ENGINE.jctl("apply", "-f", "two.yaml", "--wait", "--timeout=60s").ok();
    ENGINE.jctl("delete", "-f", "two.yaml", "--wait").ok();
    ENGINE.jctl("delete", "image", "-l", "app.kubernetes.io/managed-by=jctl-image").ok();
    assertThat(
            ENGINE.jctl("image", "load", "-i", archive, "--reference", "a.test/one:1").ok().lines())
        .containsExactly("Loaded image: a.test/one:1");
    assertThat(ENGINE.jctl("image", "load", "-i", archive, "--reference", "x:1").exits(1).err())
        .contains("holds no image \"x:1\", but a.test/one:1, docker.io/library/one:latest, two:2");
    ENGINE.jctl("delete", "image", "-l", "app.kubernetes.io/managed-by=jctl-image").ok();
  }

  @Test
  void anImageIsSavedLoadedLookedIntoAndPruned() throws IOException {
    ENGINE.jctl("apply", "-f", ENGINE.example("hello").path(), "--wait", "--timeout=60s").ok();
    Path archive = ENGINE.home().resolve("saved.tar");
    ENGINE.jctl("image", "save", "hello", "-o", archive.toString(), "--reference", "a.b/c:1").ok();
    assertThat(ENGINE.jctl("image", "load", "-i", archive.toString()).ok().out())
        .isEqualTo("Loaded image: a.b/c:1\n");
    ENGINE.jctl("image", "rm", "a.b/c:1").ok();
    String jctl = TestEngine.command().getFirst();
    String pipe = "%1$s image save hello | %1$s image load --name piped".formatted(jctl);
    assertThat(ENGINE.start("", List.of("sh", "-c", pipe)).await(Duration.ofSeconds(60)).ok().out())
        .isEqualTo("Loaded image: piped\n");
    JsonNode piped = ENGINE.get("image", "piped").path("spec");
    assertThat(piped.path("imageID")).isEqualTo(ENGINE.get("image", "hello").at("/status/imageID"));
    assertThat(piped.has("archive")).as("which need not stay").isFalse();
    ENGINE.jctl("image", "rm", "piped").ok();
    String[] load = {"image", "load", "-i", archive.toString(), "--name", "saved"};
    assertThat(ENGINE.jctl(load).ok().out()).isEqualTo("Loaded image: saved\n");
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
    assertThat(ENGINE.jctl("image", "rm", "tagged", "nowhere.invalid/tool:1").ok().lines())
        .hasSize(2)
        .first()
        .isEqualTo("image.jctl.dev \"tagged\" deleted");
    assertThat(ENGINE.jctl("image", "ls").ok().out()).contains("hello").doesNotContain("tool");
    ENGINE.jctl(load).ok();
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

  /** Words of a command, and what it says; usage is wrong with code 2. */
  @Test
  void whatCannotBeDoneIsSaidByEachCommand() {
    says(1, "images.jctl.dev \"nope\" not found", "save", "nope", "-o", "/tmp/never.tar");
    says(1, "No such image: r.example/nope:1 in namespace default", "inspect", "r.example/nope:1");
    says(1, "images.jctl.dev \"nope\" not found", "push", "nope", "r.example/x:1");
    says(2, "expected NAME of an Image, and its new name or reference", "tag", "one");
    says(1, "open /nonexistent.tar: no such file or directory", "load", "-i", "/nonexistent.tar");
    says(2, "give -i FILE, or an archive on standard input", "load");
    says(1, "archive /etc/passwd: damaged or cut off", "load", "-i", "/etc/passwd");
    says(2, "expected one NAME of an Image, or a reference", "history");
    says(1, "containers.jctl.dev \"nope\" not found", "commit", "nope", "x");
    says(1, "spec.reference: invalid value \"r.example/UPPER\"", "pull", "r.example/UPPER");
    says(1, "there is no /nonexistent/Dockerfile", "build", "-t", "never", "/nonexistent");
    says(2, "unknown flag: --bogus", "prune", "--bogus");
    says(1, "images.jctl.dev \"nope\" not found", "rm", "nope");
    says(2, "expected NAMEs of Images, or references", "rm");
    ENGINE.jctl("delete", "image", "never").ok();
    assertThat(ENGINE.jctl("get", "image", "passwd").code()).as("nothing was made of it").isOne();
  }

  private static void says(int code, String text, String... words) {
    String[] all = Stream.concat(Stream.of("image"), Stream.of(words)).toArray(String[]::new);
    assertThat(ENGINE.jctl(all).exits(code).err()).contains(text);
  }

  // --- policies

  /** From Debian's registry into containers and back into a repository, as a commit. */
  @Test
  void anImageFollowsItsPolicyAndIsWrittenBack() throws IOException {
    ENGINE.jctl("apply", "-f", ENGINE.example("hello").path(), "--wait", "--timeout=60s").ok();
    String[] documents = Files.readString(privateImage()).split("---\n", -1);
    ENGINE.jctl("apply", "-f", ENGINE.file("secret.yaml", documents[0]).toString()).ok();
    String hello = Files.readString(Path.of(ENGINE.example("hello").path(), "hello.yaml"));
    String newer = hello.split("---\n", -1)[0].replace("name: hello", "name: newer");
    newer = newer.replace("[\"PATH=/bin\"]", "[\"PATH=/bin\", \"VERSION=two\"]");
    ENGINE.jctlWithInput(newer, "apply", "-f", "-", "--wait", "--timeout=60s").ok();
    Path bare = repositoryWithMark();

    push("hello", "1.0.0");
    String closed = "semver: 1.x, windows: [{schedule: '0 0 29 2 *', duration: 1m}]";
    follow(closed);
    awaitFollowed("1.0.0", "Healthy");
    ENGINE.jctlWithInput(writingBack(bare), "apply", "-f", "-").ok();
    awaitWritten(bare, "1.0.0");

    push("newer", "1.1.0");
    push("newer", "2.0.0");
    TestEngine.eventually()
        .until(() -> followed().path("latest").asText().contains("team/site:1.1.0@sha256:"));
    assertThat(followed().path("selected").asText()).as("out of its window").contains(":1.0.0@");
    follow("semver: 1.x");
    awaitFollowed("1.1.0", "Healthy");
    assertThat(version()).isEqualTo("two\n");
    awaitWritten(bare, "1.1.0");

    follow("semver: 1.x", "2s");
    copy("oci:" + changedCopy() + ":x", "1.2.0");
    awaitFollowed("1.1.0", "Returned");
    ENGINE.jctl("wait", "container/site", "--for=condition=Ready", "--timeout=60s").ok();
    assertThat(version()).isEqualTo("two\n");
    copy("docker://" + host + "/team/site:1.2.0", "1.3.0");
    TestEngine.eventually().until(() -> followed().path("latest").asText().contains(":1.3.0@"));
    assertThat(followed().path("selected").asText()).as("its digest is known").contains(":1.1.0@");
    assertThat(followed().at("/rejected/0/reference").asText()).contains("site:1.2.0@sha256:");
    assertThat(file(bare)).contains("team/site:1.1.0 #");

    push("newer", "build-9");
    push("hello", "build-10");
    follow("newest: {pattern: 'build-([0-9]+)'}");
    awaitFollowed("build-10", "Healthy");
    assertThat(version()).isEqualTo("\n");

    push("newer", "stable");
    follow("digest: true");
    awaitFollowed("stable", "Healthy");
    String first = followed().path("healthy").asText();
    push("hello", "stable");
    TestEngine.eventually().until(() -> !followed().path("healthy").asText().equals(first));
    assertThat(version()).isEqualTo("\n");
    aTagIsLookedUpAtEachStart();
    ENGINE.jctl("delete", "gitrepository,container,image", "--all", "--wait", "--timeout=60s").ok();
    ENGINE.jctl("delete", "secret", "regcred").ok();
  }

  private void aTagIsLookedUpAtEachStart() throws IOException {
    push("newer", "always");
    Path manifest =
        ENGINE.file(
            "always.yaml",
            """
            apiVersion: jctl.dev/v1
            kind: Container
            metadata: {name: always}
            spec:
              image: "%s/team/site:always"
              imagePullPolicy: Always
              imagePullSecrets: [{name: regcred}]
              command: [sleep, "1000"]
              terminationGracePeriodSeconds: 0
            """
                .formatted(host));
    ENGINE.jctl("apply", "-f", manifest.toString(), "--wait", "--timeout=60s").ok();
    String[] version = {"exec", "always", "--", "sh", "-c", "echo $VERSION"};
    assertThat(ENGINE.jctl(version).ok().out()).isEqualTo("two\n");
    push("hello", "always");
    assertThat(ENGINE.jctl(version).ok().out()).as("what runs goes on").isEqualTo("two\n");
    ENGINE.kill(ENGINE.pid("always"));
    TestEngine.eventually().until(() -> ENGINE.jctl(version).out().equals("\n"));
  }

  private void follow(String policy) {
    follow(policy, "5m");
  }

  private void follow(String policy, String healthTimeout) {
    String manifest =
        """
        apiVersion: jctl.dev/v1
        kind: Image
        metadata: {name: site}
        spec:
          reference: "%s/team/site:stable"
          imagePullSecrets: [{name: regcred}]
          policy: {%s, interval: 1s, healthTimeout: %s}
        ---
        apiVersion: jctl.dev/v1
        kind: Container
        metadata: {name: site}
        spec: {image: site, command: [sleep, "1000"], terminationGracePeriodSeconds: 0}
        """
            .formatted(host, policy, healthTimeout);
    ENGINE.jctlWithInput(manifest, "apply", "-f", "-").ok();
  }

  private static JsonNode followed() {
    return ENGINE.get("image", "site").at("/status/followed");
  }

  private void awaitFollowed(String tag, String result) {
    TestEngine.eventually()
        .untilAsserted(
            () -> {
              assertThat(followed().path("selected").asText())
                  .startsWith(host + "/team/site:" + tag + "@sha256:");
              assertThat(followed().path("result").asText()).isEqualTo(result);
            });
  }

  private static String version() {
    return ENGINE.jctl("exec", "site", "--", "sh", "-c", "echo $VERSION").ok().out();
  }

  private void push(String image, String tag) {
    String reference = host + "/team/site:" + tag;
    ENGINE.jctl("image", "push", image, reference, "--secret", "regcred").ok();
  }

  private void copy(String from, String tag) {
    Host.run(
            "skopeo",
            "copy",
            "--src-tls-verify=false",
            "--src-creds=carol:secret",
            "--dest-tls-verify=false",
            "--dest-creds=carol:secret",
            from,
            "docker://" + host + "/team/site:" + tag)
        .ok();
  }

  private Path repositoryWithMark() throws IOException {
    Path work = Files.createDirectories(ENGINE.home().resolve("marked"));
    Files.writeString(
        work.resolve("a.yaml"),
        """
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: marked}
        data:
          image: %s/team/site:0.1.0 # {"$imagepolicy": "default:site"}
        """
            .formatted(host));
    Path bare = ENGINE.home().resolve("marked.git");
    String who = "-c user.name=T -c user.email=t@example.org";
    String make =
        "git init -q -b main && git add -A && git %s commit -q -m marked && git clone -q --bare . %s"
            .formatted(who, bare);
    Host.run("sh", "-c", "cd " + work + " && " + make).ok();
    return bare;
  }

  private static String writingBack(Path bare) {
    return """
    apiVersion: jctl.dev/v1
    kind: GitRepository
    metadata: {name: marked}
    spec: {url: %s, interval: 1h, imageUpdates: {authorName: Robot}}
    """
        .formatted(bare);
  }

  private static String file(Path bare) {
    return Host.run("git", "-C", bare.toString(), "show", "main:a.yaml").ok().out();
  }

  private static void awaitWritten(Path bare, String tag) {
    TestEngine.eventually().until(() -> file(bare).contains("/team/site:" + tag + " #"));
    assertThat(Host.run("git", "-C", bare.toString(), "log", "-1", "--format=%an").ok().out())
        .isEqualTo("Robot\n");
    TestEngine.eventually()
        .until(() -> ENGINE.get("configmap").toString().contains("/team/site:" + tag));
  }
}
