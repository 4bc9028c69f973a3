package dev.jctl.controller.encryption;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.resources.Keys;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.ResourceCodec;
import dev.jctl.manifests.model.ResourceKind;
import dev.jctl.store.Entry;
import dev.jctl.store.Key;
import dev.jctl.store.Store;
import dev.jctl.store.Txn;
import dev.jctl.store.Watch;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * A store in which Secrets are sealed, whole, as there are copies of their data in annotations too,
 * and so are the manifests of sets, among which there may be some; everything else is as it was. A
 * Secret that cannot be opened, as its key is gone, is told as one of the type {@link #UNREADABLE}
 * without data: it can be deleted, and nothing else suffers.
 */
public final class SealedStore implements Store {
  /** Of a Secret whose content cannot be told. */
  static final String UNREADABLE = "jctl.dev/unreadable";

  static final Key SECRETS = Keys.collection(ResourceKind.SECRET, null);

  /** The manifests of the revisions of sets. */
  static final Key REVISIONS = Key.of("/sets/");

  private final Store store;
  private final KeyFile keys;

  /** {@code keyFile} is made when the first Secret is written. */
  public SealedStore(Store store, Path keyFile) {
    this.store = store;
    this.keys = new KeyFile(keyFile);
  }

  KeyFile keys() {
    return keys;
  }

  /** As it is on disk. */
  Store raw() {
    return store;
  }

  // --- sealing

  private static boolean isSecret(Key key) {
    return key.text().startsWith(SECRETS.text()) || isRevision(key);
  }

  private static boolean isRevision(Key key) {
    return key.text().startsWith(REVISIONS.text());
  }

  private Txn.Write sealed(Txn.Write write) {
    if (!(write instanceof Txn.Write.Put(Key key, Txn.ValueAt value)) || !isSecret(key)) {
      return write;
    }
    SealingKey newest = keys.require().newest();
    return new Txn.Write.Put(
        key, revision -> Envelope.seal(newest, key.text(), value.bytes(revision)));
  }

  // --- opening

  /** Whether what is there can be told. */
  boolean opens(Entry entry) {
    return content(entry) != null;
  }

  private Entry opened(Entry entry) {
    if (!isSecret(entry.key()) || !Envelope.isOne(entry.value())) {
      return entry;
    }
    byte[] content = content(entry);
    return new Entry(
        entry.key(),
        content == null ? unreadable(entry) : content,
        entry.createRevision(),
        entry.modRevision());
  }

  private byte @Nullable [] content(Entry entry) {
    if (!Envelope.isOne(entry.value())) {
      return entry.value();
    }
    Optional<SealingKey> key = keys.find().flatMap(ring -> ring.find(keyId(entry)));
    try {
      return key.isEmpty() ? null : Envelope.open(key.get(), entry.key().text(), entry.value());
    } catch (Envelope.SealBroken e) {
      return null;
    }
  }

  static String keyId(Entry entry) {
    return Envelope.keyId(entry.value());
  }

  /** Of the manifests of a revision nothing is left: they are not kept any more. */
  private static byte[] unreadable(Entry entry) {
    if (isRevision(entry.key())) {
      return new byte[0];
    }
    ObjectNode object = ResourceCodec.MAPPER.createObjectNode();
    object.put("apiVersion", "v1").put("kind", ResourceKind.SECRET.kind());
    ObjectNode metadata = object.putObject("metadata");
    Keys.ref(entry.key()).ifPresent(ref -> name(metadata, ref));
    String identity = entry.key().text() + " " + entry.createRevision();
    metadata
        .put("uid", UUID.nameUUIDFromBytes(identity.getBytes(StandardCharsets.UTF_8)).toString())
        .put("resourceVersion", Long.toString(entry.modRevision()))
        .put("creationTimestamp", "1970-01-01T00:00:00Z");
    object.put("type", UNREADABLE);
    return ResourceCodec.bytes(object);
  }

  private static void name(ObjectNode metadata, ObjectRef ref) {
    metadata.put("name", ref.name()).put("namespace", ref.namespace());
  }

  // --- the store

  @Override
  public Optional<Entry> get(Key key) {
    return store.get(key).map(this::opened);
  }

  @Override
  public Optional<Entry> get(Key key, long revision) {
    return store.get(key, revision).map(this::opened);
  }

  @Override
  public Page list(Key prefix, long revision, @Nullable Key startAfter, int limit) {
    Page page = store.list(prefix, revision, startAfter, limit);
    return page.entries().stream().noneMatch(entry -> isSecret(entry.key())) ? page : opened(page);
  }

  @Override
  public <S extends ValueSink> S values(Key prefix, LongFunction<S> sink) {
    return mayHoldSecrets(prefix) ? Store.super.values(prefix, sink) : store.values(prefix, sink);
  }

  @Override
  public long estimatedBytes(Key prefix) {
    return store.estimatedBytes(prefix);
  }

  private static boolean mayHoldSecrets(Key prefix) {
    return isSecret(prefix)
        || SECRETS.text().startsWith(prefix.text())
        || REVISIONS.text().startsWith(prefix.text());
  }

  private Page opened(Page page) {
    return new Page(
        page.entries().stream().map(this::opened).toList(),
        page.revision(),
        page.more(),
        page.remaining());
  }

  @Override
  public CompletableFuture<TxnResult> submit(Txn txn) {
    return store.submit(sealed(txn));
  }

  @Override
  public TxnResult commit(Txn txn) {
    return store.commit(sealed(txn));
  }

  private Txn sealed(Txn txn) {
    return txn.writes().stream().noneMatch(write -> isSecret(write.key()))
        ? txn
        : new Txn(
            txn.conditions(), txn.writes().stream().map(this::sealed).toList(), txn.durability());
  }

  @Override
  public Watch watch(Key prefix, long revision) {
    return new OpenedWatch(store.watch(prefix, revision));
  }

  @Override
  public Watch watch(Key prefix, long revision, Runnable changed) {
    return new OpenedWatch(store.watch(prefix, revision, changed));
  }

  @Override
  public long revision() {
    return store.revision();
  }

  @Override
  public boolean hasHappened(long revision) {
    return store.hasHappened(revision);
  }

  @Override
  public long compactedRevision() {
    return store.compactedRevision();
  }

  @Override
  public List<Version> history(Key key) {
    return store.history(key).stream()
        .map(v -> new Version(v.revision(), v.entry().map(this::opened)))
        .toList();
  }

  @Override
  public long revisionAt(Instant time) {
    return store.revisionAt(time);
  }

  @Override
  public NavigableMap<Long, Instant> times() {
    return store.times();
  }

  @Override
  public long historyBytes() {
    return store.historyBytes();
  }

  @Override
  public void rest() {
    store.rest();
  }

  @Override
  public void compact(long revision) {
    store.compact(revision);
  }

  @Override
  public void purge() {
    store.purge();
  }

  @Override
  public void checkpoint(Path directory) {
    store.checkpoint(directory);
  }

  @Override
  public void close() {
    store.close();
  }

  private final class OpenedWatch implements Watch {
    private final Watch watch;

    OpenedWatch(Watch watch) {
      this.watch = watch;
    }

    @Override
    public Optional<Batch> next(Duration timeout) throws InterruptedException {
      Optional<Batch> batch = watch.next(timeout);
      return batch.isPresent() && hasSecret(batch.get()) ? Optional.of(opened(batch.get())) : batch;
    }

    /** Asked for each watch and change: a loop is a fraction of a stream. */
    private boolean hasSecret(Batch batch) {
      for (Event event : batch.events()) {
        if (isSecret(event.entry().key())) {
          return true;
        }
      }
      return false;
    }

    private Batch opened(Batch batch) {
      return new Batch(batch.events().stream().map(this::opened).toList(), batch.revision());
    }

    private Event opened(Event event) {
      Entry previous = event.previous();
      return new Event(
          event.type(),
          SealedStore.this.opened(event.entry()),
          previous == null ? null : SealedStore.this.opened(previous));
    }

    @Override
    public void close() {
      watch.close();
    }
  }
}
