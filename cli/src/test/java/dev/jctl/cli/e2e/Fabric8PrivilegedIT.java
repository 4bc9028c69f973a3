package dev.jctl.cli.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.LocalPortForward;
import io.fabric8.kubernetes.client.dsl.ExecWatch;
import io.fabric8.kubernetes.client.dsl.LogWatch;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderCallbacks;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderElectionConfigBuilder;
import io.fabric8.kubernetes.client.extended.leaderelection.resourcelock.LeaseLock;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The unmodified client of Fabric8, with the engine's kubeconfig. */
final class Fabric8PrivilegedIT {
  @RegisterExtension static final TestEngine ENGINE = new TestEngine();

  private static final String NAMESPACE = "default";
  private static final long SECONDS = 60;

  private static KubernetesClient client;
  private static Example web;

  @BeforeAll
  static void connect() throws IOException {
    web = ENGINE.example("web");
    ENGINE.jctl("apply", "-f", web.path(), "--wait", "--timeout=60s").ok();
    Path kubeconfig = Path.of(ENGINE.jctl("kubeconfig").ok().out().strip());
    Config config = Config.fromKubeconfig(kubeconfig.toFile());
    client = new KubernetesClientBuilder().withConfig(config).build();
  }

  @AfterAll
  static void disconnect() {
    if (client != null) {
      client.close();
    }
    if (web != null) {
      ENGINE.jctl("delete", "-f", web.path(), "--wait", "--timeout=60s").ok();
    }
  }

  private static ConfigMap map(String name, String value) {
    return new ConfigMapBuilder()
        .withNewMetadata()
        .withName(name)
        .withNamespace(NAMESPACE)
        .endMetadata()
        .addToData("key", value)
        .build();
  }

  @Test
  void anInformerHearsOfChangesAlsoAfterTheControllerWasKilled() {
    List<String> heard = new CopyOnWriteArrayList<>();
    try (SharedIndexInformer<ConfigMap> informer =
        client
            .configMaps()
            .inNamespace(NAMESPACE)
            .withLabel("of", "informer")
            .runnableInformer(0)
            .addEventHandler(new Heard(heard))
            .run()) {
      client.resource(labelled("before")).create();
      TestEngine.eventually().until(() -> heard.contains("added before"));
      ENGINE.killEngineProcess("controller");
      TestEngine.eventually()
          .ignoreExceptions()
          .until(() -> client.resource(labelled("after")).create() != null);
      client.configMaps().inNamespace(NAMESPACE).withName("before").delete();
      TestEngine.eventually()
          .until(() -> heard.containsAll(List.of("added after", "deleted before")));
      assertThat(informer.getStore().list()).hasSize(1);
    }
    client.configMaps().inNamespace(NAMESPACE).withLabel("of", "informer").delete();
    assertThat(
            client
                .configMaps()
                .inNamespace(NAMESPACE)
                .withLabel("of", "informer")
                .list()
                .getItems())
        .isEmpty();
  }

  private static ConfigMap labelled(String name) {
    ConfigMap map = map(name, "v");
    map.getMetadata().setLabels(Map.of("of", "informer"));
    return map;
  }

  private record Heard(List<String> heard)
      implements io.fabric8.kubernetes.client.informers.ResourceEventHandler<ConfigMap> {
    @Override
    public void onAdd(ConfigMap map) {
      heard.add("added " + map.getMetadata().getName());
    }

    @Override
    public void onUpdate(ConfigMap before, ConfigMap after) {
      heard.add("updated " + after.getMetadata().getName());
    }

    @Override
    public void onDelete(ConfigMap map, boolean unknown) {
      heard.add("deleted " + map.getMetadata().getName());
    }
  }

  @Test
  void execTellsOutputAndExitCode() throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ExecWatch exec =
        client
            .pods()
            .inNamespace(NAMESPACE)
            .withName("writer")
            .writingOutput(out)
            .exec("sh", "-c", "echo from inside; exit 7")) {
      assertThat(exec.exitCode().get(SECONDS, TimeUnit.SECONDS)).isEqualTo(7);
    }
    assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo("from inside\n");
  }

  @Test
  void logsAreReadAndFollowed() {
    assertThat(client.pods().inNamespace(NAMESPACE).withName("writer").tailingLines(1).getLog())
        .startsWith("wrote ");
    ByteArrayOutputStream followed = new ByteArrayOutputStream();
    try (LogWatch watch =
        client.pods().inNamespace(NAMESPACE).withName("writer").watchLog(followed)) {
      assertThat(watch).isNotNull();
      TestEngine.eventually()
          .until(() -> followed.toString(StandardCharsets.UTF_8).lines().count() > 2);
    }
  }

  @Test
  void aPortIsForwarded() throws Exception {
    try (LocalPortForward forward =
        client.pods().inNamespace(NAMESPACE).withName("web").portForward(80)) {
      assertThat(Host.fetch("http://127.0.0.1:" + forward.getLocalPort()))
          .contains("<h1>It runs</h1>");
    }
  }

  @Test
  void objectsAreEditedAppliedAndFoughtOver() {
    client.resource(map("edited", "one")).create();
    client
        .configMaps()
        .inNamespace(NAMESPACE)
        .withName("edited")
        .edit(m -> new ConfigMapBuilder(m).addToData("more", "two").build());
    assertThat(data("edited")).isEqualTo(Map.of("key", "one", "more", "two"));

    PatchContext mine = apply("mine").build();
    client.resource(map("applied", "mine")).patch(mine);
    assertThatThrownBy(
            () -> client.resource(map("applied", "theirs")).patch(apply("theirs").build()))
        .isInstanceOfSatisfying(
            KubernetesClientException.class, e -> assertThat(e.getCode()).isEqualTo(409));
    client.resource(map("applied", "theirs")).patch(apply("theirs").withForce(true).build());
    assertThat(data("applied")).isEqualTo(Map.of("key", "theirs"));
    client.configMaps().inNamespace(NAMESPACE).withName("edited").delete();
    client.configMaps().inNamespace(NAMESPACE).withName("applied").delete();
  }

  private static PatchContext.Builder apply(String manager) {
    return new PatchContext.Builder()
        .withPatchType(PatchType.SERVER_SIDE_APPLY)
        .withFieldManager(manager);
  }

  private static Map<String, String> data(String name) {
    return client.configMaps().inNamespace(NAMESPACE).withName(name).get().getData();
  }

  @Test
  void ourKindsAreReadAndAwaitedAsAnyOther() {
    ResourceDefinitionContext containers =
        new ResourceDefinitionContext.Builder()
            .withGroup("jctl.dev")
            .withVersion("v1")
            .withKind("Container")
            .withPlural("containers")
            .withNamespaced(true)
            .build();
    GenericKubernetesResource found =
        client
            .genericKubernetesResources(containers)
            .inNamespace(NAMESPACE)
            .withName("web")
            .waitUntilCondition(c -> "Running".equals(phase(c)), SECONDS, TimeUnit.SECONDS);
    assertThat(found.<Boolean>get("status", "ready")).isTrue();
  }

  private static Object phase(GenericKubernetesResource object) {
    return object.get("status", "phase");
  }

  @Test
  void aDeploymentIsScaledAndRestarted() {
    Deployment deployment =
        new DeploymentBuilder()
            .withNewMetadata()
            .withName("many")
            .withNamespace(NAMESPACE)
            .endMetadata()
            .withNewSpec()
            .withReplicas(1)
            .withNewSelector()
            .addToMatchLabels("app", "many")
            .endSelector()
            .withNewTemplate()
            .withNewMetadata()
            .addToLabels("app", "many")
            .endMetadata()
            .withNewSpec()
            .withTerminationGracePeriodSeconds(0L)
            .addNewContainer()
            .withName("a")
            .withImage("web")
            .withCommand("sh", "-c", "while true; do sleep 1; done")
            .endContainer()
            .endSpec()
            .endTemplate()
            .endSpec()
            .build();
    client.resource(deployment).create();
    var many = client.apps().deployments().inNamespace(NAMESPACE).withName("many");
    many.waitUntilReady(SECONDS, TimeUnit.SECONDS);
    many.scale(2);
    many.waitUntilCondition(
        d -> Integer.valueOf(2).equals(d.getStatus().getReadyReplicas()),
        SECONDS,
        TimeUnit.SECONDS);
    many.rolling().restart();
    many.waitUntilCondition(
        d ->
            d.getMetadata().getGeneration().equals(d.getStatus().getObservedGeneration())
                && Integer.valueOf(2).equals(d.getStatus().getUpdatedReplicas())
                && Integer.valueOf(2).equals(d.getStatus().getAvailableReplicas()),
        SECONDS,
        TimeUnit.SECONDS);
    many.delete();
    TestEngine.eventually()
        .until(
            () ->
                client
                    .pods()
                    .inNamespace(NAMESPACE)
                    .withLabel("app", "many")
                    .list()
                    .getItems()
                    .isEmpty());
  }

  @Test
  void ofTwoThatWantToLeadOneDoes() throws Exception {
    CompletableFuture<String> leader = new CompletableFuture<>();
    var elector =
        client
            .leaderElector()
            .withConfig(
                new LeaderElectionConfigBuilder()
                    .withName("test")
                    .withLeaseDuration(Duration.ofSeconds(15))
                    .withRenewDeadline(Duration.ofSeconds(10))
                    .withRetryPeriod(Duration.ofSeconds(1))
                    .withReleaseOnCancel(true)
                    .withLock(new LeaseLock(NAMESPACE, "leader", "one"))
                    .withLeaderCallbacks(new LeaderCallbacks(() -> {}, () -> {}, leader::complete))
                    .build())
            .build();
    CompletableFuture<?> leading = elector.start();
    assertThat(leader.get(SECONDS, TimeUnit.SECONDS)).isEqualTo("one");
    assertThat(
            client
                .leases()
                .inNamespace(NAMESPACE)
                .withName("leader")
                .get()
                .getSpec()
                .getHolderIdentity())
        .isEqualTo("one");
    leading.cancel(true);
    TestEngine.eventually()
        .until(
            () ->
                !"one"
                    .equals(
                        client
                            .leases()
                            .inNamespace(NAMESPACE)
                            .withName("leader")
                            .get()
                            .getSpec()
                            .getHolderIdentity()));
    client.leases().inNamespace(NAMESPACE).withName("leader").delete();
  }
}
