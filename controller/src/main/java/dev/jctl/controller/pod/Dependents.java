package dev.jctl.controller.pod;

import dev.jctl.controller.resources.ObjectRef;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Which Pods look at which Images, Networks and Volumes. Safe for many threads. */
public final class Dependents {
  private final Map<ObjectRef, Set<ObjectRef>> looksAt = new HashMap<>();
  private final Map<ObjectRef, Set<ObjectRef>> lookedAtBy = new HashMap<>();

  synchronized void set(ObjectRef pod, Set<ObjectRef> refs) {
    Set<ObjectRef> before = looksAt.getOrDefault(pod, Set.of());
    if (before.equals(refs)) {
      return;
    }
    remove(pod);
    if (!refs.isEmpty()) {
      looksAt.put(pod, Set.copyOf(refs));
      refs.forEach(r -> lookedAtBy.computeIfAbsent(r, k -> new HashSet<>()).add(pod));
    }
  }

  /** Before the first look at {@code ref}: a change after that look is not missed. */
  synchronized void add(ObjectRef pod, ObjectRef ref) {
    Set<ObjectRef> refs = new HashSet<>(looksAt.getOrDefault(pod, Set.of()));
    if (refs.add(ref)) {
      set(pod, refs);
    }
  }

  synchronized void remove(ObjectRef pod) {
    for (ObjectRef ref : looksAt.getOrDefault(pod, Set.of())) {
      Set<ObjectRef> pods = lookedAtBy.get(ref);
      if (pods != null) {
        pods.remove(pod);
        if (pods.isEmpty()) {
          lookedAtBy.remove(ref);
        }
      }
    }
    looksAt.remove(pod);
  }

  public synchronized List<ObjectRef> of(ObjectRef ref) {
    return List.copyOf(lookedAtBy.getOrDefault(ref, Set.of()));
  }
}
