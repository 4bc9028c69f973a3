package dev.jctl.cli.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.MethodOrderer.OrderAnnotation;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.RegisterExtension;

/** One machine that follows one repository, step by step. */
@TestMethodOrder(OrderAnnotation.class)
final class GitRepositoryPrivilegedIT {
  @RegisterExtension static final TestEngine ENGINE = new TestEngine();

  private static final Duration TWO_SECONDS = Duration.ofSeconds(2);

  /** On a machine that has other things to do as well. */
  private static final Duration FIVE_SECONDS = Duration.ofSeconds(5);

  private static final int PORT = Host.freePort();

  private static Path repository() {
    return ENGINE.home().resolve("repository");
  }

  private static void git(String... words) {
    String[] command = new String[words.length + 7];
    String[] start = {
      "git", "-C", repository().toString(), "-c", "user.name=T", "-c", "user.email=t@example.org"
    };
    System.arraycopy(start, 0, command, 0, start.length);
    System.arraycopy(words, 0, command, start.length, words.length);
    Host.run(command).ok();
  }

  private static String commit(String file, String text) throws IOException {
    Path path = repository().resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text);
    return commit();
  }

  private static String commit() {
    git("add", "-A");
    git("commit", "-q", "-m", "change");
    return Host.run("git", "-C", repository().toString(), "rev-parse", "HEAD").ok().out().strip();
  }

  private static JsonNode status() {
    return ENGINE.get("gitrepository", "machine").path("status");
  }

  private static Ran reconcile() {
    return ENGINE.jctl("reconcile", "gitrepository/machine");
  }

  @Test
  @Order(1)
  void whatIsCommittedRuns() throws IOException {
    Files.createDirectories(repository());
    git("init", "-q", "-b", "main");
    String hello = Files.readString(TestEngine.root().resolve("examples/hello/hello.yaml"));
    String first = commit("deploy/hello.yaml", hello);
    String manifest =
        Files.readString(TestEngine.root().resolve("examples/gitops/gitops.yaml"))
            .replaceFirst("https://.*", repository().toString())
            .replace("interval: 1m", "interval: 1h\n  webhook: {secretRef: {name: hook}}");
    ENGINE.jctlWithInput(manifest, "apply", "-f", "-", "--wait", "--timeout=60s").ok();
    ENGINE.jctl("wait", "container/hello", "--for=condition=Ready", "--timeout=60s").ok();
    assertThat(status().path("lastAppliedRevision").asText()).isEqualTo("main@sha1:" + first);

    String second = commit("deploy/more.yaml", configMap("more", "one"));
    assertThat(reconcile().ok().out()).contains("Applied 3 objects of main@sha1:" + second);
    assertThat(ENGINE.get("configmap", "more").at("/data/key").asText()).isEqualTo("one");
  }

  private static String configMap(String name, String value) {
    return """
    apiVersion: v1
    kind: ConfigMap
    metadata: {name: %s}
    data: {key: %s}
    """
        .formatted(name, value);
  }

  /** Of the three: an edited container, flushed rules, a deleted object. */
  @Test
  @Order(2)
  void whatOthersChangeIsPutBackAndListedWithTimeAndField() throws IOException {
    commit("deploy/served.yaml", served());
    reconcile().ok();
    ENGINE.jctl("wait", "container/served", "--for=condition=Ready", "--timeout=60s").ok();
    ENGINE.jctlWithInput(configMap("more", "other"), "apply", "-f", "-").exits(3);
    changeByHand();
    TestEngine.eventually()
        .untilAsserted(
            () ->
                assertThat(drift())
                    .contains(
                        "configmap/default/more [\"data.key\"] true",
                        "container/default/served [\"spec.stopSignal\"] true",
                        "container/default/served [\"spec.ports\"] true",
                        "network/default/own [\"rules\"] true",
                        "container/default/hello [] true"));
    assertThat(ENGINE.get("configmap", "more").at("/data/key").asText()).isEqualTo("one");
    assertThat(ENGINE.get("container", "served").at("/spec/stopSignal").asText())
        .isEqualTo("SIGKILL");
    assertThat(rules()).contains("masquerade");
    ENGINE.jctl("wait", "container/hello", "--for=condition=Ready", "--timeout=60s").ok();
    TestEngine.eventually()
        .untilAsserted(
            () ->
                assertThat(ENGINE.jctl("events").ok().out())
                    .contains("configmap/default/more differed in data.key"));
  }

  /** With nobody else on the machine who needs the rules. */
  @Test
  @Order(3)
  void whatOthersChangeIsOnlyListedWhereThatIsAskedFor() throws IOException {
    follow(repository().toString(), "1h", "driftPolicy: Report");
    changeByHand();
    TestEngine.eventually()
        .untilAsserted(
            () ->
                assertThat(drift())
                    .contains(
                        "configmap/default/more [\"data.key\"] false",
                        "container/default/served [\"spec.stopSignal\"] false",
                        "container/default/served [\"spec.ports\"] false",
                        "network/default/own [\"rules\"] false",
                        "container/default/hello [] false"));
    assertThat(ENGINE.get("configmap", "more").at("/data/key").asText()).isEqualTo("other");
    assertThat(ENGINE.get("container", "served").at("/spec/stopSignal").asText())
        .isEqualTo("SIGTERM");
    assertThat(rules()).doesNotContain("masquerade");
    ENGINE.jctl("get", "container", "hello").exits(1);

    follow(repository().toString(), "1h");
    TestEngine.eventually().until(() -> rules().contains("masquerade"));
    ENGINE.jctl("wait", "container/hello", "--for=condition=Ready", "--timeout=60s").ok();
    Files.delete(repository().resolve("deploy/served.yaml"));
    commit();
    reconcile().ok();
  }

  private static String served() {
    return """
      apiVersion: jctl.dev/v1
      kind: Network
      metadata: {name: own}
      spec: {}
      ---
      apiVersion: jctl.dev/v1
      kind: Container
      metadata: {name: served}
      spec:
        image: hello
        command: [sleep, "1000"]
        stopSignal: SIGKILL
        networks: [{name: own}]
        ports: [{containerPort: 80, hostPort: %d}]
      """
        .formatted(PORT);
  }

  private static void changeByHand() {
    ENGINE.jctlWithInput(configMap("more", "other"), "apply", "-f", "-", "--force-conflicts").ok();
    String edited = served().replace("SIGKILL", "SIGTERM");
    ENGINE.jctlWithInput(edited, "apply", "-f", "-", "--force-conflicts").ok();
    ENGINE.jctl("delete", "container", "hello").ok();
    Host.run("nft", "flush", "table", "inet", ENGINE.traces().table()).ok();
  }

  private static String rules() {
    return Host.run("nft", "list", "table", "inet", ENGINE.traces().table()).ok().out();
  }

  /** Each as it is listed, and with a time of now. */
  private static List<String> drift() {
    List<String> all = new ArrayList<>();
    for (JsonNode d : status().path("drift")) {
      all.add(
          d.path("object").asText()
              + " "
              + d.path("fields")
              + " "
              + d.path("repaired").asBoolean());
      assertThat(Instant.parse(d.path("seen").asText()))
          .isCloseTo(Instant.now(), within(10, ChronoUnit.MINUTES));
    }
    return all;
  }

  private static String hello(String marker) throws IOException {
    return Files.readString(TestEngine.root().resolve("examples/hello/hello.yaml"))
        .replace("hello from a container", marker)
        .replace("terminationGracePeriodSeconds: 1", "terminationGracePeriodSeconds: 0");
  }

  private static boolean runs(String marker) {
    return ENGINE.traces().processes().stream().anyMatch(process -> process.contains(marker));
  }

  private static String secret(String name, String... entries) {
    return "apiVersion: v1\nkind: Secret\nmetadata: {name: %s}\nstringData:\n%s"
        .formatted(name, String.join("\n", entries).indent(2));
  }

  private static void follow(String url, String interval, String... more) {
    String manifest =
        """
        apiVersion: jctl.dev/v1
        kind: GitRepository
        metadata: {name: machine}
        spec:
          url: %s
          path: deploy
          interval: %s
          webhook: {secretRef: {name: hook}}
        %s\
        """
            .formatted(url, interval, String.join("\n", more).indent(2));
    ENGINE.jctlWithInput(manifest, "apply", "-f", "-", "--wait", "--timeout=60s").ok();
  }

  private static void callWebhook() throws IOException, GeneralSecurityException {
    String body = "{\"ref\":\"refs/heads/main\"}";
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec("k3y".getBytes(StandardCharsets.US_ASCII), "HmacSHA256"));
    String hmac = HexFormat.of().formatHex(mac.doFinal(body.getBytes(StandardCharsets.US_ASCII)));
    String address =
        Files.readAllLines(ENGINE.data().resolve("kubeconfig")).stream()
            .filter(line -> line.contains("server: "))
            .map(line -> line.replaceFirst(".*server: ", "").replace("\"", "").strip())
            .findFirst()
            .orElseThrow();
    String path = "/apis/jctl.dev/v1/namespaces/default/gitrepositories/machine/webhook";
    String header = "X-Hub-Signature-256: sha256=" + hmac;
    Host.run("curl", "-fsSk", "-H", header, "-d", body, address + path).ok();
  }

  /** {@code cpu}: what the controller itself took for it, which is the same on a busy machine. */
  private record Brought(Duration time, Duration cpu) {}

  /** What it takes from the commit until the container of it runs. The interval is an hour. */
  private static Brought committed(String marker) throws IOException, GeneralSecurityException {
    commit("deploy/hello.yaml", hello(marker));
    Duration cpu = controllerCpu();
    long start = System.nanoTime();
    callWebhook();
    TestEngine.eventually().pollInterval(Duration.ofMillis(10)).until(() -> runs(marker));
    Duration time = Duration.ofNanos(System.nanoTime() - start);
    Brought brought = new Brought(time, controllerCpu().minus(cpu));
    System.out.println("from commit to running, " + marker + ": " + brought);
    return brought;
  }

  private static Duration controllerCpu() throws IOException {
    return ProcessHandle.of(ENGINE.enginePid("controller"))
        .flatMap(process -> process.info().totalCpuDuration())
        .orElseThrow();
  }

  /**
   * On a busy machine one of the three may have to wait for others; the work of each is counted.
   */
  @Test
  @Order(4)
  void aWebhookBringsACommitFromEachServerWithinTwoSeconds()
      throws IOException, GeneralSecurityException {
    ENGINE.jctlWithInput(secret("hook", "token: k3y"), "apply", "-f", "-").ok();
    // the first that is replaced would be given a second to end
    commit("deploy/hello.yaml", hello("before"));
    Path servers = ENGINE.home().resolve("servers");
    try (GitServers git = new GitServers(ENGINE.home(), servers)) {
      String password =
          secret("password", "username: " + GitServers.USER, "password: " + GitServers.PASSWORD);
      ENGINE.jctlWithInput(password, "apply", "-f", "-").ok();
      String key =
          secret(
              "key",
              "identity: |\n" + git.identity().indent(2).stripTrailing(),
              "known_hosts: '" + git.knownHosts().strip() + "'");
      ENGINE.jctlWithInput(key, "apply", "-f", "-").ok();

      follow(git.daemonUrl("repository"), "1h");
      TestEngine.eventually().until(() -> runs("before"));
      Brought daemon = committed("from git-daemon");
      follow(git.httpUrl("repository"), "1h", "secretRef: {name: password}");
      Brought http = committed("from smart HTTP");
      follow(git.sshUrl("repository"), "1h", "secretRef: {name: key}");
      Brought ssh = committed("from sshd");
      bootstrapped(git);
      assertThat(List.of(daemon, http, ssh))
          .allMatch(brought -> brought.cpu().compareTo(TWO_SECONDS) < 0)
          .anyMatch(brought -> brought.time().compareTo(FIVE_SECONDS) < 0);
    }
    follow(repository().toString(), "1h");
  }

  /** One command makes a machine follow a repository. */
  private static void bootstrapped(GitServers git) throws IOException {
    commit("boot/settings.yaml", configMap("booted", "indeed"));
    Path identity = ENGINE.file("identity", git.identity());
    Path hosts = ENGINE.file("known_hosts", git.knownHosts());
    String url = git.sshUrl("repository");
    String[] keys = {"--identity=" + identity, "--known-hosts=" + hosts};
    ENGINE.jctl("bootstrap", url, "--name=boot", "--path=boot", keys[0], keys[1]).ok();
    assertThat(ENGINE.get("configmap", "booted").at("/data/key").asText()).isEqualTo("indeed");
    assertThat(ENGINE.jctl("history", "set/boot").ok().out()).contains("main@sha1:");
    ENGINE.jctl("delete", "gitrepository", "boot", "--wait", "--timeout=60s").ok();
  }

  @Test
  @Order(5)
  void aRevertRevertsAndIsFoundWithinTheInterval() throws IOException {
    commit("deploy/hello.yaml", hello("regretted"));
    reconcile().ok();
    TestEngine.eventually().until(() -> runs("regretted"));
    follow(repository().toString(), "1s");
    git("revert", "--no-edit", "HEAD");
    TestEngine.eventually().until(() -> runs("from sshd") && !runs("regretted"));
  }

  @Test
  @Order(6)
  void anUnhealthyCommitGivesWayToTheLastGoodOneByItself() throws IOException {
    ENGINE.jctl("wait", "container/hello", "--for=condition=Ready", "--timeout=60s").ok();
    follow(repository().toString(), "1h", "healthGate: {timeout: 5m}");
    String good = commit("deploy/more.yaml", configMap("more", "two"));
    reconcile().ok();
    follow(repository().toString(), "1h", "healthGate: {timeout: 3s}");
    String bad = commit("deploy/hello.yaml", hello("bad").replace("while true", "while false"));
    assertThat(reconcile().exits(1).err()).contains(bad);
    TestEngine.eventually()
        .untilAsserted(
            () -> {
              assertThat(status().path("lastAppliedRevision").asText()).endsWith(good);
              assertThat(status().path("history").toString())
                  .contains("main@sha1:" + bad, "Unhealthy");
              assertThat(runs("from sshd")).isTrue();
            });
    git("revert", "--no-edit", "HEAD");
    follow(repository().toString(), "1h");
    reconcile().ok();
  }

  @Test
  @Order(7)
  void aBadCommitChangesNothingAndIsShownWithItsPlace() throws IOException {
    JsonNode before = ENGINE.get("container", "hello");
    Files.delete(repository().resolve("deploy/more.yaml"));
    String bad =
        commit(
            "deploy/bad.yaml",
            """
            apiVersion: jctl.dev/v1
            kind: Container
            metadata: {name: bad}
            spec:
              image: hello
              restartPolicie: Never
            """);
    assertThat(reconcile().exits(1).err())
        .contains("main@sha1:" + bad, "deploy/bad.yaml:6:3", "restartPolicy", "goes on");
    assertThat(ENGINE.get("configmap", "more").at("/data/key").asText()).isEqualTo("two");
    assertThat(ENGINE.get("container", "hello").at("/metadata/uid"))
        .isEqualTo(before.at("/metadata/uid"));
  }

  @Test
  @Order(8)
  void whatLeavesIsPrunedUnlessItSaysThatItStays() throws IOException {
    Files.delete(repository().resolve("deploy/bad.yaml"));
    commit(
        "deploy/kept.yaml",
        configMap("kept", "x")
            .replace("{name: kept}", "{name: kept, annotations: {jctl.dev/prune: disabled}}"));
    reconcile().ok();
    assertThat(ENGINE.jctl("get", "configmap", "more").exits(1).err()).contains("not found");
    Files.delete(repository().resolve("deploy/kept.yaml"));
    commit();
    reconcile().ok();
    ENGINE.jctl("get", "configmap", "kept").ok();

    Files.move(repository().resolve("deploy"), repository().resolve("elsewhere"));
    commit();
    assertThat(reconcile().exits(1).err()).contains("there is no directory deploy");
    ENGINE.jctl("get", "container", "hello").ok();
  }

  @Test
  @Order(9)
  void deletingItTakesItsObjectsAlong() {
    ENGINE.jctl("delete", "gitrepository", "machine", "--wait", "--timeout=60s").ok();
    assertThat(ENGINE.jctl("get", "containers,images").ok().err()).contains("No resources found");
    assertThat(ENGINE.data().resolve("git")).isEmptyDirectory();
  }

  /** On the real file system; its interval is an hour. */
  @Test
  @Order(10)
  void aDirectoryIsFollowedWithoutGit() throws IOException {
    Path files = Files.createDirectories(ENGINE.home().resolve("files"));
    Files.writeString(files.resolve("hello.yaml"), hello("from a directory"));
    String source =
        """
        apiVersion: jctl.dev/v1
        kind: ManifestSource
        metadata: {name: files}
        spec: {directory: %s, interval: 1h}
        """
            .formatted(files);
    ENGINE.jctlWithInput(source, "apply", "-f", "-", "--wait", "--timeout=60s").ok();
    TestEngine.eventually().until(() -> runs("from a directory"));
    Files.writeString(files.resolve("hello.yaml"), hello("from the same directory"));
    TestEngine.eventually().until(() -> runs("from the same directory"));
    ENGINE.jctl("delete", "manifestsource", "files", "--wait", "--timeout=60s").ok();
    assertThat(ENGINE.jctl("get", "containers,images").ok().err()).contains("No resources found");
  }

  /** Without a repository, too, there is a history, and a way back in it. */
  @Test
  @Order(11)
  void aSetGoesBackAndWhatWasIsShown() {
    applySet(configMap("past", "one"), configMap("left", "here"));
    String then = ENGINE.get("configmap", "past").at("/metadata/resourceVersion").asText();
    applySet(configMap("past", "two"));
    ENGINE.jctl("get", "configmap", "left").exits(1);

    assertThat(ENGINE.jctl("get", "configmap", "past", "--at", then, "-o", "yaml").ok().out())
        .contains("key: one");
    assertThat(ENGINE.jctl("get", "configmap", "left", "--at", then, "-o", "name").ok().out())
        .contains("configmap/left");
    assertThat(ENGINE.jctl("diff", "--from", then, "configmap").exits(1).out())
        .contains("past", "one", "two", "left");
    assertThat(ENGINE.jctl("history", "configmap/past").ok().lines()).hasSizeGreaterThan(2);
    assertThat(ENGINE.jctl("history", "set/times").ok().out()).containsPattern("(?m)^ *2 ");

    ENGINE.jctl("rollback", "set/times", "--to-revision", "1").ok();
    assertThat(ENGINE.get("configmap", "past").at("/data/key").asText()).isEqualTo("one");
    ENGINE.jctl("get", "configmap", "left").ok();
    ENGINE.jctl("delete", "set/times", "--wait", "--timeout=60s").ok();
  }

  private static void applySet(String... manifests) {
    String all = String.join("---\n", manifests);
    ENGINE.jctlWithInput(all, "apply", "-f", "-", "--set", "times", "--prune").ok();
  }
}
