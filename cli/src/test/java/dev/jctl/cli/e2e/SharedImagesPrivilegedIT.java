package dev.jctl.cli.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Two engines that pull from each other, skopeo between them, and images made of containers. */
final class SharedImagesPrivilegedIT {
  @RegisterExtension static final TestEngine ENGINE = new TestEngine();
  @RegisterExtension static final TestEngine OTHER = new TestEngine();

  private static final String TOKEN = "0123456789abcdef";

  @BeforeAll
  static void makeImage() throws IOException {
    Path manifest =
        ENGINE.file(
            "base.yaml",
            """
            apiVersion: jctl.dev/v1
            kind: Image
            metadata: {name: base}
            spec:
              files:
              - {path: /bin/busybox, hostPath: /bin/busybox, mode: 0755}
              - {path: /bin/sh, link: busybox}
              - {path: /etc/gone, content: before}
              - {path: /etc/kept, content: before}
              config: {env: [PATH=/bin], cmd: [/bin/sh, -c, "echo pulled; busybox sleep 1000"]}
            """);
    ENGINE.jctl("apply", "-f", manifest.toString(), "--wait", "--timeout=60s").ok();
  }

  private static String container(String name, String image, String more) {
    return """
        apiVersion: jctl.dev/v1
        kind: Container
        metadata: {name: %s}
        spec:
          image: "%s"
          terminationGracePeriodSeconds: 0
        %s
        """
        .formatted(name, image, more.indent(2));
  }

  private static void run(TestEngine engine, String name, String image, String more)
      throws IOException {
    Path manifest = engine.file(name + ".yaml", container(name, image, more));
    engine.jctl("apply", "-f", manifest.toString(), "--wait", "--timeout=60s").ok();
  }

  private static void awaitLog(TestEngine engine, String name, String text) {
    TestEngine.eventually()
        .untilAsserted(() -> assertThat(engine.jctl("logs", name).ok().out()).contains(text));
  }

  private static String host() throws IOException {
    return Files.readAllLines(ENGINE.data().resolve("kubeconfig")).stream()
        .filter(line -> line.contains("server: https://"))
        .map(line -> line.replaceFirst(".*https://", ""))
        .findFirst()
        .orElseThrow();
  }

  private static Ran skopeo(String... words) {
    return Host.run(
        Stream.concat(Stream.of("skopeo", "--insecure-policy"), Stream.of(words))
            .toArray(String[]::new));
  }

  /** The directories of an image's layers and their inodes: another one would be unpacked anew. */
  private static Map<String, Object> layers(TestEngine engine, String image) throws IOException {
    JsonNode inspected =
        new ObjectMapper().readTree(engine.jctl("image", "inspect", image).ok().out()).get(0);
    Map<String, Object> inodes = new TreeMap<>();
    for (JsonNode diffId : inspected.at("/RootFS/Layers")) {
      String layer = diffId.asText().replace("sha256:", "");
      inodes.put(
          layer, Files.getAttribute(engine.data().resolve("layers").resolve(layer), "unix:ino"));
    }
    return inodes;
  }

  private static JsonNode named(TestEngine engine, String reference) {
    return engine.get("image").stream()
        .filter(image -> image.at("/spec/reference").asText().equals(reference))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void skopeoCopiesToAndFromAnEngineAndAnotherSharesItsLayers() throws IOException {
    assumeTrue(Host.run("sh", "-c", "command -v skopeo").code() == 0, "needs skopeo");
    Files.writeString(ENGINE.data().resolve("tokens.csv"), TOKEN + ",copier,1,system:masters\n");
    String host = host();
    Path certificates = Files.createDirectories(ENGINE.home().resolve("certificates"));
    Path authority = ENGINE.data().resolve("pki/ca.crt");
    Files.copy(authority, certificates.resolve("ca.crt"));
    String layout = "oci:" + ENGINE.home().resolve("layout") + ":x";
    String[] from = {"--src-cert-dir=" + certificates, "--src-creds=any:" + TOKEN};
    String[] to = {"--dest-cert-dir=" + certificates, "--dest-creds=any:" + TOKEN};
    skopeo(
            "copy",
            "--preserve-digests",
            from[0],
            from[1],
            "docker://" + host + "/default/base",
            layout)
        .ok();
    JsonNode base = ENGINE.get("image", "base");
    String digest = base.at("/status/manifestDigest").asText();
    assertThat(Files.readString(ENGINE.home().resolve("layout/index.json"))).contains(digest);

    String pushed = "docker://" + host + "/default/team/copy:1.0";
    skopeo(
            "copy",
            "--preserve-digests",
            from[0],
            from[1],
            to[0],
            to[1],
            "docker://" + host + "/default/base",
            pushed)
        .ok();
    assertThat(
            skopeo("inspect", "--cert-dir=" + certificates, "--creds=any:" + TOKEN, pushed)
                .ok()
                .out())
        .contains(digest);
    run(ENGINE, "pushed", "team/copy:1.0", "");
    awaitLog(ENGINE, "pushed", "pulled");

    Files.writeString(
        OTHER.data().resolve("registries.json"),
        "{\"registry\": [{\"location\": \"%s\", \"ca\": \"%s\"}]}".formatted(host, authority));
    Path secret =
        OTHER.file(
            "secret.yaml",
            """
            apiVersion: v1
            kind: Secret
            metadata: {name: engine}
            type: kubernetes.io/dockerconfigjson
            stringData:
              .dockerconfigjson: '{"auths": {"%s": {"username": "any", "password": "%s"}}}'
            """
                .formatted(host, TOKEN));
    OTHER.jctl("apply", "-f", secret.toString()).ok();
    String reference = host + "/default/team/copy:1.0";
    run(OTHER, "copied", reference, "imagePullSecrets: [{name: engine}]");
    awaitLog(OTHER, "copied", "pulled");
    JsonNode copied = named(OTHER, reference);
    assertThat(copied.at("/status/manifestDigest").asText()).isEqualTo(digest);
    Map<String, Object> shared = layers(ENGINE, "base");
    String image = copied.at("/metadata/name").asText();
    assertThat(layers(OTHER, image).keySet()).isEqualTo(shared.keySet()).isNotEmpty();

    OTHER.jctl("image", "push", image, host + "/default/back:2", "--secret", "engine").ok();
    String back = named(ENGINE, "back:2").at("/metadata/name").asText();
    ENGINE.jctl("wait", "image", back, "--for=condition=Ready", "--timeout=60s").ok();
    assertThat(ENGINE.get("image", back).at("/status/manifestDigest").asText()).isEqualTo(digest);
    assertThat(layers(ENGINE, back)).isEqualTo(shared);
  }

  /** Each pulls what was made here, and pushes it back under another name, which runs. */
  @Test
  void podmanAndDockerPullFromAnEngineAndPushToIt() throws IOException {
    assumeTrue(Host.run("sh", "-c", "command -v podman dockerd").code() == 0, "needs both");
    Files.writeString(ENGINE.data().resolve("tokens.csv"), TOKEN + ",copier,1,system:masters\n");
    Path home = Files.createDirectories(ENGINE.home().resolve("peers"));
    Files.copy(ENGINE.data().resolve("pki/ca.crt"), home.resolve("ca.crt"));
    for (String peer : List.of(PODMAN, DOCKER)) {
      List<String> command =
          List.of("unshare", "--mount", "bash", "-c", peer, "bash", host(), TOKEN);
      Subprocess.start(command, home, Map.of(), "").await(TestEngine.PATIENCE).ok();
    }
    for (String peer : List.of("podman", "docker")) {
      run(ENGINE, "by-" + peer, "team/" + peer + ":1", "");
      awaitLog(ENGINE, "by-" + peer, "pulled");
    }
  }

  private static final String PODMAN =
      """
      set -e
      mount -t tmpfs tmpfs /var/lib/containers
      podman() { command podman --root $PWD/root --runroot $PWD/run --tmpdir $PWD/tmp --storage-driver vfs "$@"; }
      podman pull -q --cert-dir . --creds any:$2 $1/default/base
      podman push -q --cert-dir . --creds any:$2 $1/default/base $1/default/team/podman:1
      """;

  /** It takes any certificate on loopback. */
  private static final String DOCKER =
      """
      set -e
      mount -t tmpfs tmpfs /run
      printf '{"auths": {"%s": {"auth": "%s"}}}' $1 $(printf any:$2 | base64 -w0) >config.json
      dockerd --data-root $PWD/data --exec-root $PWD/exec --pidfile $PWD/pid -H unix://$PWD/socket \
        --storage-driver vfs --bridge none --iptables=false --ip6tables=false >dockerd.log 2>&1 &
      trap 'kill $!; wait $!' EXIT
      docker() { command docker --config . -H unix://$PWD/socket "$@"; }
      for _ in $(seq 600); do ! docker version >/dev/null 2>&1 || break; kill -0 $!; sleep 0.1; done
      docker pull -q $1/default/base
      docker tag $1/default/base $1/default/team/docker:1
      docker push -q $1/default/team/docker:1
      """;

  @Test
  void aContextIsSentToAnEngineElsewhere() throws IOException {
    Path context = ENGINE.home().resolve("context");
    Files.createDirectories(context.resolve("src"));
    Files.copy(Path.of("/bin/busybox"), context.resolve("busybox"));
    Files.writeString(context.resolve("src/a"), "from here");
    Files.writeString(context.resolve("notes.md"), "n".repeat(100_000));
    Files.writeString(context.resolve(".dockerignore"), "*.md\nDockerfile\n");
    Files.writeString(
        context.resolve("Dockerfile"),
        """
        FROM scratch
        COPY --chmod=755 busybox /bin/busybox
        COPY . /ctx
        RUN ["/bin/busybox", "find", "/ctx", "-type", "f", "-size", "-100"]
        RUN ["/bin/busybox", "cat", "/ctx/src/a"]
        """);
    String[] build = {
      "image", "build", "-t", "sent", "--socket", OTHER.run() + "/jctl.sock", context.toString()
    };

    String said = ENGINE.jctl(build).ok().out();
    assertThat(said)
        .contains("/ctx/src/a", "/ctx/.dockerignore", "from here")
        .doesNotContain("notes.md", "/ctx/Dockerfile");
    String digest = OTHER.get("image", "sent").at("/spec/build/contextDigest").asText();
    Path blob = OTHER.data().resolve("images/blobs/sha256/" + digest.substring(7));
    assertThat(blob).exists();
    assertThat(ENGINE.jctl("get", "image", "sent").exits(1).err()).contains("not found");

    assertThat(ENGINE.jctl(build).ok().out().lines().filter(line -> line.endsWith("(as before)")))
        .hasSize(4);
    Files.writeString(context.resolve("src/a"), "changed");
    assertThat(ENGINE.jctl(build).ok().out()).contains("changed");
    assertThat(OTHER.get("image", "sent").at("/spec/build/contextDigest").asText())
        .isNotEqualTo(digest);

    Files.delete(context.resolve("Dockerfile"));
    assertThat(ENGINE.jctl(build).exits(1).err())
        .contains("there is no " + context.resolve("Dockerfile"));
    OTHER.jctl("delete", "image", "sent", "--wait").ok();
  }

  @Test
  void aContainerIsComparedWithItsImageAndMadeANewOne() throws IOException {
    run(
        ENGINE,
        "worker",
        "base",
        """
        command:
        - /bin/sh
        - -c
        - |
          busybox mkdir /made; echo new > /made/file; echo after > /etc/kept; busybox rm /etc/gone
          echo ready
          n=0; while :; do n=$((n+1)); echo $n > /made/a; echo $n > /made/z; busybox usleep 2000; done
        """);
    awaitLog(ENGINE, "worker", "ready");
    TestEngine.eventually()
        .untilAsserted(
            () ->
                assertThat(ENGINE.jctl("image", "diff", "worker").ok().lines())
                    .containsExactly(
                        "C /etc",
                        "D /etc/gone",
                        "C /etc/kept",
                        "A /made",
                        "A /made/a",
                        "A /made/file",
                        "A /made/z"));
    ENGINE
        .jctl(
            "image",
            "commit",
            "worker",
            "committed",
            "-m",
            "as it was",
            "-a",
            "ann",
            "--change",
            "ENV WORD=said",
            "--change",
            "CMD [\"/bin/sh\", \"-c\", \"echo $WORD; busybox sleep 1000\"]")
        .ok();
    assertThat(ENGINE.jctl("exec", "worker", "--", "sh", "-c", "echo it goes on").ok().out())
        .isEqualTo("it goes on\n");
    assertThat(ENGINE.jctl("image", "inspect", "committed").ok().out())
        .contains("\"Author\": \"ann\"", "\"WORD=said\"");
    assertThat(ENGINE.jctl("image", "history", "committed").ok().out()).contains("as it was");
    run(ENGINE, "again", "committed", "");
    awaitLog(ENGINE, "again", "said");
    Ran read =
        ENGINE
            .jctl(
                "exec",
                "again",
                "--",
                "sh",
                "-c",
                "busybox cat /made/file /etc/kept; test ! -e /etc/gone && busybox cat /made/a /made/z")
            .ok();
    List<String> lines = read.lines();
    assertThat(lines.subList(0, 2)).containsExactly("new", "after");
    // it was frozen: the one cannot have gone on while the other was read; an empty one was open
    List<Long> counts = lines.stream().skip(2).map(Long::parseLong).toList();
    if (counts.size() == 2) {
      assertThat(counts.get(0) - counts.get(1)).isBetween(0L, 1L);
    }
    assertThat(ENGINE.jctl("image", "diff", "again").ok().out()).isEmpty();
    String declared =
        """
        apiVersion: jctl.dev/v1
        kind: Image
        metadata: {name: declared}
        spec:
          reference: declared.example/worker:1
          commit: {pod: again, changes: ["LABEL a=b"]}
        """;
    Path manifest = ENGINE.file("declared.yaml", declared);
    ENGINE.jctl("apply", "-f", manifest.toString(), "--wait", "--timeout=60s").ok();
    assertThat(ENGINE.get("image", "declared").at("/status/layers").asInt()).isEqualTo(2);
    assertThat(ENGINE.jctl("image", "df").ok().out())
        .containsPattern("Images +[0-9.]+MB\\nBuild cache +0B\\n");
    assertThat(ENGINE.jctl("image", "prune", "--build-cache").ok().out())
        .startsWith("Total reclaimed space: ");
    assertThat(ENGINE.jctl("image", "commit", "worker", "bad", "--change", "RUN x").exits(1).err())
        .contains("spec.commit.changes[0]");
  }
}
