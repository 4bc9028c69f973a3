package dev.jctl.controller.reconcile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.controller.access.AccountTokens;
import dev.jctl.controller.access.ApiAddress;
import dev.jctl.controller.fake.FakeImageStore;
import dev.jctl.controller.fake.FakeRuntime;
import dev.jctl.controller.image.ImageGarbage;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.Resources;
import dev.jctl.controller.resources.StoreResources;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.controller.sets.ManifestSets;
import dev.jctl.controller.sets.SetRevisions;
import dev.jctl.controller.status.Finalizers;
import dev.jctl.controller.watch.StoreCache;
import dev.jctl.images.Keyring;
import dev.jctl.manifests.codec.ManifestDocument;
import dev.jctl.manifests.codec.ManifestReader;
import dev.jctl.manifests.model.ResourceKind;
import dev.jctl.shim.spec.Observed;
import dev.jctl.store.Store;
import dev.jctl.store.StoreOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** A whole controller without its API: real store, cache and reconcilers on a machine in memory. */
final class Engine implements AutoCloseable {
  /** Time that tests move on; timers still run on the real one. */
  static final class MovedClock implements InstantSource {
    private volatile Duration ahead = Duration.ZERO;

    @Override
    public Instant instant() {
      return Instant.now().plus(ahead);
    }

    void moveOn(Duration by) {
      ahead = ahead.plus(by);
    }
  }

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  final MovedClock clock = new MovedClock();
  final FakeRuntime runtime = new FakeRuntime(clock);
  final FakeImageStore images = new FakeImageStore();
  private final Store store;
  private final StoreCache cache;
  private final ControllerConfig config;
  final StoreResources resources;
  final ManifestSets sets;
  private final AccountTokens accounts;
  private Reconcilers reconcilers;

  Engine(Path directory) {
    this(directory, Optional.empty());
  }

  Engine(Path directory, Optional<ApiAddress> api) {
    this.store = Store.open(directory.resolve("store"), StoreOptions.DEFAULT);
    this.resources = new StoreResources(store, Clock.systemUTC(), Finalizers.BY_KIND);
    resources.ensureDefaultNamespace();
    this.cache = StoreCache.start(store, resources.decoded());
    this.sets = new ManifestSets(resources, cache, new SetRevisions(store), clock);
    this.config =
        new ControllerConfig(
            directory,
            directory,
            "testnode",
            "127.0.0.1",
            api,
            "authority",
            Keyring.EMPTY,
            12,
            Duration.ofSeconds(2));
    try {
      this.accounts = AccountTokens.open(directory.resolve("pki"), clock, object -> true);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    this.reconcilers = start();
  }

  private Reconcilers start() {
    ImageGarbage garbage = new ImageGarbage(cache, runtime, images);
    return Reconcilers.start(
        resources, cache, runtime, images, garbage, sets, accounts, config, clock);
  }

  /** As if the controller had been killed and started again. */
  void restart() {
    reconcilers.close();
    reconcilers = start();
  }

  void apply(String yaml) {
    apply(yaml, List.of());
  }

  void apply(String yaml, List<ObjectRef> pruned) {
    resources.applyAll(items(yaml), pruned, new Resources.ApplyOptions("test", true, false));
  }

  static List<Resources.ApplyItem> items(String yaml) {
    return ManifestReader.read("test.yaml", yaml).stream().map(Engine::item).toList();
  }

  private static Resources.ApplyItem item(ManifestDocument d) {
    JsonNode metadata = d.tree().path("metadata");
    String namespace = d.kind().namespaced() ? metadata.path("namespace").asText("default") : "";
    return new Resources.ApplyItem(
        new ObjectRef(d.kind(), namespace, metadata.path("name").asText()), d.tree());
  }

  static String configMap(String name, String value) {
    return """
    apiVersion: v1
    kind: ConfigMap
    metadata: {name: %s}
    data:
      key: %s
    """
        .formatted(name, value);
  }

  void delete(ResourceKind kind, String name) {
    resources.delete(ref(kind, name), Resources.DeleteOptions.DEFAULT);
  }

  static ObjectRef ref(ResourceKind kind, String name) {
    return new ObjectRef(kind, kind.namespaced() ? "default" : "", name);
  }

  Optional<StoredObject> find(ResourceKind kind, String name) {
    return resources.find(ref(kind, name));
  }

  JsonNode status(ResourceKind kind, String name) {
    return find(kind, name).orElseThrow().tree().path("status");
  }

  List<StoredObject> all(ResourceKind kind) {
    return cache.list(kind, null);
  }

  void awaitStatus(ResourceKind kind, String name, Predicate<JsonNode> holds) {
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(find(kind, name).map(o -> o.tree().path("status")))
                    .as("status of %s", ref(kind, name))
                    .get()
                    .matches(holds));
  }

  void awaitReady(ResourceKind kind, String name) {
    awaitStatus(kind, name, s -> "True".equals(ready(s).path("status").asText()));
  }

  static JsonNode ready(JsonNode status) {
    for (JsonNode c : status.path("conditions")) {
      if ("Ready".equals(c.path("type").asText())) {
        return c;
      }
    }
    return com.fasterxml.jackson.databind.node.MissingNode.getInstance();
  }

  void awaitGone(ResourceKind kind, String name) {
    await().atMost(PATIENCE).until(() -> find(kind, name).isEmpty());
  }

  void awaitThat(java.util.concurrent.Callable<Boolean> holds) {
    await().atMost(PATIENCE).until(holds);
  }

  void awaitEvent(String reason, String text) {
    await()
        .atMost(PATIENCE)
        .until(
            () ->
                all(ResourceKind.EVENT).stream()
                    .map(StoredObject::tree)
                    .anyMatch(
                        e ->
                            reason.equals(e.path("reason").asText())
                                && e.path("message").asText().contains(text)));
  }

  /** The one container of a Pod's name that runs, when it does: it is made before it is started. */
  String running(String name) {
    return await()
        .atMost(PATIENCE)
        .until(
            () ->
                runtime.containers().stream()
                    .filter(c -> c.state() instanceof Observed.State.Running)
                    .map(c -> c.spec().id())
                    .filter(id -> id.contains("-" + name + "-"))
                    .findFirst(),
            Optional::isPresent)
        .orElseThrow();
  }

  @Override
  public void close() {
    reconcilers.close();
    cache.close();
    store.close();
  }
}
