package dev.jctl.cli.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.LocalPortForward;
import io.fabric8.kubernetes.client.dsl.ExecWatch;
import io.fabric8.kubernetes.client.dsl.LogWatch;
import io.fabric8.kubernetes.client.dsl.PodResource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderCallbacks;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderElectionConfig;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderElectionConfigBuilder;
import io.fabric8.kubernetes.client.extended.leaderelection.resourcelock.LeaseLock;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Fabric8's unmodified client, over TLS, with the kubeconfig as it is. */
final class Fabric8PrivilegedIT {
  @RegisterExtension static final TestEngine ENGINE = new TestEngine();

  private static final String NAMESPACE = "default";
  private static final long PATIENCE_SECONDS = 60;

  private static KubernetesClient client;

  @BeforeAll
  static void connect() throws IOException {
    Path kubeconfig = Path.of(ENGINE.jctl("kubeconfig").ok().lines().getLast());
    Config config = Config.fromKubeconfig(Files.readString(kubeconfig));
    client = new KubernetesClientBuilder().withConfig(config).build();
    ENGINE.jctl("apply", "-f", ENGINE.example("web").path(), "--wait", "--timeout=60s").ok();
  }

  @AfterAll
  static void disconnect() {
    if (client != null) {
      client.close();
    }
  }

  /** A controller that is killed and started again, as with a cut of the network. */
  @Test
  void anInformerGoesOnAfterACut() {
    Queue<String> heard = new ConcurrentLinkedQueue<>();
    try (SharedIndexInformer<ConfigMap> informer =
        client
            .configMaps()
            .inNamespace(NAMESPACE)
            .withLabel("of", "informer")
            .inform(told(heard))) {
      client.resource(configMap("before", Map.of("a", "1"))).create();
      TestEngine.eventually().until(() -> heard.contains("added before"));
      ENGINE.killEngineProcess("controller");
      ENGINE.jctl("delete", "configmap/before").ok();
      client.resource(configMap("after", Map.of("a", "1"))).create();
      TestEngine.eventually()
          .until(() -> heard.contains("deleted before") && heard.contains("added after"));
      assertThat(informer.getStore().list())
          .extracting(map -> map.getMetadata().getName())
          .containsExactly("after");
      TestEngine.eventually().until(informer::isWatching);
    }
    client.configMaps().inNamespace(NAMESPACE).withLabel("of", "informer").delete();
  }

  private static ResourceEventHandler<ConfigMap> told(Queue<String> heard) {
    return new ResourceEventHandler<>() {
      @Override
      public void onAdd(ConfigMap map) {
        heard.add("added " + map.getMetadata().getName());
      }

      @Override
      public void onUpdate(ConfigMap before, ConfigMap map) {
        heard.add("updated " + map.getMetadata().getName());
      }

      @Override
      public void onDelete(ConfigMap map, boolean unknown) {
        heard.add("deleted " + map.getMetadata().getName());
      }
    };
  }

  private static ConfigMap configMap(String name, Map<String, String> data) {
    return new ConfigMapBuilder()
        .withNewMetadata()
        .withName(name)
        .withNamespace(NAMESPACE)
        .addToLabels("of", "informer")
        .endMetadata()
        .withData(data)
        .build();
  }

  @Test
  void runsACommandAndReadsALog() throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ExecWatch exec = pod("writer").writingOutput(out).exec("sh", "-c", "echo said; exit 7")) {
      assertThat(exec.exitCode().get(PATIENCE_SECONDS, TimeUnit.SECONDS)).isEqualTo(7);
    }
    assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo("said\n");

    try (LogWatch log = pod("writer").watchLog();
        BufferedReader lines =
            new BufferedReader(new InputStreamReader(log.getOutput(), StandardCharsets.UTF_8))) {
      assertThat(lines.readLine()).isEqualTo("wrote 1");
    }
    assertThat(pod("writer").getLog()).startsWith("wrote 1\n");
  }

  private static PodResource pod(String name) {
    return client.pods().inNamespace(NAMESPACE).withName(name);
  }

  @Test
  void forwardsAPort() throws Exception {
    try (LocalPortForward forward = pod("web").portForward(80)) {
      for (int i = 0; i < 2; i++) {
        assertThat(Host.fetch("http://127.0.0.1:" + forward.getLocalPort()))
            .contains("<h1>It runs</h1>");
      }
    }
  }

  @Test
  void editsAndAppliesOnTheServer() {
    client.resource(configMap("edited", Map.of("a", "1"))).create();
    ConfigMap edited =
        client
            .configMaps()
            .inNamespace(NAMESPACE)
            .withName("edited")
            .edit(map -> new ConfigMapBuilder(map).addToData("b", "2").build());
    assertThat(edited.getData()).containsExactlyInAnyOrderEntriesOf(Map.of("a", "1", "b", "2"));

    PatchContext theirs =
        new PatchContext.Builder()
            .withPatchType(PatchType.SERVER_SIDE_APPLY)
            .withFieldManager("theirs")
            .build();
    assertThatThrownBy(() -> client.resource(configMap("edited", Map.of("a", "3"))).patch(theirs))
        .isInstanceOfSatisfying(
            KubernetesClientException.class, e -> assertThat(e.getCode()).isEqualTo(409))
        .hasMessageContaining(".data.a");
    ConfigMap applied =
        client
            .resource(configMap("edited", Map.of("a", "3")))
            .fieldManager("theirs")
            .forceConflicts()
            .serverSideApply();
    assertThat(applied.getData()).containsEntry("a", "3").containsEntry("b", "2");
    assertThat(client.resource(applied).delete()).isNotEmpty();
  }

  @Test
  void oneOfTwoLeads() throws Exception {
    CompletableFuture<Void> leads = new CompletableFuture<>();
    CompletableFuture<Void> follows = new CompletableFuture<>();
    CompletableFuture<?> first = election("first", leads);
    leads.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    CompletableFuture<?> second = election("second", follows);
    assertThat(holder()).isEqualTo("first");
    assertThat(follows).isNotDone();
    first.cancel(true); // gives it back
    follows.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    assertThat(holder()).isEqualTo("second");
    second.cancel(true);
    client.leases().inNamespace(NAMESPACE).withName("election").delete();
  }

  private static String holder() {
    return client
        .leases()
        .inNamespace(NAMESPACE)
        .withName("election")
        .get()
        .getSpec()
        .getHolderIdentity();
  }

  private static CompletableFuture<?> election(String identity, CompletableFuture<Void> leads) {
    LeaderElectionConfig config =
        new LeaderElectionConfigBuilder()
            .withName("election")
            .withLock(new LeaseLock(NAMESPACE, "election", identity))
            .withLeaseDuration(Duration.ofSeconds(30))
            .withRenewDeadline(Duration.ofSeconds(20))
            .withRetryPeriod(Duration.ofMillis(300))
            .withReleaseOnCancel(true)
            .withLeaderCallbacks(
                new LeaderCallbacks(() -> leads.complete(null), () -> {}, leader -> {}))
            .build();
    return client.leaderElector().withConfig(config).build().start();
  }

  /** Kinds of our own, without classes for them. */
  @Test
  void readsOurKindsByNameAlone() {
    var containers = client.genericKubernetesResources("jctl.dev/v1", "Container");
    assertThat(containers.inNamespace(NAMESPACE).list().getItems())
        .extracting(container -> container.getMetadata().getName())
        .contains("web");
    List<String> kinds =
        client.getApiResources("jctl.dev/v1").getResources().stream()
            .map(r -> r.getKind())
            .toList();
    assertThat(kinds).contains("Container", "Image");
  }
}
