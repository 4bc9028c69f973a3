package dev.jctl.controller.fake;

import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.controller.watch.ResourceCache;
import dev.jctl.manifests.model.ResourceKind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A cache that tests fill; listeners are told in the caller's thread. */
public final class ListCache implements ResourceCache {
  private final Map<String, StoredObject> objects = new TreeMap<>();
  private final List<Listener> listeners = new ArrayList<>();

  public void put(StoredObject object) {
    StoredObject before = objects.put(object.ref().toString(), object);
    listeners.forEach(l -> l.changed(before, object));
  }

  public void remove(ObjectRef ref) {
    StoredObject before = objects.remove(ref.toString());
    listeners.forEach(l -> l.changed(before, null));
  }

  @Override
  public Optional<StoredObject> find(ObjectRef ref) {
    return Optional.ofNullable(objects.get(ref.toString()));
  }

  @Override
  public List<StoredObject> list(ResourceKind kind, @Nullable String namespace) {
    return objects.values().stream()
        .filter(o -> o.ref().kind() == kind)
        .filter(o -> namespace == null || namespace.equals(o.ref().namespace()))
        .toList();
  }

  @Override
  public List<StoredObject> ownedBy(String uid) {
    return List.of();
  }

  @Override
  public boolean awaitRevision(long revision, Duration timeout) {
    return true;
  }

  @Override
  public void addListener(Listener listener) {
    objects.values().forEach(o -> listener.changed(null, o));
    listeners.add(listener);
  }
}
