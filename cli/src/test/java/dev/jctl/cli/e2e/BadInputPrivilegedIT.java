package dev.jctl.cli.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What is wrong is said where it is wrong, and does no harm. */
final class BadInputPrivilegedIT {
  @RegisterExtension static final TestEngine ENGINE = new TestEngine();

  @BeforeAll
  static void apply() throws IOException {
    ENGINE.jctl("apply", "-f", ENGINE.example("hello").path(), "--wait").ok();
  }

  // --- manifests

  @Test
  void anUnknownKindIsAnsweredWithTheNearest() {
    refused("apiVersion: jctl.dev/v1\nkind: Contaner\nmetadata: {name: x}\n", 3)
        .satisfies(e -> assertThat(e).contains("<stdin>:2:").contains("Container"));
  }

  @Test
  void anUnknownFieldIsAnsweredWithTheNearest() {
    refused(container("x", "imagee: hello"), 3)
        .satisfies(
            e -> assertThat(e).contains("<stdin>:5:").contains("imagee").contains("\"image\""));
  }

  @Test
  void aWrongTypeADuplicateKeyAndBrokenYamlAreNamedByTheirPlace() {
    refused(container("x", "image: [hello]"), 3)
        .satisfies(e -> assertThat(e).contains("<stdin>:5:").contains("spec.image"));
    refused(container("x", "image: hello\n  image: other"), 3)
        .satisfies(e -> assertThat(e).contains("<stdin>:6:").contains("image"));
    refused("kind: {Container\nmetadata: [", 3).satisfies(e -> assertThat(e).contains("<stdin>:"));
  }

  @Test
  void aStreamWithOneBadDocumentChangesNothing() {
    String good = container("good", "image: hello");
    refused(good + "---\n" + container("bad", "image: hello\n  hostPorts: 1"), 3)
        .satisfies(e -> assertThat(e).contains("hostPorts"));
    assertThat(ENGINE.jctl("get", "container", "good").code()).isEqualTo(1);
  }

  /** What only the server can know is refused as a whole too. */
  @Test
  void aStreamWithOneObjectTheServerRefusesChangesNothing() {
    String good = container("good", "image: hello");
    refused(
            good
                + "---\n"
                + container("stray", "image: hello").replace("stray", "stray, namespace: absent"),
            3)
        .satisfies(e -> assertThat(e).contains("<stdin>:").contains("absent"));
    assertThat(ENGINE.jctl("get", "container", "good").code()).isEqualTo(1);
  }

  // --- what an object waits for

  @Test
  void anObjectSaysWhatItWaitsForAndGoesOnWhenItComes() {
    applied(
        container("late", "image: hello\n  command: [sleep, '1000']\n  networks: [{name: later}]"));
    awaitReason("container", "late", "AwaitingNetwork", "Network later");
    applied("apiVersion: jctl.dev/v1\nkind: Network\nmetadata: {name: later}\n");
    ENGINE.jctl("wait", "container/late", "--for=condition=Ready", "--timeout=60s").ok();
  }

  @Test
  void missingVolumesAndImagesAreNamed() {
    applied(container("unfed", "image: hello\n  volumeMounts: [{name: nowhere, mountPath: /n}]"));
    awaitReason("container", "unfed", "AwaitingVolume", "Volume nowhere");
    applied(container("unseen", "image: nothing-of-that-name"));
    awaitReason("container", "unseen", "", "nothing-of-that-name");
    Ran waited = ENGINE.jctl("wait", "container/unfed", "--for=condition=Ready", "--timeout=1s");
    assertThat(waited.code()).isEqualTo(5);
  }

  // --- what is taken

  @Test
  void aTakenPortIsNamedAndUsedOnceItIsFree() throws IOException {
    int port = Host.freePort();
    try (ServerSocket _ = new ServerSocket(port, 1, InetAddress.getByName("0.0.0.0"))) {
      applied(
          container(
              "porter",
              "image: hello\n  command: [sleep, '1000']\n  ports: [{containerPort: 80, hostPort: "
                  + port
                  + "}]"));
      awaitReason("container", "porter", "", Integer.toString(port));
    }
    TestEngine.eventually().atMost(TestEngine.RESYNC).until(() -> isReady("porter"));
  }

  @Test
  void anOverlappingSubnetNamesTheOtherNetwork() throws IOException {
    String subnet = Host.freeSubnet();
    applied(network("wide", subnet + ".0/24"));
    ENGINE.jctl("wait", "network/wide", "--for=condition=Ready", "--timeout=60s").ok();
    applied(network("narrow", subnet + ".128/25"));
    awaitReason("network", "narrow", "", "wide");
  }

  @Test
  void aCommandThatIsNotInTheImageIsNamed() {
    applied(container("mute", "image: hello\n  command: [/no/such/thing]"));
    awaitReason("container", "mute", "", "/no/such/thing");
  }

  // --- archives

  @Test
  void aDamagedArchiveIsNamed() throws IOException {
    Path noise = ENGINE.file("noise.tar", "this is no archive\n".repeat(1000));
    applied(archive("noise", noise));
    awaitReason("image", "noise", "", "noise.tar");
  }

  @Test
  void aTruncatedArchiveIsNamed() throws IOException {
    Path whole = rootfsTar("truncated.tar", "rootfs");
    Path cut = whole.resolveSibling("cut.tar");
    Files.write(cut, java.util.Arrays.copyOf(Files.readAllBytes(whole), 100_000));
    applied(rootfs("cut", cut));
    awaitReason("image", "cut", "", "cut.tar");
  }

  @Test
  void aTarThatClimbsOutIsRefusedAndWritesNothing() throws IOException {
    Path outside = ENGINE.file("climbed", "before");
    Path tar = ENGINE.home().resolve("climber.tar");
    Host.run(
            "tar",
            "-cPf",
            tar.toString(),
            "--transform",
            "s,^.*climbed,../../../../../.." + outside + ",",
            outside + "")
        .ok();
    Files.writeString(outside, "after");
    applied(rootfs("climber", tar));
    awaitReason("image", "climber", "", "climber.tar");
    assertThat(outside).hasContent("after");
  }

  @Test
  void anImageOfAnotherPlatformSaysWhichThereAre() throws IOException {
    Path layout = OciLayout.write(ENGINE.home().resolve("foreign"), "linux", "s390x");
    applied(archive("foreign", layout));
    awaitReason("image", "foreign", "", "s390x");
  }

  // --- jctl why

  @Test
  void whyNamesTheFactThatIsInTheWay() throws IOException {
    try (Refusing registry = new Refusing()) {
      String subnet = Host.freeSubnet();
      applied(
          String.join(
              "---\n",
              container("locked", "image: '" + registry.host() + "/team/web:1'"),
              """
              apiVersion: v1
              kind: Secret
              metadata: {name: db}
              stringData: {user: root}
              """,
              container(
                  "keyless",
                  "image: hello\n  env: [{name: P, valueFrom: {secretKeyRef: {name: db, key:"
                      + " password}}}]"),
              container(
                  "unwell",
                  "image: hello\n  command: [sleep, '1000']\n  readinessProbe: {periodSeconds: 1,"
                      + " exec: {command: [sh, -c, 'exit 3']}}"),
              network("tiny", subnet + ".0/30"),
              container("first", on("tiny")),
              container("second", on("tiny")),
              container("looping", "image: hello\n  command: [sh, -c, 'echo cannot bind; exit 7']"),
              """
              apiVersion: jctl.dev/v1
              kind: GitRepository
              metadata: {name: waits}
              spec: {url: /nowhere, dependsOn: [{kind: Container, name: keyless}]}
              """));
      why("container/locked", "401", "credentials");
      why("container/keyless", "secret/db has no key password", "it has user");
      why("container/unwell", "readiness probe");
      why(
          full("second") ? "container/second" : "container/first",
          "network tiny has no free address",
          "a larger subnet");
      why("container/looping", "exit code 7", "cannot bind");
      why("gitrepository/waits", "container.jctl.dev/keyless", "no key password");
    } finally {
      ENGINE.jctl("delete", "gitrepository", "waits").ok();
    }
  }

  private static String on(String network) {
    return "image: hello\n  command: [sleep, '1000']\n  networks: [{name: " + network + "}]";
  }

  private static boolean full(String container) {
    TestEngine.eventually().until(() -> isReady("first") || isReady("second"));
    return !isReady(container);
  }

  private static void why(String object, String... facts) {
    TestEngine.eventually()
        .untilAsserted(
            () -> assertThat(ENGINE.jctl("why", object).out()).as("%s", object).contains(facts));
  }

  /** A registry that lets nobody in. */
  private static final class Refusing implements AutoCloseable {
    private final HttpServer server;

    Refusing() throws IOException {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      server.createContext(
          "/",
          exchange -> {
            exchange.getResponseHeaders().set("WWW-Authenticate", "Basic realm=\"registry\"");
            exchange.sendResponseHeaders(401, -1);
            exchange.close();
          });
      server.start();
    }

    String host() {
      return "127.0.0.1:" + server.getAddress().getPort();
    }

    @Override
    public void close() {
      server.stop(0);
    }
  }

  // --- in short

  private static org.assertj.core.api.AbstractStringAssert<?> refused(String manifest, int code) {
    Ran ran = ENGINE.jctlWithInput(manifest, "apply", "-f", "-").exits(code);
    assertThat(ran.out()).isEmpty();
    return assertThat(ran.err());
  }

  private static void applied(String manifest) {
    ENGINE.jctlWithInput(manifest, "apply", "-f", "-").ok();
  }

  /** Waits for a Ready condition that is not true for this reason, with a message that names it. */
  private static void awaitReason(String kind, String name, String reason, String message) {
    TestEngine.eventually()
        .untilAsserted(
            () -> {
              JsonNode ready = ready(kind, name);
              assertThat(ready.path("status").asText()).as("%s", ready).isEqualTo("False");
              assertThat(ready.path("reason").asText()).contains(reason);
              assertThat(ready.path("message").asText()).contains(message);
            });
  }

  private static boolean isReady(String container) {
    return ready("container", container).path("status").asText().equals("True");
  }

  private static JsonNode ready(String kind, String name) {
    for (JsonNode condition : ENGINE.get(kind, name).at("/status/conditions")) {
      if (condition.path("type").asText().equals("Ready")) {
        return condition;
      }
    }
    return com.fasterxml.jackson.databind.node.MissingNode.getInstance();
  }

  private static Path rootfsTar(String name, String directory) throws IOException {
    Path root = Files.createDirectories(ENGINE.home().resolve(directory));
    Files.copy(Path.of("/bin/busybox"), root.resolve("sh"));
    Path tar = ENGINE.home().resolve(name);
    Host.run("tar", "-C", root.toString(), "-cf", tar.toString(), ".").ok();
    return tar;
  }

  private static String container(String name, String spec) {
    return """
    apiVersion: jctl.dev/v1
    kind: Container
    metadata: {name: %s}
    spec:
      %s
      terminationGracePeriodSeconds: 0
    """
        .formatted(name, spec);
  }

  private static String network(String name, String subnet) {
    return """
    apiVersion: jctl.dev/v1
    kind: Network
    metadata: {name: %s}
    spec: {subnets: [%s]}
    """
        .formatted(name, subnet);
  }

  private static String archive(String name, Path path) {
    return image(name, "archive", path);
  }

  private static String rootfs(String name, Path path) {
    return image(name, "rootfs", path);
  }

  private static String image(String name, String source, Path path) {
    return """
    apiVersion: jctl.dev/v1
    kind: Image
    metadata: {name: %s}
    spec: {%s: {path: %s}}
    """
        .formatted(name, source, path);
  }
}
