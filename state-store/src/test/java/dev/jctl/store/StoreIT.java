package dev.jctl.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoreIT {
  private static final Key ALL = Key.of("/");
  private static final StoreOptions SMALL = new StoreOptions(4L << 20, 4L << 20, 16);

  @TempDir Path directory;

  private Store open() {
    return Store.open(directory.resolve("store"), SMALL);
  }

  private static Txn put(String key, String value) {
    return new Txn(
        List.of(),
        List.of(new Txn.Write.Put(Key.of(key), revision -> bytes(value))),
        Txn.Durability.SYNCED);
  }

  private static Txn delete(String key) {
    return new Txn(List.of(), List.of(new Txn.Write.Delete(Key.of(key))), Txn.Durability.BUFFERED);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String text(Entry entry) {
    return new String(entry.value(), StandardCharsets.UTF_8);
  }

  /** Of all entries, in order. */
  private static List<String> values(Store store) {
    List<String> values = new ArrayList<>();
    store.values(
        ALL,
        revision ->
            (room, offset, length) ->
                values.add(new String(room, offset, length, StandardCharsets.UTF_8)));
    return values;
  }

  private static Map<String, String> contents(Store store, long revision, int page) {
    Map<String, String> all = new TreeMap<>();
    Key after = null;
    long at = revision;
    while (true) {
      Store.Page p = store.list(ALL, at, after, page);
      p.entries().forEach(e -> all.put(e.key().text(), text(e)));
      if (!p.more()) {
        return all;
      }
      at = p.revision();
      after = p.entries().getLast().key();
    }
  }

  @Test
  void agreesWithAModelAtEveryRevisionOverRandomWritesReopeningsAndCompactions() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    Map<Long, Map<String, String>> states = new TreeMap<>();
    states.put(0L, Map.of());
    Map<String, String> model = new TreeMap<>();
    Store store = open();
    try {
      for (int step = 0; step < 400; step++) {
        String key = "/k" + random.nextInt(12);
        if (random.nextInt(4) == 0) {
          store.commit(delete(key));
          model.remove(key);
        } else {
          store.commit(put(key, "v" + step));
          model.put(key, "v" + step);
        }
        states.put(store.revision(), Map.copyOf(model));
        if (step % 90 == 60) {
          store.close();
          store = open();
        }
        if (step == 200) {
          store.compact(store.revision() - 50);
        }
      }
      for (var state : states.entrySet()) {
        if (state.getKey() >= store.compactedRevision()) {
          assertThat(contents(store, Math.max(state.getKey(), 1), 1 + random.nextInt(5)))
              .as("seed %d revision %d", seed, state.getKey())
              .isEqualTo(state.getValue());
        }
      }
      assertThat(values(store)).as("seed %d", seed).containsExactlyElementsOf(model.values());
      assertThat(replayed(store, store.compactedRevision(), states))
          .as("seed %d", seed)
          .isEqualTo(model);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    } finally {
      store.close();
    }
  }

  private static Map<String, String> replayed(
      Store store, long from, Map<Long, Map<String, String>> states) throws InterruptedException {
    Map<String, String> replayed = new TreeMap<>(states.get(from));
    try (Watch watch = store.watch(ALL, from)) {
      long last = from;
      while (last < store.revision()) {
        Watch.Batch batch = watch.next(Duration.ofSeconds(60)).orElseThrow();
        for (Watch.Event event : batch.events()) {
          assertThat(event.entry().modRevision()).isGreaterThan(last);
          apply(replayed, event);
        }
        last = batch.revision();
      }
    }
    return replayed;
  }

  private static void apply(Map<String, String> contents, Watch.Event event) {
    String key = event.entry().key().text();
    String before = contents.get(key);
    assertThat(Optional.ofNullable(event.previous()).map(StoreIT::text))
        .isEqualTo(Optional.ofNullable(before));
    switch (event.type()) {
      case PUT -> contents.put(key, text(event.entry()));
      case DELETE -> contents.remove(key);
    }
  }

  @Test
  void aTransactionIsRefusedAsAWholeWhenOneConditionFails() {
    try (Store store = open()) {
      store.commit(put("/a", "1"));
      Txn txn =
          new Txn(
              List.of(new Txn.Condition(Key.of("/a"), 1), new Txn.Condition(Key.of("/b"), 7)),
              List.of(
                  new Txn.Write.Put(Key.of("/a"), r -> bytes("2")),
                  new Txn.Write.Put(Key.of("/b"), r -> bytes("2"))),
              Txn.Durability.SYNCED);
      assertThat(store.commit(txn)).isEqualTo(new Store.TxnResult.Refused(List.of(Key.of("/b"))));
      assertThat(contents(store, 0, 0)).isEqualTo(Map.of("/a", "1"));
    }
  }

  @Test
  void oneOfManyConcurrentCreatorsOfAKeyWins() {
    try (Store store = open()) {
      List<CompletableFuture<Store.TxnResult>> all =
          IntStream.range(0, 200)
              .mapToObj(
                  i ->
                      store.submit(
                          new Txn(
                              List.of(new Txn.Condition(Key.of("/one"), 0)),
                              List.of(new Txn.Write.Put(Key.of("/one"), r -> bytes(i + "@" + r))),
                              Txn.Durability.SYNCED)))
              .toList();
      long won = all.stream().filter(f -> f.join() instanceof Store.TxnResult.Committed).count();
      assertThat(won).isEqualTo(1);
      assertThat(store.get(Key.of("/one")).map(StoreIT::text).orElseThrow()).endsWith("@1");
    }
  }

  @Test
  void whatAReaderHasSeenHasHappened() {
    try (Store store = open()) {
      AtomicBoolean writing = new AtomicBoolean(true);
      CompletableFuture<Void> writer =
          CompletableFuture.runAsync(
              () -> {
                for (int i = 0; i < 2000; i++) {
                  store.submit(put("/a", "" + i)).join();
                }
                writing.set(false);
              });
      while (writing.get() && !writer.isCompletedExceptionally()) {
        long listed = store.list(ALL, 0, null, 0).revision();
        assertThat(store.hasHappened(listed)).isTrue();
        long seen = store.get(Key.of("/a")).map(Entry::modRevision).orElse(0L);
        assertThat(store.list(ALL, seen, null, 0).revision()).isGreaterThanOrEqualTo(seen);
      }
      writer.join();
    }
  }

  @Test
  void theRevisionAtATimeIsKnownAcrossReopeningAndForgottenWithWhatIsCompacted() {
    Instant start = Instant.parse("2026-01-01T00:00:00Z");
    AtomicReference<Instant> now = new AtomicReference<>(start);
    try (Store store = Store.open(directory.resolve("store"), SMALL, now::get)) {
      for (int i = 1; i <= 5; i++) {
        now.set(start.plusSeconds(10L * i));
        store.commit(put("/a", "" + i));
        store.commit(put("/b", "" + i));
      }
    }
    now.set(start.minusSeconds(100)); // a clock that was set back
    try (Store store = Store.open(directory.resolve("store"), SMALL, now::get)) {
      store.commit(delete("/b"));
      assertThat(store.revisionAt(start)).isZero();
      assertThat(store.revisionAt(start.plusSeconds(35))).isEqualTo(6);
      assertThat(store.revisionAt(start.plusSeconds(49))).isEqualTo(8);
      assertThat(store.revisionAt(start.plusSeconds(3600))).isEqualTo(11);
      assertThat(store.times()).containsEntry(7L, start.plusSeconds(40)).hasSize(5);
      assertThat(store.history(Key.of("/b")).getFirst())
          .isEqualTo(new Store.Version(11, Optional.empty()));
      assertThat(store.history(Key.of("/b")))
          .extracting(Store.Version::revision)
          .containsExactly(11L, 10L, 8L, 6L, 4L, 2L);
      store.compact(6);
      assertThat(store.history(Key.of("/b")))
          .extracting(Store.Version::revision)
          .containsExactly(11L, 10L, 8L, 6L);
      assertThat(store.times().keySet()).containsExactly(5L, 7L, 9L);
    }
  }

  @Test
  void aCompactedOrFutureRevisionIsRefused() {
    try (Store store = open()) {
      for (int i = 0; i < 10; i++) {
        store.commit(put("/a", "" + i));
      }
      store.compact(5);
      assertThatThrownBy(() -> store.list(ALL, 4, null, 0)).isInstanceOf(CompactedException.class);
      assertThatThrownBy(() -> store.watch(ALL, 4)).isInstanceOf(CompactedException.class);
      assertThatThrownBy(() -> store.list(ALL, 11, null, 0))
          .isInstanceOf(FutureRevisionException.class);
      assertThat(contents(store, 5, 0)).isEqualTo(Map.of("/a", "4"));
    }
  }

  @Test
  void everyAcknowledgedWriteSurvivesKill() throws Exception {
    Path output = directory.resolve("acknowledged");
    Process writer =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                // what RocksDB unpacks is not removed by a process that is killed
                "-Djava.io.tmpdir=" + directory,
                "-cp",
                System.getProperty("java.class.path"),
                EndlessWriter.class.getName(),
                directory.resolve("store").toString())
            .redirectOutput(output.toFile())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    try {
      await().atMost(Duration.ofSeconds(60)).until(() -> Files.readAllLines(output).size() >= 300);
    } finally {
      writer.destroyForcibly().waitFor();
    }
    List<String> acknowledged =
        Files.readAllLines(output).stream().filter(l -> l.endsWith("!")).toList();
    try (Store store = open()) {
      assertThat(contents(store, 0, 0).keySet()).containsAll(acknowledged);
    }
  }

  /**
   * Commits in groups from several threads for ever, and prints each key when it was acknowledged.
   */
  static final class EndlessWriter {
    public static void main(String[] args) {
      Store store = Store.open(Path.of(args[0]), SMALL);
      for (int thread = 0; thread < 4; thread++) {
        int t = thread;
        Thread.ofPlatform()
            .start(
                () -> {
                  for (int i = 0; ; i++) {
                    String key = "/" + t + "/" + i + "!";
                    store.commit(put(key, "x"));
                    synchronized (System.out) {
                      System.out.println(key);
                    }
                  }
                });
      }
    }
  }

  @Test
  void aSecondProcessIsToldThatTheStoreIsInUse() {
    try (Store store = open()) {
      assertThat(store.revision()).isZero();
      assertThatThrownBy(this::open)
          .isInstanceOf(StoreException.class)
          .hasMessageContaining("in use");
    }
  }

  @Test
  void aNewerFormatIsRefusedAndNothingIsWritten() throws IOException {
    open().close();
    Path format = directory.resolve("store/FORMAT");
    Files.writeString(format, "jctl-store 9\n");
    List<String> before = listing();
    assertThatThrownBy(this::open)
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("jctl-store 9")
        .hasMessageContaining("jctl-store 1");
    assertThat(listing()).isEqualTo(before);
  }

  @Test
  void damageIsRefusedAndLeftAsItWasFound() throws IOException {
    try (Store store = open()) {
      for (int i = 0; i < 500; i++) {
        store.commit(put("/" + i, "x".repeat(100)));
      }
      store.commit(put("/last", "x"));
    }
    Path log = writeAheadLog();
    byte[] content = Files.readAllBytes(log);
    java.util.Arrays.fill(content, content.length / 3, content.length / 3 + 64, (byte) 0x5a);
    Files.write(log, content, StandardOpenOption.TRUNCATE_EXISTING);
    List<String> before = listing();
    assertThatThrownBy(this::open)
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("damaged");
    assertThat(listing()).isEqualTo(before);
  }

  private Path writeAheadLog() throws IOException {
    try (var files = Files.list(directory.resolve("store/db"))) {
      return files.filter(f -> f.toString().endsWith(".log")).findFirst().orElseThrow();
    }
  }

  private List<String> listing() throws IOException {
    try (var files = Files.walk(directory)) {
      return files
          .filter(Files::isRegularFile)
          .filter(f -> !f.getFileName().toString().startsWith("LOG"))
          .map(f -> f + " " + f.toFile().length() + " " + f.toFile().lastModified())
          .sorted()
          .toList();
    }
  }

  @Test
  void aCheckpointIsAStoreOfItsOwn() {
    try (Store store = open()) {
      store.commit(put("/a", "1"));
      store.checkpoint(directory.resolve("copy"));
      store.commit(put("/a", "2"));
      try (Store copy = Store.open(directory.resolve("copy"), SMALL)) {
        assertThat(contents(copy, 0, 0)).isEqualTo(Map.of("/a", "1"));
      }
    }
  }

  /** With a thousand watches the writer would wait for what it takes to wake them all. */
  @Test
  void aWriterIsAnsweredBeforeWatchesAreTold() throws Exception {
    CountDownLatch answered = new CountDownLatch(1);
    CompletableFuture<Boolean> told = new CompletableFuture<>();
    try (Store store = open();
        Watch _ = store.watch(ALL, 0, () -> told.complete(happens(answered)))) {
      store.commit(put("/a", "1"));
      answered.countDown();
      assertThat(told.get(60, TimeUnit.SECONDS)).isTrue();
    }
  }

  private static boolean happens(CountDownLatch event) {
    try {
      return event.await(60, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      return false;
    }
  }

  @Test
  void aWatchHearsOfItsPrefixOnlyAndLearnsTheRevisionAllTheSame() throws InterruptedException {
    try (Store store = open();
        Watch watch = store.watch(Key.of("/a/"), 0)) {
      store.commit(put("/b/x", "1"));
      Watch.Batch others =
          await()
              .atMost(Duration.ofSeconds(60))
              .until(() -> watch.next(Duration.ofMillis(1)), Optional::isPresent)
              .orElseThrow();
      assertThat(others.events()).isEmpty();
      assertThat(others.revision()).isEqualTo(1);
      store.commit(put("/a/x", "1"));
      Watch.Batch mine = watch.next(Duration.ofSeconds(60)).orElseThrow();
      assertThat(mine.events()).extracting(e -> e.entry().key().text()).containsExactly("/a/x");
      assertThat(watch.next(Duration.ofMillis(1))).isEmpty();
    }
  }

  @Test
  void aWatchThatIsBehindReadsFromDiskWhatMemoryHasLetGo() throws InterruptedException {
    try (Store store = open();
        Watch watch = store.watch(ALL, 0)) {
      for (int i = 1; i <= 3; i++) {
        store.commit(put("/a", "" + i));
      }
      store.rest();
      store.commit(put("/a", "4"));
      List<String> told = new ArrayList<>();
      while (told.size() < 4) {
        watch.next(Duration.ofSeconds(60)).orElseThrow().events().stream()
            .map(event -> text(event.entry()))
            .forEach(told::add);
      }
      assertThat(told).containsExactly("1", "2", "3", "4");
    }
  }

  @Test
  void aWatchOfAFewKeysThatIsBehindReadsOnlyTheirChangesFromDisk() throws InterruptedException {
    try (Store store = open();
        Watch watch = store.watch(Key.of("/a/"), 0, () -> {})) {
      store.commit(put("/a/x", "1"));
      for (int i = 0; i < 20; i++) {
        store.commit(put("/b/x", "" + i));
      }
      store.commit(put("/a/x", "2"));
      store.commit(put("/b/x", "20"));
      store.rest();

      Watch.Batch batch = watch.next(Duration.ofSeconds(60)).orElseThrow();

      assertThat(batch.events()).extracting(e -> text(e.entry())).containsExactly("1", "2");
      assertThat(batch.revision()).isEqualTo(store.revision());
    }
  }
}
