package dev.jctl.controller.resources;

import dev.jctl.store.Entry;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Decodes what the store holds, each version once, and what was written here not at all: the
 * reconciler that looks at a change and the cache that tells of it read the same bytes within
 * moments. Keeps the objects that were asked for or written last. Safe for many threads.
 */
public final class DecodedObjects {
  private static final int KEPT = 256;

  private final Map<ObjectRef, Known> newest =
      new LinkedHashMap<>(KEPT, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<ObjectRef, Known> eldest) {
          return size() > KEPT;
        }
      };

  @SuppressWarnings("ArrayRecordComponent") // compared by content where it matters
  private record Known(StoredObject object, byte[] bytes) {
    /** A revision alone says it not: what was to be written as it may have failed. */
    boolean is(Entry entry) {
      return object.revision() == entry.modRevision() && Arrays.equals(bytes, entry.value());
    }
  }

  /** {@code entry} is that of {@code ref}. The tree is shared with whoever asked before. */
  public StoredObject decode(ObjectRef ref, Entry entry) {
    Known known = known(ref);
    if (known != null && known.is(entry)) {
      return known.object();
    }
    StoredObject decoded =
        new StoredObject(ref, ResourceCodec.tree(entry.value()), entry.modRevision());
    keep(decoded, entry.value());
    return decoded;
  }

  /** {@code bytes} is what {@code object} is stored as. */
  void keep(StoredObject object, byte[] bytes) {
    synchronized (newest) {
      newest.put(object.ref(), new Known(object, bytes));
    }
  }

  /** Keeps none of them any longer. */
  public void forget() {
    synchronized (newest) {
      newest.clear();
    }
  }

  /** As it is stored. */
  @SuppressWarnings("ReferenceEquality") // to compare trees costs as much as to write one
  byte[] bytes(StoredObject object) {
    Known known = known(object.ref());
    return known != null && known.object().tree() == object.tree()
        ? known.bytes()
        : ResourceCodec.bytes(object.tree());
  }

  private @Nullable Known known(ObjectRef ref) {
    synchronized (newest) {
      return newest.get(ref);
    }
  }
}
