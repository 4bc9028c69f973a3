package dev.jctl.cli.why;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.manifests.codec.ManifestReader;
import dev.jctl.manifests.model.ResourceKind;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Statuses are as the engine writes them. */
class WhyTest {
  private final Map<String, JsonNode> objects = new HashMap<>();
  private String lastLine = "";

  private void given(String yaml) {
    ManifestReader.read("test", yaml)
        .forEach(
            d ->
                objects.put(
                    d.kind().singular() + "/" + d.tree().path("metadata").path("name").asText(),
                    d.tree()));
  }

  private List<String> why(ResourceKind kind, String name) {
    Lookup lookup =
        new Lookup() {
          @Override
          public Optional<JsonNode> find(ResourceKind k, String namespace, String n) {
            return Optional.ofNullable(objects.get(k.singular() + "/" + n));
          }

          @Override
          public String lastLine(String namespace, String pod, String container) {
            return lastLine;
          }
        };
    return Why.of(kind, "default", name, lookup).lines();
  }

  private static String container(String reason, String message, String spec) {
    return """
    apiVersion: jctl.dev/v1
    kind: Container
    metadata: {name: web, namespace: default}
    spec: %s
    status:
      phase: Pending
      conditions: [{type: Ready, status: "False", reason: %s, message: "%s"}]
    ---
    """
        .formatted(spec, reason, message);
  }

  private static String pod(String statuses, String reason, String message) {
    return """
    apiVersion: v1
    kind: Pod
    metadata: {name: web, namespace: default}
    spec: {containers: [{name: web, image: box}]}
    status:
      phase: Running
      conditions: [{type: Ready, status: "False", reason: %s, message: "%s"}]
      containerStatuses: %s
    ---
    """
        .formatted(reason, message, statuses);
  }

  private static String ready(String kind, String name) {
    return """
    apiVersion: jctl.dev/v1
    kind: %s
    metadata: {name: %s, namespace: default}
    spec: %s
    status: {phase: Ready, conditions: [{type: Ready, status: "True", reason: Loaded}]}
    ---
    """
        .formatted(kind, name, kind.equals("Image") ? "{reference: r.example/box:1}" : "{}");
  }

  @Test
  void anImageThatMayNotBePulledIsNamedWithTheAnswerOfItsRegistry() {
    given(container("AwaitingImage", "Waits for Image private", "{image: private}"));
    given(
        """
        apiVersion: jctl.dev/v1
        kind: Image
        metadata: {name: private, namespace: default}
        spec: {reference: "r.example/private:1"}
        status:
          phase: Failed
          conditions: [{type: Ready, status: "False", reason: Unauthorized,
            message: "pull r.example/private:1: the registry answered 401 Unauthorized"}]
        """);
    assertThat(why(ResourceKind.CONTAINER, "web"))
        .containsExactly(
            "container.jctl.dev/web is not ready: AwaitingImage: Waits for Image private",
            "└─ image.jctl.dev/private is not ready: Unauthorized: pull r.example/private:1: the"
                + " registry answered 401 Unauthorized",
            "      give credentials: spec.imagePullSecrets of the Image, or `jctl image login"
                + " REGISTRY`");
  }

  @Test
  void aMissingKeyOfASecretIsNamedWithThoseThatThereAre() {
    given(ready("Image", "box"));
    given(
        container(
            "CreateContainerConfigError",
            "Secret db has no key password",
            "{image: box, env: [{name: P, valueFrom: {secretKeyRef: {name: db, key:"
                + " password}}}]}"));
    given(
        """
        apiVersion: v1
        kind: Secret
        metadata: {name: db, namespace: default}
        data: {user: cm9vdA==}
        """);
    assertThat(why(ResourceKind.CONTAINER, "web"))
        .contains("└─ secret/db has no key password; it has user");
  }

  @Test
  void aFailingProbeIsTold() {
    given(ready("Image", "box"));
    String message = "container web is not ready: readiness probe: GET / answered 503";
    given(container("ContainersNotReady", message, "{image: box}"));
    given(
        pod(
            "[{name: web, ready: false, restartCount: 0, state: {running: {}}}]",
            "ContainersNotReady",
            message));
    assertThat(why(ResourceKind.CONTAINER, "web"))
        .contains("└─ pod/web is not ready: ContainersNotReady: " + message)
        .last()
        .asString()
        .contains("whether the probe asks the right thing");
  }

  @Test
  void aModuleThatIsToBeLoadedIsNoProbe() {
    assertThat(Advice.on("KernelModuleMissing: this kernel has no sctp: modprobe sctp")).isEmpty();
  }

  @Test
  void anExhaustedPoolIsTheFact() {
    given(ready("Image", "box"));
    given(
        container(
            "AwaitingNetwork",
            "Waits for Network front",
            "{image: box, networks: [{name: front}]}"));
    given(
        """
        apiVersion: jctl.dev/v1
        kind: Network
        metadata: {name: front, namespace: default}
        spec: {}
        status:
          phase: Failed
          conditions: [{type: Ready, status: "False", reason: PoolExhausted,
            message: "every /24 of 10.88.0.0/16 is in use"}]
        """);
    assertThat(why(ResourceKind.CONTAINER, "web"))
        .contains(
            "└─ network.jctl.dev/front is not ready: PoolExhausted: every /24 of 10.88.0.0/16 is in"
                + " use",
            "      delete networks that nobody uses, or give it spec.subnets");
  }

  @Test
  void whatDependsOnAnotherLeadsToWhatThatOneLacks() {
    String repository =
        """
        apiVersion: jctl.dev/v1
        kind: GitRepository
        metadata: {name: %s, namespace: default}
        spec: {url: "https://r.example/x", %s}
        status:
          phase: Pending
          conditions: [{type: Ready, status: "False", reason: %s, message: "not yet"}]
        ---
        """;
    given(repository.formatted("app", "dependsOn: [{name: base}]", "DependencyNotReady"));
    given(repository.formatted("base", "secretRef: {name: key}", "SecretNotFound"));
    assertThat(why(ResourceKind.GIT_REPOSITORY, "app"))
        .containsExactly(
            "gitrepository.jctl.dev/app is not ready: DependencyNotReady: not yet",
            "└─ gitrepository.jctl.dev/base is not ready: SecretNotFound: not yet",
            "   └─ secret/key does not exist in namespace default",
            "         make it");
  }

  @Test
  void whatDependsOnAnyKindLeadsToThat() {
    given(container("AwaitingImage", "Waits for Image box", "{image: box}"));
    given(
        """
        apiVersion: jctl.dev/v1
        kind: GitRepository
        metadata: {name: app, namespace: default}
        spec: {url: "https://r.example/x", dependsOn: [{kind: Container, name: web}]}
        status:
          phase: Pending
          conditions: [{type: Ready, status: "False", reason: DependencyNotReady}]
        """);
    assertThat(why(ResourceKind.GIT_REPOSITORY, "app"))
        .contains(
            "└─ container.jctl.dev/web is not ready: AwaitingImage: Waits for Image box",
            "   └─ image.jctl.dev/box does not exist in namespace default");
  }

  @Test
  void whatDependsOnEachOtherIsToldOnce() {
    String repository =
        """
        apiVersion: jctl.dev/v1
        kind: GitRepository
        metadata: {name: %s, namespace: default}
        spec: {url: "https://r.example/x", dependsOn: [{name: %s}]}
        status:
          phase: Pending
          conditions: [{type: Ready, status: "False", reason: DependencyNotReady}]
        ---
        """;
    given(repository.formatted("a", "b"));
    given(repository.formatted("b", "a"));
    assertThat(why(ResourceKind.GIT_REPOSITORY, "a"))
        .containsExactly(
            "gitrepository.jctl.dev/a is not ready: DependencyNotReady",
            "└─ gitrepository.jctl.dev/b is not ready: DependencyNotReady",
            "   └─ gitrepository.jctl.dev/a (see above)");
  }

  @Test
  void aCrashLoopLeadsToTheExitCodeAndTheLastLine() {
    lastLine = "cannot bind: address in use";
    given(ready("Image", "box"));
    given(container("CrashLoopBackOff", "back-off 40s", "{image: box}"));
    given(
        pod(
            "[{name: web, ready: false, restartCount: 3, state: {waiting: {reason:"
                + " CrashLoopBackOff}}, lastState: {terminated: {exitCode: 1, reason: Error}}}]",
            "CrashLoopBackOff",
            "back-off 40s"));
    assertThat(why(ResourceKind.CONTAINER, "web"))
        .containsExactly(
            "container.jctl.dev/web is not ready: CrashLoopBackOff: back-off 40s",
            "└─ pod/web is not ready: CrashLoopBackOff: back-off 40s",
            "   └─ container web ended with exit code 1 (Error), restarted 3 times; its last line"
                + " was: cannot bind: address in use",
            "         see what it wrote: `jctl logs --previous web`");
  }

  @Test
  void theLogOfOneOfSeveralContainersIsNamedAndThatOfOneThatStaysEndedIsTheLast() {
    given(ready("Image", "box"));
    given(
        pod(
            "[{name: web, ready: true}, {name: app, ready: false, restartCount: 3, state: {waiting:"
                + " {}}, lastState: {terminated: {exitCode: 1, message: \"the queue is gone\\nat all\"}}},"
                + " {name: once, ready: false, state: {terminated: {exitCode: 2}}, lastState: {}}]",
            "CrashLoopBackOff",
            "back-off 40s"));
    assertThat(why(ResourceKind.POD, "web"))
        .contains(
            "├─ container app ended with exit code 1, restarted 3 times: the queue is gone",
            "│     see what it wrote: `jctl logs --previous web -c app`",
            "└─ container once ended with exit code 2",
            "      see what it wrote: `jctl logs web -c once`");
  }

  @Test
  void whatIsReadyHasNoCause() {
    given(ready("Image", "box"));
    assertThat(why(ResourceKind.IMAGE, "box")).containsExactly("image.jctl.dev/box is ready");
  }
}
