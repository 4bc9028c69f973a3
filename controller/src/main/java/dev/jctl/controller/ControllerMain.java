package dev.jctl.controller;

import dev.jctl.controller.access.AccountTokens;
import dev.jctl.controller.access.ApiAddress;
import dev.jctl.controller.access.Authenticator;
import dev.jctl.controller.access.CertificateAuthority;
import dev.jctl.controller.access.RemoteAddress;
import dev.jctl.controller.access.TokenFile;
import dev.jctl.controller.api.ApiServer;
import dev.jctl.controller.audit.AuditLog;
import dev.jctl.controller.encryption.SealedStore;
import dev.jctl.controller.encryption.SecretSealing;
import dev.jctl.controller.image.ImageContents;
import dev.jctl.controller.image.ImageGarbage;
import dev.jctl.controller.image.PullSecrets;
import dev.jctl.controller.node.NodeNames;
import dev.jctl.controller.reconcile.ControllerConfig;
import dev.jctl.controller.reconcile.Reconcilers;
import dev.jctl.controller.resources.DecodedObjects;
import dev.jctl.controller.resources.StoreResources;
import dev.jctl.controller.service.ServiceAddresses;
import dev.jctl.controller.sets.ManifestSets;
import dev.jctl.controller.sets.SetRevisions;
import dev.jctl.controller.status.Finalizers;
import dev.jctl.controller.watch.StoreCache;
import dev.jctl.images.ImageStore;
import dev.jctl.images.store.ContentImageStore;
import dev.jctl.shim.ContainerRuntime;
import dev.jctl.shim.kernel.NativeSha256;
import dev.jctl.shim.rpc.RpcClient;
import dev.jctl.shim.supervise.IdleHeap;
import dev.jctl.store.Store;
import dev.jctl.store.StoreException;
import dev.jctl.store.StoreOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The controller: wires its parts by hand, waits for a signal, stops them in reverse order. */
public final class ControllerMain {
  static {
    // must be set before the first logger is made
    if (System.getProperty("java.util.logging.SimpleFormatter.format") == null) {
      System.setProperty(
          "java.util.logging.SimpleFormatter.format",
          "%1$tFT%1$tT.%1$tL%1$tz %4$s %3$s: %5$s%6$s%n");
    }
  }

  private static final Logger LOG = LoggerFactory.getLogger(ControllerMain.class);
  private static final int FAILED = 1;
  private static final int USAGE = 2;
  private static final StoreOptions SMALL_STORE = new StoreOptions(4L << 20, 4L << 20, 1024);

  private final Deque<AutoCloseable> started = new ArrayDeque<>();

  private ControllerMain() {}

  public static void main(String[] arguments) throws InterruptedException {
    ControllerOptions options;
    try {
      options = ControllerOptions.parse(List.of(arguments), System.getenv());
    } catch (IllegalArgumentException e) {
      fail(USAGE, e.getMessage());
      return;
    }
    ControllerMain controller = new ControllerMain();
    try {
      controller.start(options);
    } catch (StoreException | IllegalStateException | IOException e) {
      controller.stop();
      fail(FAILED, e.getMessage());
      return;
    } catch (RuntimeException e) {
      LOG.error("cannot start", e);
      controller.stop();
      fail(FAILED, "cannot start: " + e);
      return;
    }
    CountDownLatch stopped = new CountDownLatch(1);
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  controller.stop();
                  stopped.countDown();
                },
                "stop"));
    LOG.info(
        "ready on {} after {} ms",
        options.runDir().resolve("jctl.sock"),
        sinceProcessStart().toMillis());
    stopped.await();
  }

  private static Duration sinceProcessStart() {
    Instant now = Instant.now();
    return Duration.between(ProcessHandle.current().info().startInstant().orElse(now), now);
  }

  private static void fail(int code, @org.jspecify.annotations.Nullable String message) {
    System.err.println("jctl-controller: " + message);
    System.exit(code);
  }

  private void start(ControllerOptions options) throws IOException {
    Path data = options.dataDir();
    Path run = options.runDir();
    Files.createDirectories(data);
    Files.createDirectories(run);
    Clock clock = Clock.systemUTC();

    Path pki = data.resolve("pki");
    SealedStore store =
        keep(
            new SealedStore(
                Store.open(data.resolve("store"), SMALL_STORE), pki.resolve("secrets.key")));
    StoreResources resources = new StoreResources(store, clock, Finalizers.BY_KIND);
    SecretSealing sealing = new SecretSealing(store, resources);
    sealing.finish();
    resources.ensureDefaultNamespace();
    StoreCache cache = keep(StoreCache.start(store, resources.decoded()));
    ContainerRuntime runtime = keep(new RpcClient(run.resolve("shim.sock")));
    ImageStore images =
        keep(
            ContentImageStore.open(
                data.resolve("images"),
                ImageStore.ImageStoreOptions.host(data, System.getenv(), NativeSha256::of)));
    String machine = hostName();
    CertificateAuthority authority = CertificateAuthority.open(pki, clock.instant());
    ControllerConfig config =
        ControllerConfig.of(data, run, NodeNames.of(machine), authority.certificatePem());
    ImageGarbage garbage = new ImageGarbage(cache, runtime, images);
    ImageContents contents =
        new ImageContents(
            resources, images, new PullSecrets(resources, config.login()), garbage::collectNow);
    AccountTokens accounts = AccountTokens.open(pki, clock, new PresentObjects(cache)::contain);
    Authenticator authenticator =
        new Authenticator(List.of(new TokenFile(data.resolve("tokens.csv")), accounts));
    AuditLog audit = keep(AuditLog.start(data.resolve("log"), AuditLog.Bounds.DEFAULT));
    ApiServer server =
        keep(
            new ApiServer(
                run.resolve("jctl.sock"),
                new ApiServer.Backend(
                    store,
                    resources,
                    sealing,
                    cache,
                    runtime,
                    contents,
                    config.logs(),
                    accounts,
                    authenticator,
                    audit,
                    clock)));
    ManifestSets sets = new ManifestSets(resources, cache, new SetRevisions(store), clock);
    Optional<String> service = ServiceAddresses.ofApi(cache);
    RemoteAddress remote =
        new RemoteAccess(server, authority, data, machine, service, clock).open(options.listen());
    Optional<ApiAddress> api =
        service.isPresent() ? Optional.of(remote.behind(service.get())) : Optional.empty();
    keep(
        Reconcilers.start(
            resources, cache, runtime, images, garbage, sets, accounts, config.withApi(api)));
    keep(StoreCompaction.start(store, Retention.DEFAULT, clock));
    keep(IdleHeap.watch(() -> rest(cache, resources.decoded(), store)));
    // last, so that whoever gets an answer from it finds everything else
    server.listenOnSocket();
    // but for what nobody waits for
    keep(Carriers.watch());
  }

  private static void rest(StoreCache cache, DecodedObjects decoded, Store store) {
    cache.rest();
    decoded.forget();
    try {
      store.rest();
    } catch (StoreException e) {
      LOG.warn("the latest changes stay in memory: {}", e.getMessage());
    }
  }

  private <T extends AutoCloseable> T keep(T part) {
    started.push(part);
    return part;
  }

  private static String hostName() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "localhost";
    }
  }

  private void stop() {
    while (!started.isEmpty()) {
      try {
        started.pop().close();
      } catch (Exception e) {
        LOG.warn("while stopping", e);
      }
    }
  }
}
