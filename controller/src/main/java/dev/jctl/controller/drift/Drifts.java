package dev.jctl.controller.drift;

import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.status.Times;
import dev.jctl.manifests.model.Drift;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The list of what others changed, as a status has it. Pure. */
public final class Drifts {
  private static final int MAX = 20;
  private static final int SHOWN = 3;

  private Drifts() {}

  /** {@code what}: differed on the machine, in words. */
  public static Drift repaired(String field, List<String> what, Instant seen) {
    return new Drift(null, List.of(field), Times.text(seen), true, summary(what));
  }

  /** What is left as it is. */
  public static Drift reported(String field, List<String> what, Instant seen) {
    return new Drift(null, List.of(field), Times.text(seen), false, summary(what));
  }

  public static Drift of(ObjectRef object, Drift its) {
    return new Drift(object.toString(), its.fields(), its.seen(), its.repaired(), its.message());
  }

  /** A flushed table differs in every rule; the first few say enough. */
  public static String summary(List<String> what) {
    int more = what.size() - SHOWN;
    String shown = String.join(", ", what.subList(0, Math.min(SHOWN, what.size())));
    return more > 0 ? shown + " and " + more + " more" : shown;
  }

  /**
   * What is found now and what was before, the latest first; of the same fields of an object the
   * last time. What was only reported is there as long as it is found, since it was first.
   *
   * @return null: there is nothing to be told
   */
  public static @Nullable List<Drift> recent(@Nullable List<Drift> before, List<Drift> found) {
    List<Drift> earlier = before == null ? List.of() : before;
    List<Drift> all = new ArrayList<>();
    found.forEach(drift -> all.add(firstSeen(drift, earlier)));
    earlier.stream().filter(Drift::repaired).forEach(all::add);
    all.sort(Comparator.comparing(Drift::seen).reversed());
    Map<List<Object>, Drift> last = new LinkedHashMap<>();
    all.forEach(
        drift ->
            last.putIfAbsent(
                List.of(drift.fields(), drift.repaired(), String.valueOf(drift.object())), drift));
    return last.isEmpty() ? null : last.values().stream().limit(MAX).toList();
  }

  private static Drift firstSeen(Drift drift, List<Drift> earlier) {
    return earlier.stream()
        .filter(old -> !old.repaired() && !drift.repaired())
        .filter(old -> Objects.equals(old.object(), drift.object()))
        .filter(old -> old.fields().equals(drift.fields()))
        .filter(old -> Objects.equals(old.message(), drift.message()))
        .findFirst()
        .orElse(drift);
  }
}
