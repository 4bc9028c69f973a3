package dev.jctl.controller.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
import dev.jctl.images.Keyring;
import dev.jctl.store.Store;
import dev.jctl.store.StoreOptions;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Listening and its end. */
class ApiServerIT {
  @TempDir Path directory;

  @Test
  void oneThatComesTooLateLeavesTheOtherItsSocket() throws IOException {
    Clock clock = Clock.systemUTC();
    Path socket = directory.resolve("jctl.sock");
    try (SealedStore store =
        new SealedStore(
            Store.open(directory.resolve("store"), StoreOptions.DEFAULT),
            directory.resolve("secrets.key"))) {
      StoreResources resources = new StoreResources(store, clock, Finalizers.BY_KIND);
      try (StoreCache cache = StoreCache.start(store, resources.decoded())) {
        ApiServer.Backend backend =
            new ApiServer.Backend(
                store,
                resources,
                new SecretSealing(store, resources),
                cache,
                new FakeRuntime(clock),
                new ImageContents(
                    resources,
                    new FakeImageStore(),
                    new PullSecrets(resources, Keyring.EMPTY),
                    () -> {}),
                directory,
                AccountTokens.open(directory.resolve("pki"), clock, object -> true),
                new Authenticator(List.of()),
                AuditTrail.NONE,
                clock);
        oneStaysWhileAnotherComesAndGoes(socket, backend);
      }
    }
    assertThat(socket).doesNotExist();
  }

  private static void oneStaysWhileAnotherComesAndGoes(Path socket, ApiServer.Backend backend)
      throws IOException {
    try (ApiServer first = new ApiServer(socket, backend)) {
      first.listenOnSocket();
      try (ApiServer second = new ApiServer(socket, backend)) {
        assertThatThrownBy(second::listenOnSocket).hasMessageContaining(socket.toString());
      }
      try (SocketChannel client = SocketChannel.open(StandardProtocolFamily.UNIX)) {
        assertThat(client.connect(UnixDomainSocketAddress.of(socket))).isTrue();
      }
    }
  }
}
