package dev.jctl.controller.pod;

import dev.jctl.controller.pod.Resolution.Waiting;
import dev.jctl.controller.queue.Dependents;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.controller.status.Conditions;
import dev.jctl.controller.watch.ResourceCache;
import dev.jctl.manifests.model.Resource;
import dev.jctl.manifests.model.ResourceKind;
import io.fabric8.kubernetes.api.model.Condition;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One Pod while what it refers to is looked up: where to look, and what it waits for. What it looks
 * at is noted in {@link Dependents} before it is read, so that no change in between is missed.
 */
final class PodLookup {
  private final ResourceCache cache;
  private final Dependents dependents;
  private final StoredObject object;
  private final Resource.Pod pod;
  private final Map<String, Attempt> existing;
  private final Set<ObjectRef> refs = new HashSet<>();
  private final List<Waiting> causes = new ArrayList<>();

  /**
   * @param pod {@code object} decoded
   * @param existing containers there are, by name
   */
  PodLookup(
      ResourceCache cache,
      Dependents dependents,
      StoredObject object,
      Resource.Pod pod,
      Map<String, Attempt> existing) {
    this.cache = cache;
    this.dependents = dependents;
    this.object = object;
    this.pod = pod;
    this.existing = existing;
  }

  StoredObject object() {
    return object;
  }

  Resource.Pod pod() {
    return pod;
  }

  Map<String, Attempt> existing() {
    return existing;
  }

  /** In its namespace. */
  ObjectRef ref(ResourceKind kind, String name) {
    return new ObjectRef(kind, object.ref().namespace(), name);
  }

  /** It is reconciled again when that changes, is made or goes. */
  void lookAt(ObjectRef ref) {
    refs.add(ref);
    dependents.add(object.ref(), ref);
  }

  Optional<StoredObject> find(ObjectRef ref) {
    lookAt(ref);
    return cache.find(ref);
  }

  /** From now on only what was looked at this time leads back to it. */
  void end() {
    dependents.set(object.ref(), refs);
  }

  void await(String reason, String message) {
    await(new Waiting(reason, message));
  }

  void await(Waiting cause) {
    causes.add(cause);
  }

  List<Waiting> causes() {
    return List.copyOf(causes);
  }

  /** The first of what is waited for within {@code part}, none of which the Pod waits for. */
  Optional<Waiting> apart(Runnable part) {
    int others = causes.size();
    part.run();
    List<Waiting> own = causes.subList(others, causes.size());
    Optional<Waiting> first = own.stream().findFirst();
    own.clear();
    return first;
  }

  /** What is going away is not begun with; what is there already goes on. */
  boolean isUsable(StoredObject dependency, @Nullable String phase) {
    return dependency.isDeleting()
        ? "Terminating".equals(phase) && !existing.isEmpty()
        : "Ready".equals(phase);
  }

  /** Why what has these conditions is not ready, to go on after its name. */
  static String detail(@Nullable List<Condition> conditions) {
    String message = Conditions.message(conditions, "Ready");
    return message.isEmpty() ? " to be ready" : ": " + message;
  }
}
