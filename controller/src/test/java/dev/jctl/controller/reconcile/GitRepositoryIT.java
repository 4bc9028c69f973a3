package dev.jctl.controller.reconcile;

import static dev.jctl.controller.reconcile.Engine.configMap;
import static dev.jctl.manifests.model.ResourceKind.CONFIG_MAP;
import static dev.jctl.manifests.model.ResourceKind.CONTAINER;
import static dev.jctl.manifests.model.ResourceKind.GIT_REPOSITORY;
import static dev.jctl.manifests.model.ResourceKind.MANIFEST_SET;
import static dev.jctl.manifests.model.ResourceKind.SECRET;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.controller.git.WorkTree;
import dev.jctl.controller.resources.WriteGuard;
import dev.jctl.controller.sets.ManifestSets;
import dev.jctl.images.ImageException;
import dev.jctl.manifests.model.ResourceKind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Repositories made by git, followed by real reconcilers on a machine in memory. */
class GitRepositoryIT {
  @TempDir Path directory;
  private Engine engine;
  private WorkTree tree;
  private int requests;

  @BeforeEach
  void start() throws IOException {
    engine = new Engine(directory);
    tree = new WorkTree(directory.resolve("work"));
  }

  @AfterEach
  void stop() {
    engine.close();
  }

  private static String container(String image) {
    return """
    apiVersion: jctl.dev/v1
    kind: Container
    metadata: {name: web}
    spec: {image: "%s"}
    """
        .formatted(image);
  }

  /** Applied again, it is looked at now. */
  private void follow(String... more) {
    engine.apply(
        """
        apiVersion: jctl.dev/v1
        kind: GitRepository
        metadata: {name: machine, annotations: {jctl.dev/reconcile-requested: "%d"}}
        spec:
          url: %s
          interval: 1h
        %s
        """
            .formatted(++requests, tree.directory(), String.join("\n", more).indent(2)));
  }

  private void awaitReady(String commit) {
    engine.awaitStatus(
        GIT_REPOSITORY,
        "machine",
        s ->
            s.path("lastAppliedRevision").asText().endsWith(commit)
                && "True".equals(Engine.ready(s).path("status").asText()));
  }

  private void awaitNotReady(String reason, String... texts) {
    engine.awaitStatus(
        GIT_REPOSITORY,
        "machine",
        s ->
            Engine.ready(s).path("reason").asText().equals(reason)
                && List.of(texts).stream()
                    .allMatch(text -> Engine.ready(s).path("message").asText().contains(text)));
  }

  private String value(String name) {
    return engine.find(CONFIG_MAP, name).orElseThrow().tree().at("/data/key").asText();
  }

  private List<String> history() {
    List<String> results = new ArrayList<>();
    for (JsonNode attempt : engine.status(GIT_REPOSITORY, "machine").path("history")) {
      results.add(attempt.path("result").asText());
    }
    return results;
  }

  @Test
  void aCommitThatDoesNotBecomeHealthyGivesWayToTheLastThatDid() throws IOException {
    String good = tree.commit(Map.of("web.yaml", container("registry.test/web:1")));
    follow("healthGate: {timeout: 1h}");
    awaitReady(good);
    assertThat(history()).containsExactly("Healthy");

    engine.images.fail("registry.test/web:2", ImageException.Reason.NOT_FOUND);
    String bad =
        tree.commit(
            Map.of(
                "web.yaml",
                container("registry.test/web:2"),
                "new.yaml",
                configMap("extra", "one")));
    follow("healthGate: {timeout: 1h}");
    awaitNotReady("Progressing", bad, "registry.test/web:2");
    engine.clock.moveOn(Duration.ofHours(2));
    follow("healthGate: {timeout: 1h}");
    awaitNotReady("Unhealthy", bad, "registry.test/web:2", "sha1:" + good + " goes on");
    engine.awaitThat(
        () ->
            engine
                .find(CONTAINER, "web")
                .map(o -> o.tree().at("/spec/image").asText())
                .equals(Optional.of("registry.test/web:1")));
    engine.awaitGone(CONFIG_MAP, "extra");
    engine.awaitEvent("Returned", good);
    assertThat(history()).containsExactly("Returned", "Unhealthy", "Healthy");

    // it is remembered, and a better one is tried
    follow("healthGate: {timeout: 1h}");
    String better = tree.commit(Map.of("web.yaml", container("registry.test/web:3")));
    follow("healthGate: {timeout: 1h}");
    awaitReady(better);
    assertThat(history()).startsWith("Healthy", "Returned", "Unhealthy");
  }

  @Test
  void rewrittenHistoryIsRefusedUnlessItIsAllowed() throws IOException {
    tree.commit(Map.of("a.yaml", configMap("a", "one")));
    String second = tree.commit(Map.of("a.yaml", configMap("a", "two")));
    follow();
    awaitReady(second);
    tree.git("reset", "-q", "--hard", "HEAD~1");
    String other = tree.commit(Map.of("a.yaml", configMap("a", "three")));
    follow();
    awaitNotReady("RewrittenHistory", other, second, "allowForcePush", "goes on");
    assertThat(value("a")).isEqualTo("two");
    follow("allowForcePush: true");
    awaitReady(other);
    assertThat(value("a")).isEqualTo("three");
  }

  @Test
  void onlyWhatIsSignedIsFollowed() throws IOException {
    Path key = directory.resolve("key");
    run("ssh-keygen", "-q", "-N", "", "-t", "ed25519", "-f", key.toString());
    engine.apply(
        """
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: signers}
        data: {allowed_signers: 'mia@example.org %s'}
        """
            .formatted(Files.readString(directory.resolve("key.pub")).strip()));
    tree.git("config", "gpg.format", "ssh");
    tree.git("config", "user.signingkey", key.toString());
    Files.writeString(tree.directory().resolve("a.yaml"), configMap("a", "signed"));
    tree.git("add", "-A");
    tree.git("commit", "-q", "-S", "-m", "signed");
    String signed = tree.git("rev-parse", "HEAD").strip();
    String verify = "verify: {configMapRef: {name: signers}}";
    follow(verify);
    awaitReady(signed);
    assertThat(engine.status(GIT_REPOSITORY, "machine").path("conditions").toString())
        .contains("Verified", "Signed by mia@example.org");

    String unsigned = tree.commit(Map.of("a.yaml", configMap("a", "unsigned")));
    follow(verify);
    awaitNotReady("UnsignedCommit", unsigned, signed + " goes on");
    assertThat(value("a")).isEqualTo("signed");

    Path stranger = directory.resolve("stranger");
    run("ssh-keygen", "-q", "-N", "", "-t", "ed25519", "-f", stranger.toString());
    tree.git("config", "user.signingkey", stranger.toString());
    tree.git("commit", "-q", "--allow-empty", "-S", "-m", "signed by another");
    String wrong = tree.git("rev-parse", "HEAD").strip();
    follow(verify);
    awaitNotReady("UntrustedSignature", wrong, signed + " goes on");
    assertThat(value("a")).isEqualTo("signed");
  }

  @Test
  void aConditionIsWaitedForAndACycleIsTold() throws IOException {
    String commit = tree.commit(Map.of("a.yaml", configMap("a", "one")));
    follow("dependsOn: [{kind: Container, name: db}]");
    awaitNotReady("DependencyNotReady", "container/default/db is not there");
    engine.apply(container("registry.test/db:1").replace("name: web", "name: db"));
    awaitReady(commit);
    follow("dependsOn: [{name: machine}]");
    awaitNotReady("DependencyCycle", "gitrepository/default/machine → ");
  }

  @Test
  void whatRanIsKeptWhileANewerCommitIsRefused() throws IOException {
    String good = tree.commit(Map.of("a.yaml", configMap("a", "one")));
    follow();
    awaitReady(good);
    Map<String, String> many = new HashMap<>();
    for (int i = 0; i < 30; i++) {
      many.put("more/" + i + ".yaml", configMap("more-" + i, "x"));
    }
    many.put("a.yaml", configMap("a", "two"));
    many.put("more/17.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  nam: b\n");
    String bad = tree.commit(many);
    follow();
    awaitNotReady("InvalidManifest", "main@sha1:" + bad, "more/17.yaml:4:3", good + " goes on");
    assertThat(value("a")).isEqualTo("one");
    assertThat(engine.find(CONFIG_MAP, "more-0")).isEmpty();
    engine.delete(CONFIG_MAP, "a");
    engine.awaitThat(() -> engine.find(CONFIG_MAP, "a").isPresent());
    engine.awaitStatus(
        GIT_REPOSITORY, "machine", s -> s.path("drift").toString().contains("configmap/default/a"));
  }

  @Test
  void aRemoteThatIsGoneLeavesWhatRuns() throws IOException {
    String good = tree.commit(Map.of("a.yaml", configMap("a", "one")));
    follow();
    awaitReady(good);
    Path away = directory.resolve("away");
    Files.move(tree.directory(), away);
    follow();
    awaitNotReady("NoSuchRepository", tree.directory().toString(), good + " goes on");
    assertThat(value("a")).isEqualTo("one");
    Files.move(away, tree.directory());
    follow();
    awaitReady(good);
  }

  @Test
  void aSecretThatCannotBeDecryptedLeavesTheLastRevisionAndIsNamedWithItsPlace()
      throws IOException {
    String identity = run("age-keygen");
    String other = run("age-keygen");
    String recipient = other.lines().filter(l -> l.contains("age1")).findFirst().orElseThrow();
    recipient = recipient.substring(recipient.indexOf("age1"));
    engine.apply(
        "apiVersion: v1\nkind: Secret\nmetadata: {name: keys}\nstringData:\n  my.agekey: |\n"
            + identity.indent(4));
    String decrypts = "decryption: {secretRef: {name: keys}}";
    String good = tree.commit(Map.of("a.yaml", configMap("a", "one")));
    follow(decrypts);
    awaitReady(good);

    String key = run("sh", "-c", "head -c 32 /dev/zero | age -a -r " + recipient);
    String sealed =
        """
        apiVersion: v1
        kind: Secret
        metadata: {name: sealed}
        stringData:
            password: ENC[AES256_GCM,data:AAAA,iv:AAAA,tag:AAAA,type:str]
        sops:
            age:
                - recipient: %s
                  enc: |
        %s\
            lastmodified: "2026-01-01T00:00:00Z"
            mac: ENC[AES256_GCM,data:AAAA,iv:AAAA,tag:AAAA,type:str]
            version: 3.9.0
        """
            .formatted(recipient, key.indent(12));
    String bad =
        tree.commit(Map.of("a.yaml", configMap("a", "two"), "secrets/sealed.yaml", sealed));
    follow(decrypts);
    awaitNotReady(
        "DecryptionFailed",
        "main@sha1:" + bad,
        "secrets/sealed.yaml:6: ",
        recipient,
        "none is in spec.decryption",
        good + " goes on");
    assertThat(value("a")).isEqualTo("one");
    assertThat(engine.find(SECRET, "sealed")).isEmpty();
  }

  private static String run(String... command) throws IOException {
    Process program = new ProcessBuilder(command).start();
    String out = new String(program.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(program.onExit().join().exitValue()).isZero();
    return out;
  }

  @Test
  void valuesComeFromOthersAndAreAppliedAnewWhenTheyChange() throws IOException {
    String commit = tree.commit(Map.of("a.yaml", configMap("a", "\"${COLOUR}\"")));
    String from = "substituteFrom: [{name: colours}]";
    follow(from);
    awaitNotReady("DependencyNotReady", "configmap/default/colours is not there");
    engine.apply(configMap("colours", "x").replace("key: x", "COLOUR: red"));
    awaitReady(commit);
    assertThat(value("a")).isEqualTo("red");
    engine.apply(configMap("colours", "x").replace("key: x", "COLOUR: blue"));
    engine.awaitThat(() -> value("a").equals("blue"));
    assertThat(engine.status(GIT_REPOSITORY, "machine").path("drift").isMissingNode()).isTrue();
  }

  @Test
  void fieldsThatAreOthersAreLeftToThem() throws IOException {
    String commit = tree.commit(Map.of("a.yaml", configMap("a", "one") + "  kept: mine\n"));
    String ignore = "ignoreDrift: [{kind: ConfigMap, fields: [data.key]}]";
    follow(ignore);
    awaitReady(commit);
    engine.apply(configMap("a", "two") + "  kept: theirs\n");
    engine.awaitThat(
        () ->
            engine
                .find(CONFIG_MAP, "a")
                .orElseThrow()
                .tree()
                .at("/data/kept")
                .asText()
                .equals("mine"));
    assertThat(value("a")).isEqualTo("two");
    engine.awaitStatus(
        GIT_REPOSITORY, "machine", s -> s.path("drift").toString().contains("data.kept"));
    assertThat(engine.status(GIT_REPOSITORY, "machine").path("drift").toString())
        .doesNotContain("data.key");
  }

  @Test
  void whatIsOnlyReportedIsToldWithTimeAndFieldAndLeftAsItIs() throws IOException {
    String commit =
        tree.commit(Map.of("a.yaml", configMap("a", "one"), "b.yaml", configMap("b", "one")));
    String report = "driftPolicy: Report";
    follow(report);
    awaitReady(commit);
    engine.apply(configMap("a", "two"));
    engine.delete(CONFIG_MAP, "b");
    engine.awaitStatus(
        GIT_REPOSITORY,
        "machine",
        s ->
            s.path("drift").toString().contains("configmap/default/a")
                && s.path("drift").toString().contains("configmap/default/b"));
    for (JsonNode drift : engine.status(GIT_REPOSITORY, "machine").path("drift")) {
      assertThat(drift.path("repaired").asBoolean(true)).isFalse();
      assertThat(Instant.parse(drift.path("seen").asText()))
          .isCloseTo(Instant.now(), within(10, ChronoUnit.MINUTES));
      assertThat(drift.path("fields").toString())
          .isEqualTo(drift.path("object").asText().endsWith("/a") ? "[\"data.key\"]" : "[]");
    }
    assertThat(value("a")).isEqualTo("two");
    assertThat(engine.find(CONFIG_MAP, "b")).isEmpty();

    follow();
    engine.awaitThat(() -> value("a").equals("one") && engine.find(CONFIG_MAP, "b").isPresent());
  }

  private static final String NETWORKED =
      """
      apiVersion: jctl.dev/v1
      kind: Network
      metadata: {name: front}
      spec: {}
      ---
      apiVersion: jctl.dev/v1
      kind: Container
      metadata: {name: web}
      spec:
        image: registry.test/web:1
        networks: [{name: front}]
        ports: [{containerPort: 80, hostPort: 8080}]
      """;

  private static List<String> driftOf(JsonNode status) {
    List<String> all = new ArrayList<>();
    for (JsonNode d : status.path("drift")) {
      String repaired = d.path("repaired").asBoolean() ? " repaired" : " reported";
      all.add(d.path("object").asText() + " " + d.at("/fields/0").asText() + repaired);
      assertThat(Instant.parse(d.path("seen").asText()))
          .isCloseTo(Instant.now(), within(10, ChronoUnit.MINUTES));
      assertThat(d.path("message").asText()).contains("missing");
    }
    return all;
  }

  @Test
  void rulesThatAreFlushedArePutBackAndListedInTheStatusOfTheirSource() throws IOException {
    String commit = tree.commit(Map.of("web.yaml", NETWORKED));
    follow();
    awaitReady(commit);
    engine.awaitReady(CONTAINER, "web");
    engine.runtime.flushTables();
    String[] found = {
      "container/default/web spec.ports repaired",
      "network/default/front rules repaired",
      "network/default/front status.device repaired"
    };
    for (ResourceKind kind : List.of(GIT_REPOSITORY, MANIFEST_SET)) {
      engine.awaitThat(
          () -> Set.copyOf(driftOf(engine.status(kind, "machine"))).equals(Set.of(found)));
    }
    assertThat(engine.runtime.ports().drift()).isEmpty();
    assertThat(engine.status(GIT_REPOSITORY, "machine").path("conditions").toString())
        .contains("AsDeclared");
  }

  @Test
  void rulesThatAreFlushedAreOnlyListedWhenDriftIsOnlyReported() throws IOException {
    String commit = tree.commit(Map.of("web.yaml", NETWORKED));
    follow("driftPolicy: Report");
    awaitReady(commit);
    engine.awaitReady(CONTAINER, "web");
    engine.runtime.flushTables();
    String[] found = {
      "container/default/web spec.ports reported",
      "network/default/front rules reported",
      "network/default/front status.device reported"
    };
    engine.awaitThat(
        () -> Set.copyOf(driftOf(engine.status(GIT_REPOSITORY, "machine"))).equals(Set.of(found)));
    assertThat(engine.status(GIT_REPOSITORY, "machine").path("conditions").toString())
        .contains("Drifted", "container/default/web [spec.ports]");
    assertThat(engine.runtime.ports().drift()).isNotEmpty();

    follow();
    engine.awaitThat(() -> engine.runtime.ports().drift().isEmpty());
    engine.awaitStatus(
        GIT_REPOSITORY,
        "machine",
        s -> !s.path("drift").isEmpty() && !s.path("drift").toString().contains("false"));
  }

  @Test
  void eachCommitIsARevisionOfASet() throws IOException {
    String first = tree.commit(Map.of("a.yaml", configMap("a", "one")));
    follow();
    awaitReady(first);
    String second = tree.commit(Map.of("a.yaml", configMap("a", "two")));
    follow();
    awaitReady(second);
    tree.commit(Map.of("README.md", "no manifest"));
    follow();
    engine.awaitStatus(
        MANIFEST_SET, "machine", s -> s.at("/history/0/result").asText().equals("Healthy"));
    List<String> revisions = new ArrayList<>();
    for (JsonNode r : engine.status(MANIFEST_SET, "machine").path("history")) {
      revisions.add(r.path("revision").asText() + " " + r.path("cause").asText());
    }
    assertThat(revisions).containsExactly("2 main@sha1:" + second, "1 main@sha1:" + first);
    assertThat(engine.sets.manifests(Engine.ref(MANIFEST_SET, "machine"), 1).toString())
        .contains("one");
    assertThatThrownBy(
            () ->
                engine.sets.rollBack(
                    new ManifestSets.Rollback(
                        Engine.ref(MANIFEST_SET, "machine"),
                        1,
                        false,
                        WriteGuard.NONE,
                        items -> {},
                        leaving -> {})))
        .hasMessageContaining("follows gitrepository/default/machine");
    engine.delete(GIT_REPOSITORY, "machine");
    engine.awaitGone(GIT_REPOSITORY, "machine");
    engine.awaitGone(MANIFEST_SET, "machine");
    assertThat(engine.find(CONFIG_MAP, "a")).isEmpty();
  }

  @Test
  void anObjectOfAnotherRepositoryIsRefusedWithItsPlace() throws IOException {
    String first = tree.commit(Map.of("a.yaml", configMap("a", "one")));
    follow();
    awaitReady(first);
    WorkTree other = new WorkTree(directory.resolve("other"));
    String second = other.commit(Map.of("sub/b.yaml", "\n" + configMap("a", "two")));
    engine.apply(
        """
        apiVersion: jctl.dev/v1
        kind: GitRepository
        metadata: {name: rival}
        spec: {url: %s, interval: 1h}
        """
            .formatted(other.directory()));
    engine.awaitStatus(
        GIT_REPOSITORY,
        "rival",
        s ->
            Engine.ready(s).path("reason").asText().equals("Conflict")
                && Engine.ready(s).path("message").asText().contains("main@sha1:" + second)
                && Engine.ready(s)
                    .path("message")
                    .asText()
                    .contains("sub/b.yaml:4:12: configmap/default/a belongs to GitRepository"));
    assertThat(value("a")).isEqualTo("one");
  }
}
