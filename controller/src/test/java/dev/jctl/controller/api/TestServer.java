package dev.jctl.controller.api;

import dev.jctl.controller.access.AccountTokens;
import dev.jctl.controller.access.Authenticator;
import dev.jctl.controller.audit.AuditTrail;
import dev.jctl.controller.encryption.SealedStore;
import dev.jctl.controller.encryption.SecretSealing;
import dev.jctl.controller.fake.FakeImageStore;
import dev.jctl.controller.fake.FakeRuntime;
import dev.jctl.controller.image.ImageContents;
import dev.jctl.controller.image.PullSecrets;
import dev.jctl.controller.resources.StoreResources;
import dev.jctl.controller.status.Finalizers;
import dev.jctl.controller.watch.StoreCache;
import dev.jctl.images.ImageStore;
import dev.jctl.images.ImageStore.ImageStoreOptions;
import dev.jctl.images.Keyring;
import dev.jctl.images.store.ContentImageStore;
import dev.jctl.shim.kernel.NativeSha256;
import dev.jctl.store.Store;
import dev.jctl.store.StoreOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;

/** The API on a socket, over a store of its own, without reconcilers. */
final class TestServer implements AutoCloseable {
  final SealedStore store;
  final StoreResources resources;
  final FakeImageStore images = new FakeImageStore();
  final SocketHttp http;
  private final ImageStore content;
  private final StoreCache cache;
  private final ApiServer server;

  TestServer(Path directory) throws IOException {
    Clock clock = Clock.systemUTC();
    store =
        new SealedStore(
            Store.open(directory.resolve("store"), StoreOptions.DEFAULT),
            directory.resolve("secrets.key"));
    resources = new StoreResources(store, clock, Finalizers.BY_KIND);
    resources.ensureDefaultNamespace();
    cache = StoreCache.start(store, resources.decoded());
    content =
        ContentImageStore.open(
            directory.resolve("images"),
            ImageStoreOptions.host(directory, Map.of(), NativeSha256::of));
    images.serve(content.served());
    server =
        new ApiServer(
            directory.resolve("s"),
            new ApiServer.Backend(
                store,
                resources,
                new SecretSealing(store, resources),
                cache,
                new FakeRuntime(clock),
                new ImageContents(
                    resources, images, new PullSecrets(resources, Keyring.EMPTY), () -> {}),
                directory,
                AccountTokens.open(directory.resolve("pki"), clock, object -> true),
                new Authenticator(List.of()),
                AuditTrail.NONE,
                clock));
    server.listenOnSocket();
    http = new SocketHttp(directory.resolve("s"));
  }

  @Override
  public void close() {
    server.close();
    content.close();
    cache.close();
    store.close();
  }
}
