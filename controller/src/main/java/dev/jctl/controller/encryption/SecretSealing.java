package dev.jctl.controller.encryption;

import dev.jctl.controller.resources.ApiException;
import dev.jctl.controller.resources.ApiException.Reason;
import dev.jctl.controller.resources.Keys;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.StoreResources;
import dev.jctl.store.Entry;
import dev.jctl.store.StoreException;
import dev.jctl.store.Txn;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings all Secrets under the newest key, and takes older forms of them off the disk. What is cut
 * short is finished by the next start: an older key stays in the file until nothing needs it.
 */
public final class SecretSealing {
  private static final Logger LOG = LoggerFactory.getLogger(SecretSealing.class);

  private final SealedStore store;
  private final StoreResources resources;

  /**
   * @param resources in that very store
   */
  public SecretSealing(SealedStore store, StoreResources resources) {
    this.store = store;
    this.resources = resources;
  }

  /**
   * @param keyId of the key that all are sealed with
   * @param rewritten how many were not before
   */
  public record Sealed(String keyId, int rewritten) {}

  /**
   * Seals what an earlier version of this program, or a rotation that was cut short, left. Where
   * nothing can be written, as on a full disk, the next start does.
   */
  public void finish() {
    try {
      sealRest();
    } catch (StoreException e) {
      LOG.warn("some Secrets are not sealed with the newest key yet: {}", e.getMessage());
    }
  }

  private synchronized void sealRest() {
    List<ObjectRef> unreadable = unreadable();
    if (!unreadable.isEmpty()) {
      LOG.error("{}", explain(unreadable));
    }
    boolean older = store.keys().find().map(ring -> ring.keys().size() > 1).orElse(false);
    if (older || !stale().isEmpty() || !staleRevisions().isEmpty()) {
      LOG.info("sealed {} Secrets with the newest key", sealAll(unreadable).rewritten());
    }
  }

  /**
   * Seals all Secrets with a new key.
   *
   * @throws ApiException 409 when one cannot be opened: its key would be forgotten
   */
  public synchronized Sealed rotate() {
    List<ObjectRef> unreadable = unreadable();
    if (!unreadable.isEmpty()) {
      throw new ApiException(Reason.CONFLICT, explain(unreadable), null, List.of());
    }
    store.keys().replace(store.keys().require().with(SealingKey.random()));
    return sealAll(unreadable);
  }

  private Sealed sealAll(List<ObjectRef> unreadable) {
    int rewritten = 0;
    for (ObjectRef ref : stale()) {
      resources.rewrite(ref);
      rewritten++;
    }
    staleRevisions().forEach(this::rewrite);
    store.compact(store.revision());
    store.purge();
    KeyRing ring = store.keys().require();
    if (unreadable.isEmpty() && ring.keys().size() > 1) {
      store.keys().replace(ring.newestOnly());
    }
    return new Sealed(ring.newest().id(), rewritten);
  }

  private List<Entry> secrets() {
    return store.raw().list(SealedStore.SECRETS, 0, null, 0).entries();
  }

  private List<ObjectRef> stale() {
    return secrets().stream()
        .filter(this::isStale)
        .flatMap(entry -> Keys.ref(entry.key()).stream())
        .toList();
  }

  private List<Entry> staleRevisions() {
    return store.raw().list(SealedStore.REVISIONS, 0, null, 0).entries().stream()
        .filter(this::isStale)
        .toList();
  }

  private boolean isStale(Entry entry) {
    Optional<String> newest = store.keys().find().map(ring -> ring.newest().id());
    return store.opens(entry)
        && (!Envelope.isOne(entry.value())
            || !newest.equals(Optional.of(SealedStore.keyId(entry))));
  }

  /** One that was replaced or removed meanwhile is as it should be. */
  private void rewrite(Entry sealed) {
    store
        .get(sealed.key())
        .ifPresent(
            opened ->
                store.commit(
                    new Txn(
                        List.of(new Txn.Condition(opened.key(), opened.modRevision())),
                        List.of(new Txn.Write.Put(opened.key(), at -> opened.value())),
                        Txn.Durability.SYNCED)));
  }

  private List<ObjectRef> unreadable() {
    return secrets().stream()
        .filter(entry -> !store.opens(entry))
        .flatMap(entry -> Keys.ref(entry.key()).stream())
        .toList();
  }

  private String explain(List<ObjectRef> unreadable) {
    return "these Secrets cannot be opened with the keys in "
        + store.keys().path()
        + ": "
        + String.join(
            ", ", unreadable.stream().map(ref -> ref.namespace() + "/" + ref.name()).toList())
        + "; add the line with their key from a copy of that file and start the controller again,"
        + " or delete them and make them anew";
  }
}
