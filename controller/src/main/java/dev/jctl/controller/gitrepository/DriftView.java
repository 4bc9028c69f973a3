package dev.jctl.controller.gitrepository;

import dev.jctl.controller.status.Conditions.Seen;
import dev.jctl.manifests.model.Drift;
import java.util.List;

/** What others changed → how it is told. Pure. */
final class DriftView {
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
            .filter(d -> !d.repaired())
            .map(d -> d.object() + (d.fields().isEmpty() ? " was deleted" : " " + d.fields()))
            .toList());
  }

  static String sentence(Drift drift) {
    return drift.fields().isEmpty()
        ? drift.object() + " was not there"
        : drift.object() + " differed in " + String.join(", ", drift.fields());
  }
}
