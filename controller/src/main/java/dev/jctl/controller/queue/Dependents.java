package dev.jctl.controller.queue;

import dev.jctl.controller.resources.ObjectRef;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Who is to be looked at again when something else changes. Safe for many threads. */
public final class Dependents {
  private final Map<ObjectRef, Set<ObjectRef>> looksAt = new HashMap<>();
  private final Map<ObjectRef, Set<ObjectRef>> lookedAtBy = new HashMap<>();

  public synchronized void set(ObjectRef looker, Set<ObjectRef> refs) {
    Set<ObjectRef> before = looksAt.getOrDefault(looker, Set.of());
    if (before.equals(refs)) {
      return;
    }
    remove(looker);
    if (!refs.isEmpty()) {
      looksAt.put(looker, Set.copyOf(refs));
      refs.forEach(r -> lookedAtBy.computeIfAbsent(r, k -> new HashSet<>()).add(looker));
    }
  }

  /** Before the first look at {@code ref}: a change after that look is not missed. */
  public synchronized void add(ObjectRef looker, ObjectRef ref) {
    Set<ObjectRef> refs = new HashSet<>(looksAt.getOrDefault(looker, Set.of()));
    if (refs.add(ref)) {
      set(looker, refs);
    }
  }

  public synchronized void remove(ObjectRef looker) {
    for (ObjectRef ref : looksAt.getOrDefault(looker, Set.of())) {
      Set<ObjectRef> lookers = lookedAtBy.get(ref);
      if (lookers != null) {
        lookers.remove(looker);
        if (lookers.isEmpty()) {
          lookedAtBy.remove(ref);
        }
      }
    }
    looksAt.remove(looker);
  }

  /** Those who look at it. */
  public synchronized List<ObjectRef> of(ObjectRef ref) {
    return List.copyOf(lookedAtBy.getOrDefault(ref, Set.of()));
  }
}
