package dev.jctl.controller.reconcile;

import static dev.jctl.manifests.model.ResourceKind.CONTAINER;
import static dev.jctl.manifests.model.ResourceKind.ENDPOINTS;
import static dev.jctl.manifests.model.ResourceKind.ENDPOINT_SLICE;
import static dev.jctl.manifests.model.ResourceKind.NETWORK_POLICY;
import static dev.jctl.manifests.model.ResourceKind.POD;
import static dev.jctl.manifests.model.ResourceKind.SERVICE;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.controller.access.ApiAddress;
import dev.jctl.shim.spec.Exposure;
import dev.jctl.shim.spec.Restriction;
import dev.jctl.shim.spec.ServiceSpec;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From Services and NetworkPolicies to what the runtime is told, and back. */
class ServicesIT {
  private static final String IMAGE =
      """
      apiVersion: jctl.dev/v1
      kind: Image
      metadata: {name: box}
      spec: {files: [{path: /bin/sh, content: "x"}]}
      """;

  @TempDir Path directory;
  private Engine engine;

  @BeforeEach
  void start() {
    engine = new Engine(directory);
    engine.apply(IMAGE);
  }

  @AfterEach
  void stop() {
    engine.close();
  }

  private void container(String name, String app) {
    engine.apply(
        """
        apiVersion: jctl.dev/v1
        kind: Container
        metadata: {name: %s, labels: {app: %s}}
        spec: {image: box, command: [sh], ports: [{name: http, containerPort: 8080}]}
        """
            .formatted(name, app));
    engine.awaitReady(CONTAINER, name);
  }

  private void service(String spec) {
    engine.apply("{apiVersion: v1, kind: Service, metadata: {name: web}, spec: " + spec + "}");
    engine.awaitReady(SERVICE, "web");
  }

  private Optional<ServiceSpec> served() {
    return engine.runtime.services().stream().filter(s -> s.id().equals("default.web")).findFirst();
  }

  private void awaitTargets(int number) {
    engine.awaitThat(
        () -> served().filter(s -> s.ports().getFirst().targets().size() == number).isPresent());
  }

  private String ip(String pod) {
    return engine.status(POD, pod).path("podIP").asText();
  }

  @Test
  void sendsToThePodsThatItsSelectorFindsByTheNameOfTheirPort() {
    container("one", "web");
    container("other", "db");
    service("{selector: {app: web}, ports: [{port: 80, targetPort: http}]}");
    awaitTargets(1);
    ServiceSpec spec = served().orElseThrow();
    assertThat(spec.ports().getFirst().targets())
        .containsExactly(new ServiceSpec.Target(ip("one"), 8080));
    assertThat(spec.exposure()).isEqualTo(Exposure.LOCALHOST);
    JsonNode stored = engine.find(SERVICE, "web").orElseThrow().tree().path("spec");
    assertThat(spec.addresses()).containsExactly(stored.path("clusterIP").asText());

    container("two", "web");
    awaitTargets(2);
    engine.awaitThat(
        () -> engine.all(ENDPOINT_SLICE).getFirst().tree().path("endpoints").size() == 2);
    JsonNode slice = engine.all(ENDPOINT_SLICE).getFirst().tree();
    assertThat(slice.at("/metadata/labels").path("kubernetes.io/service-name").asText())
        .isEqualTo("web");
    assertThat(slice.at("/ports/0/port").asInt()).isEqualTo(8080);
    engine.awaitThat(
        () ->
            engine.find(ENDPOINTS, "web").orElseThrow().tree().at("/subsets/0/addresses").size()
                == 2);

    engine.delete(CONTAINER, "one");
    awaitTargets(1);
    engine.delete(SERVICE, "web");
    engine.awaitThat(() -> served().isEmpty());
    engine.awaitThat(() -> engine.all(ENDPOINT_SLICE).isEmpty());
    engine.awaitGone(ENDPOINTS, "web");
  }

  @Test
  void putsBackEndpointsThatOthersChanged() {
    container("one", "web");
    service("{selector: {app: web}, ports: [{port: 80}]}");
    engine.awaitThat(() -> !engine.all(ENDPOINT_SLICE).isEmpty());
    engine.delete(ENDPOINT_SLICE, engine.all(ENDPOINT_SLICE).getFirst().ref().name());
    engine.awaitThat(() -> engine.all(ENDPOINT_SLICE).size() == 1);
  }

  @Test
  void sendsWhereUsersDeclareWhenItSelectsNobody() {
    service("{ports: [{port: 80}]}");
    engine.apply(
        """
        apiVersion: discovery.k8s.io/v1
        kind: EndpointSlice
        metadata: {name: mine, labels: {kubernetes.io/service-name: web}}
        addressType: IPv4
        endpoints: [{addresses: [192.0.2.7]}, {addresses: [192.0.2.8], conditions: {ready: false}}]
        ports: [{port: 8081}]
        """);
    awaitTargets(1);
    assertThat(served().orElseThrow().ports().getFirst().targets())
        .containsExactly(new ServiceSpec.Target("192.0.2.7", 8081));
  }

  @Test
  void isOnlyANameWhenItIsHeadlessOrStandsForAnother() {
    container("one", "web");
    service("{clusterIP: None, selector: {app: web}}");
    engine.awaitThat(() -> served().filter(s -> s.members().size() == 1).isPresent());
    assertThat(served().orElseThrow().addresses()).isEmpty();
    assertThat(served().orElseThrow().members().getFirst().name())
        .isEqualTo(ip("one").replace('.', '-'));
    engine.delete(SERVICE, "web");
    engine.awaitGone(SERVICE, "web");
    service("{type: ExternalName, externalName: db.example.com}");
    engine.awaitThat(
        () -> served().filter(s -> "db.example.com".equals(s.externalName())).isPresent());
  }

  @Test
  void anExternalAddressIsOneServicesUntilThatIsGoneWhateverIsLookedAtFirst() {
    service("{externalIPs: [203.0.113.7], ports: [{port: 80}]}");
    engine.awaitReady(SERVICE, "web");
    String rival =
        "{apiVersion: v1, kind: Service, metadata: {name: a}, spec: {externalIPs: [203.0.113.7],"
            + " ports: [{port: 80}], sessionAffinity: %s}}";
    engine.apply(rival.formatted("None"));
    awaitExternalHolder(1);
    engine.restart();
    engine.apply(rival.formatted("ClientIP"));
    awaitExternalHolder(2);
    engine.awaitReady(SERVICE, "web");
    engine.delete(SERVICE, "web");
    engine.awaitReady(SERVICE, "a");
  }

  /** That is the Service {@code web}, and the other says so. */
  private void awaitExternalHolder(int generation) {
    String why = "TCP 203.0.113.7 port 80 leads to Service default.web; choose";
    engine.awaitStatus(
        SERVICE,
        "a",
        s ->
            Engine.ready(s).path("message").asText().startsWith(why)
                && Engine.ready(s).path("observedGeneration").asInt() == generation);
    assertThat(engine.runtime.services())
        .filteredOn(service -> service.externalAddresses().equals(List.of("203.0.113.7")))
        .extracting(ServiceSpec::id)
        .containsExactly("default.web");
  }

  @Test
  void saysWhoHasAnAddressThatIsTaken() {
    service("{clusterIP: 10.96.0.10, ports: [{port: 80}]}");
    engine.apply(
        "{apiVersion: v1, kind: Service, metadata: {name: late}, spec: {clusterIP: 10.96.0.10,"
            + " ports: [{port: 80}]}}");
    engine.awaitStatus(
        SERVICE, "late", s -> "AddressTaken".equals(Engine.ready(s).path("reason").asText()));
    assertThat(engine.runtime.services()).hasSize(1);
  }

  @Test
  void tellsTheRuntimeWhatPoliciesAllowAndFollowsThem() {
    container("one", "web");
    container("two", "db");
    String policy =
        """
        apiVersion: networking.k8s.io/v1
        kind: NetworkPolicy
        metadata: {name: closed}
        spec: {podSelector: {matchLabels: {app: db}}, ingress: [%s]}
        """;
    engine.apply(policy.formatted(""));
    engine.awaitThat(() -> engine.runtime.restrictions().size() == 1);
    Restriction closed = engine.runtime.restrictions().getFirst();
    assertThat(closed.addresses()).containsExactly(ip("two"));
    assertThat(closed.ingress()).isEmpty();

    engine.apply(policy.formatted("{from: [{podSelector: {matchLabels: {app: web}}}]}"));
    engine.awaitThat(() -> allowedSources().equals(List.of(ip("one"))));
    container("three", "web");
    engine.awaitThat(() -> allowedSources().size() == 2);
    engine.delete(NETWORK_POLICY, "closed");
    engine.awaitThat(() -> engine.runtime.restrictions().isEmpty());
  }

  private List<String> allowedSources() {
    return engine.runtime.restrictions().stream()
        .flatMap(r -> Objects.requireNonNull(r.ingress()).stream())
        .map(Restriction.Allowed::first)
        .toList();
  }

  private void podWithToken(String name, String audience) {
    engine.apply(
        """
        apiVersion: v1
        kind: Pod
        metadata: {name: %s}
        spec:
          containers: [{name: main, image: box, command: [sh], env: [{name: AT, value: "$(KUBERNETES_SERVICE_HOST)"}]}]
          volumes: [{name: t, projected: {sources: [{serviceAccountToken: {path: t, audience: "%s"}}]}}]
        """
            .formatted(name, audience));
    engine.awaitReady(POD, name);
  }

  private List<String> clientsOfApi() {
    return engine.runtime.services().stream()
        .filter(service -> service.id().equals("default.kubernetes"))
        .flatMap(service -> Objects.requireNonNull(service.clients()).stream())
        .toList();
  }

  private List<String> environment(String pod) {
    String uid = engine.find(POD, pod).orElseThrow().uid();
    return engine
        .runtime
        .sandbox(uid)
        .orElseThrow()
        .containers()
        .getFirst()
        .spec()
        .oci()
        .process()
        .env();
  }

  @Test
  void theApiIsReachedByPodsWithATokenForItAlone() {
    engine.close();
    ApiAddress api = new ApiAddress("10.96.0.1", "127.0.0.1", 7443);
    engine = new Engine(directory.resolve("api"), Optional.of(api));
    engine.apply(IMAGE);
    engine.awaitReady(SERVICE, "kubernetes");
    assertThat(
            engine.find(ENDPOINTS, "kubernetes").orElseThrow().tree().at("/subsets/0").toString())
        .contains("127.0.0.1", "7443");
    container("without", "app");
    podWithToken("other", "vault");
    assertThat(engine.runtime.services()).as("nobody may").isEmpty();
    assertThat(environment("other")).noneMatch(entry -> entry.startsWith("KUBERNETES_"));

    podWithToken("caller", "");
    assertThat(clientsOfApi()).as("before it ran").containsExactly(ip("caller"));
    assertThat(environment("caller"))
        .contains(
            "KUBERNETES_SERVICE_HOST=10.96.0.1",
            "KUBERNETES_SERVICE_PORT=443",
            "KUBERNETES_SERVICE_PORT_HTTPS=443",
            "AT=10.96.0.1");

    engine.delete(SERVICE, "kubernetes");
    engine.awaitReady(SERVICE, "kubernetes");
    engine.apply(
        """
        apiVersion: v1
        kind: Service
        metadata: {name: kubernetes}
        spec: {selector: {app: app}, ports: [{name: https, port: 443}]}
        """);
    engine.awaitThat(
        () -> !engine.find(SERVICE, "kubernetes").orElseThrow().tree().at("/spec").has("selector"));
    assertThat(clientsOfApi()).containsExactly(ip("caller"));
    engine.delete(POD, "caller");
    engine.awaitThat(() -> engine.runtime.services().isEmpty());
  }
}
