package dev.jctl.controller.drift;

import dev.jctl.manifests.model.Drift;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/**
 * What was found changed on the machine, for those who write the statuses of the objects that it
 * concerns. By uid. They know it from their status after a restart.
 */
public final class DriftNotes {
  private final Map<String, List<Drift>> notes = new ConcurrentHashMap<>();

  public void add(String uid, Drift drift) {
    notes.merge(
        uid,
        List.of(drift),
        (before, added) -> Objects.requireNonNullElse(Drifts.recent(before, added), List.of()));
  }

  public List<Drift> of(String uid) {
    return notes.getOrDefault(uid, List.of());
  }

  /** Whether anything is noted that is only reported. */
  public boolean areReports() {
    return notes.values().stream().flatMap(List::stream).anyMatch(drift -> !drift.repaired());
  }

  /**
   * What was only reported of a field is not so any more.
   *
   * @return whether there was any
   */
  public boolean settle(String uid, String field) {
    Predicate<Drift> settled = drift -> !drift.repaired() && drift.fields().contains(field);
    boolean reported = of(uid).stream().anyMatch(settled);
    if (reported) {
      notes.computeIfPresent(uid, (key, all) -> all.stream().filter(settled.negate()).toList());
    }
    return reported;
  }

  public void forget(String uid) {
    notes.remove(uid);
  }
}
