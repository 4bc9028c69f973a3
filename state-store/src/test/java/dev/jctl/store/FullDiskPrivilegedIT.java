package dev.jctl.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A disk that fills up, for real: a small tmpfs. */
class FullDiskPrivilegedIT {
  private static final StoreOptions SMALL = new StoreOptions(256L << 10, 256L << 10, 16);

  @TempDir Path disk;

  @BeforeEach
  void mount() throws Exception {
    assumeTrue(System.getProperty("user.name").equals("root"), "needs root: it mounts a tmpfs");
    run("mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", disk.toString());
  }

  @AfterEach
  void unmount() throws Exception {
    run("umount", "-l", disk.toString());
  }

  private static void run(String... command) throws Exception {
    assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
  }

  @Test
  void whatWasAcknowledgedStaysReadableAndWritingGoesOnWhenThereIsSpace() throws Exception {
    Random random = new Random(7);
    Map<String, String> acknowledged = new TreeMap<>();
    for (int round = 0; round < 12; round++) {
      try (Store store = Store.open(disk.resolve("store"), SMALL)) {
        assertThat(contents(store)).containsAllEntriesOf(acknowledged);
        acknowledged.putAll(contents(store));
        fill(random.nextInt(64 << 10));
        writeUntilRefused(store, random, acknowledged);
        assertThat(contents(store)).containsAllEntriesOf(acknowledged);

        Files.delete(disk.resolve("ballast"));
        await()
            .atMost(Duration.ofSeconds(60))
            .untilAsserted(() -> put(store, "/round", "x", acknowledged));
        store.compact(store.revision());
        assertThat(contents(store)).containsAllEntriesOf(acknowledged);
        watchHearsTheNext(store, acknowledged);
      }
    }
  }

  private static void watchHearsTheNext(Store store, Map<String, String> acknowledged)
      throws InterruptedException {
    try (Watch watch = store.watch(Key.of("/"), store.revision())) {
      put(store, "/heard", "y", acknowledged);
      assertThat(watch.next(Duration.ofSeconds(60)).orElseThrow().events())
          .extracting(e -> e.entry().key().text())
          .containsExactly("/heard");
    }
  }

  /** All of the disk but {@code spare} bytes. */
  private void fill(int spare) throws IOException {
    try (FileChannel ballast =
        FileChannel.open(
            disk.resolve("ballast"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      byte[] block = new byte[4096];
      try {
        while (true) {
          ballast.write(ByteBuffer.wrap(block));
        }
      } catch (IOException full) {
        ballast.truncate(Math.max(0, ballast.size() - spare));
      }
    }
  }

  private static void writeUntilRefused(
      Store store, Random random, Map<String, String> acknowledged) {
    StoreException refused = null;
    for (int i = 0; refused == null; i++) {
      assertThat(i).isLessThan(10_000);
      String key = "/" + random.nextInt(40);
      try {
        String value = Integer.toString(random.nextInt()).repeat(1 + random.nextInt(200));
        put(store, key, value, acknowledged);
      } catch (StoreException e) {
        refused = e;
        // it may have happened all the same
        acknowledged.remove(key);
      }
    }
    assertThat(refused).hasMessageContaining("No space left");
  }

  private static void put(Store store, String key, String value, Map<String, String> acknowledged) {
    store.commit(
        new Txn(
            List.of(),
            List.of(
                new Txn.Write.Put(Key.of(key), revision -> value.getBytes(StandardCharsets.UTF_8))),
            Txn.Durability.SYNCED));
    acknowledged.put(key, value);
  }

  private static Map<String, String> contents(Store store) {
    Map<String, String> all = new TreeMap<>();
    store
        .list(Key.of("/"), 0, null, 0)
        .entries()
        .forEach(e -> all.put(e.key().text(), new String(e.value(), StandardCharsets.UTF_8)));
    return all;
  }
}
