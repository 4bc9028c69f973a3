package dev.jctl.controller.watch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.resources.DecodedObjects;
import dev.jctl.controller.resources.Keys;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.controller.resources.StoredObject.Content;
import dev.jctl.manifests.model.ResourceKind;
import dev.jctl.store.CompactedException;
import dev.jctl.store.Entry;
import dev.jctl.store.Store;
import dev.jctl.store.StoreException;
import dev.jctl.store.Watch;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@link ResourceCache} kept current by one watch of the store, on one thread; of objects it has
 * all but {@code managedFields}. When the watch fell too far behind, everything is read again and
 * the differences are told to the listeners.
 */
public final class StoreCache implements ResourceCache, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(StoreCache.class);
  private static final Duration POLL = Duration.ofSeconds(30);
  private static final Duration RETRY = Duration.ofSeconds(1);

  private static final Comparator<ObjectRef> BY_NAME =
      Comparator.comparing(ObjectRef::namespace).thenComparing(ObjectRef::name);

  /** Of which there may be many, and which are looked at when something starts that uses them. */
  private static final Set<ResourceKind> PACKED =
      EnumSet.of(ResourceKind.CONFIG_MAP, ResourceKind.SECRET);

  /** Of those. */
  private static final int MOST_UNPACKED = 256;

  private final Store store;
  private final DecodedObjects decoded;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition advanced = lock.newCondition();
  private final Map<ResourceKind, NavigableMap<ObjectRef, StoredObject>> objects =
      new EnumMap<>(ResourceKind.class);

  /** Of the kinds that are packed, what is not yet: it was written last, and may soon be again. */
  private final LinkedHashSet<ObjectRef> unpacked = new LinkedHashSet<>();

  private final Map<String, Set<ObjectRef>> dependants = new HashMap<>();
  private final List<Listener> listeners = new ArrayList<>();
  private final Thread thread;
  private long revision;
  private volatile boolean closed;

  private StoreCache(Store store, DecodedObjects decoded) {
    this.store = store;
    this.decoded = decoded;
    for (ResourceKind kind : ResourceKind.values()) {
      objects.put(kind, new TreeMap<>(BY_NAME));
    }
    this.thread = Thread.ofVirtual().name("resource-cache").unstarted(this::run);
  }

  /** Reads all objects, then follows. */
  public static StoreCache start(Store store, DecodedObjects decoded) {
    StoreCache cache = new StoreCache(store, decoded);
    cache.readAll();
    cache.thread.start();
    return cache;
  }

  private void run() {
    while (!closed) {
      try {
        follow();
      } catch (CompactedException e) {
        readAll();
      } catch (StoreException e) {
        LOG.warn("cannot follow the store, trying again: {}", e.getMessage());
        pause();
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private void pause() {
    try {
      Thread.sleep(RETRY);
    } catch (InterruptedException e) {
      closed = true;
    }
  }

  private void follow() throws InterruptedException {
    try (Watch watch = store.watch(Keys.ROOT, revision)) {
      while (!closed) {
        Optional<Watch.Batch> batch = watch.next(POLL);
        if (batch.isPresent()) {
          apply(batch.get());
        }
      }
    }
  }

  private void apply(Watch.Batch batch) {
    lock.lock();
    try {
      for (Watch.Event event : batch.events()) {
        Keys.ref(event.entry().key())
            .ifPresent(
                ref ->
                    replace(
                        ref,
                        event.type() == Watch.Event.Type.PUT
                            ? kept(decoded.decode(ref, event.entry()))
                            : null));
      }
      advanceTo(batch.revision());
    } finally {
      lock.unlock();
    }
  }

  private void readAll() {
    Store.Page page = store.list(Keys.ROOT, 0, null, 0);
    lock.lock();
    try {
      Set<ObjectRef> present = new HashSet<>();
      for (Entry entry : page.entries()) {
        Keys.ref(entry.key())
            .ifPresent(
                ref -> {
                  present.add(ref);
                  replace(ref, kept(decoded.decode(ref, entry)));
                });
      }
      for (NavigableMap<ObjectRef, StoredObject> kind : objects.values()) {
        List.copyOf(kind.keySet()).stream()
            .filter(ref -> !present.contains(ref))
            .forEach(ref -> replace(ref, null));
      }
      advanceTo(page.revision());
    } finally {
      lock.unlock();
    }
  }

  private void advanceTo(long newest) {
    revision = newest;
    advanced.signalAll();
  }

  private void replace(ObjectRef ref, @Nullable StoredObject after) {
    NavigableMap<ObjectRef, StoredObject> kind = ofKind(ref.kind());
    // by the name that it has itself: of two that are equal both would be kept
    StoredObject held = after == null ? kind.remove(ref) : kind.put(after.ref(), after);
    if (after == null) {
      unpacked.remove(ref);
    } else if (PACKED.contains(ref.kind())) {
      keepUnpacked(ref);
    }
    if (held == null && after == null) {
      return;
    }
    if (held != null && after != null && held.revision() == after.revision()) {
      return;
    }
    StoredObject before = held == null ? null : held.unpacked();
    if (before != null) {
      owners(before).forEach(uid -> forget(uid, ref));
    }
    if (after != null) {
      owners(after).forEach(uid -> dependants.computeIfAbsent(uid, u -> new HashSet<>()).add(ref));
    }
    listeners.forEach(listener -> tell(listener, before, after));
  }

  /** Without what only who writes it needs, and which takes more memory than all the rest. */
  private static StoredObject kept(StoredObject object) {
    ObjectNode tree = JsonNodeFactory.instance.objectNode();
    tree.setAll(object.tree());
    ObjectNode metadata = JsonNodeFactory.instance.objectNode();
    object
        .tree()
        .path("metadata")
        .properties()
        .forEach(field -> metadata.set(field.getKey(), field.getValue()));
    metadata.remove("managedFields");
    tree.set("metadata", metadata);
    return new StoredObject(object.ref(), new Content.Resting(tree), object.revision());
  }

  private void keepUnpacked(ObjectRef ref) {
    unpacked.addLast(ref);
    if (unpacked.size() > MOST_UNPACKED) {
      pack(unpacked.removeFirst());
    }
  }

  private void pack(ObjectRef ref) {
    ofKind(ref.kind()).computeIfPresent(ref, (same, object) -> object.packed());
  }

  private NavigableMap<ObjectRef, StoredObject> ofKind(ResourceKind kind) {
    return java.util.Objects.requireNonNull(objects.get(kind));
  }

  /** One listener's failure must not keep the others, or the cache, from what is new. */
  private static void tell(
      Listener listener, @Nullable StoredObject before, @Nullable StoredObject after) {
    try {
      listener.changed(before, after);
    } catch (RuntimeException e) {
      LOG.error("a listener failed on {}", after == null ? before : after, e);
    }
  }

  private void forget(String uid, ObjectRef ref) {
    dependants.computeIfPresent(
        uid,
        (u, refs) -> {
          refs.remove(ref);
          return refs.isEmpty() ? null : refs;
        });
  }

  private static List<String> owners(StoredObject object) {
    List<String> uids = new ArrayList<>();
    for (JsonNode owner : object.tree().path("metadata").path("ownerReferences")) {
      uids.add(owner.path("uid").asText());
    }
    return uids;
  }

  @Override
  public Optional<StoredObject> find(ObjectRef ref) {
    lock.lock();
    try {
      return Optional.ofNullable(ofKind(ref.kind()).get(ref)).map(StoredObject::unpacked);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public List<StoredObject> list(ResourceKind kind, @Nullable String namespace) {
    lock.lock();
    try {
      return ofKind(kind).values().stream()
          .filter(o -> namespace == null || o.ref().namespace().equals(namespace))
          .toList();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public List<StoredObject> ownedBy(String uid) {
    lock.lock();
    try {
      return dependants.getOrDefault(uid, Set.of()).stream()
          .map(ref -> ofKind(ref.kind()).get(ref))
          .filter(java.util.Objects::nonNull)
          .toList();
    } finally {
      lock.unlock();
    }
  }

  /** For when nothing is done: objects take little memory until they are looked at again. */
  public void rest() {
    lock.lock();
    try {
      unpacked.forEach(this::pack);
      unpacked.clear();
    } finally {
      lock.unlock();
    }
    for (ResourceKind kind : ResourceKind.values()) {
      for (StoredObject object : list(kind, null)) {
        if (object.content() instanceof Content.Resting content) {
          content.rest();
        }
      }
    }
  }

  @Override
  public boolean awaitRevision(long wanted, Duration timeout) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      long left = timeout.toNanos();
      while (revision < wanted && left > 0) {
        left = advanced.awaitNanos(left);
      }
      return revision >= wanted;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void addListener(Listener listener) {
    lock.lock();
    try {
      objects
          .values()
          .forEach(
              kind -> kind.values().forEach(object -> tell(listener, null, object.unpacked())));
      listeners.add(listener);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    closed = true;
    thread.interrupt();
  }
}
