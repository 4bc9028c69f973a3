package dev.jctl.controller.gitrepository;

import dev.jctl.controller.status.Conditions.Seen;
import dev.jctl.manifests.model.GitRepositoryStatus.Drift;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What others changed → how it is told. Pure. */
final class DriftView {
  private static final int MAX_DRIFT = 20;

  private DriftView() {}

  static Seen inSync(List<Drift> drift) {
    return drift.stream().anyMatch(d -> !d.repaired())
        ? new Seen("InSync", false, "Drifted", summary(drift))
        : new Seen("InSync", true, "AsDeclared", "All objects are as in the repository");
  }

  private static String summary(List<Drift> drift) {
    return String.join(
        "; ",
        drift.stream()
            .map(d -> d.object() + (d.fields().isEmpty() ? " was deleted" : " " + d.fields()))
            .toList());
  }

  static String sentence(Drift drift) {
    return drift.fields().isEmpty()
        ? drift.object() + " was not there"
        : drift.object() + " differed in " + String.join(", ", drift.fields());
  }

  /** The new before the old; of one object the last. */
  static @Nullable List<Drift> recent(@Nullable List<Drift> before, List<Drift> drift) {
    List<Drift> earlier = before == null ? List.of() : before;
    List<Drift> all = new ArrayList<>();
    drift.forEach(d -> all.add(firstSeen(d, earlier)));
    earlier.stream()
        .filter(old -> drift.stream().noneMatch(d -> d.object().equals(old.object())))
        .filter(Drift::repaired)
        .forEach(all::add);
    return all.isEmpty() ? null : all.subList(0, Math.min(all.size(), MAX_DRIFT));
  }

  /** What is only reported is the same drift until it changes. */
  private static Drift firstSeen(Drift drift, List<Drift> earlier) {
    return earlier.stream()
        .filter(old -> !old.repaired() && !drift.repaired())
        .filter(old -> old.object().equals(drift.object()) && old.fields().equals(drift.fields()))
        .findFirst()
        .orElse(drift);
  }
}
