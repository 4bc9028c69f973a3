package dev.jctl.controller.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jctl.controller.fake.FakeRuntime;
import dev.jctl.controller.resources.StoreResources;
import dev.jctl.controller.watch.StoreCache;
import dev.jctl.store.Store;
import dev.jctl.store.StoreOptions;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Clock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Listening and its end. */
class ApiServerIT {
  @TempDir Path directory;

  @Test
  void oneThatComesTooLateLeavesTheOtherItsSocket() throws IOException {
    Clock clock = Clock.systemUTC();
    Path socket = directory.resolve("jctl.sock");
    try (Store store = Store.open(directory.resolve("store"), StoreOptions.DEFAULT);
        StoreCache cache = StoreCache.start(store)) {
      ApiServer.Backend backend =
          new ApiServer.Backend(
              store,
              new StoreResources(store, clock),
              cache,
              new FakeRuntime(clock),
              directory,
              clock);
      try (ApiServer first = new ApiServer(socket, backend)) {
        first.listenOnSocket();
        try (ApiServer second = new ApiServer(socket, backend)) {
          assertThatThrownBy(second::listenOnSocket).hasMessageContaining(socket.toString());
        }
        try (SocketChannel client = SocketChannel.open(StandardProtocolFamily.UNIX)) {
          assertThat(client.connect(UnixDomainSocketAddress.of(socket))).isTrue();
        }
      }
      assertThat(socket).doesNotExist();
    }
  }
}
