package dev.jctl.controller.resources;

import dev.jctl.store.Entry;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Decodes what the store holds, each version once: the reconciler that looks at a change and the
 * cache that tells of it read the same bytes within moments. Keeps the objects that were asked for
 * last. Safe for many threads.
 */
public final class DecodedObjects {
  private static final int KEPT = 256;

  private final Map<ObjectRef, StoredObject> newest =
      new LinkedHashMap<>(KEPT, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<ObjectRef, StoredObject> eldest) {
          return size() > KEPT;
        }
      };

  /** {@code entry} is that of {@code ref}. The tree is shared with whoever asked before. */
  public StoredObject decode(ObjectRef ref, Entry entry) {
    synchronized (newest) {
      StoredObject known = newest.get(ref);
      if (known != null && known.revision() == entry.modRevision()) {
        return known;
      }
    }
    StoredObject decoded =
        new StoredObject(ref, ResourceCodec.tree(entry.value()), entry.modRevision());
    synchronized (newest) {
      newest.put(ref, decoded);
    }
    return decoded;
  }
}
