package dev.jctl.controller.volume;

import dev.jctl.controller.drift.Drifts;
import dev.jctl.controller.status.Conditions;
import dev.jctl.controller.status.Conditions.Seen;
import dev.jctl.manifests.model.Drift;
import dev.jctl.manifests.model.Resource;
import dev.jctl.manifests.model.VolumeStatus;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What is seen of a volume → its status. Pure. */
final class VolumeStatusView {
  static final String REFUSED = "Refused";

  private final Resource.Volume volume;
  private final List<String> usedBy;
  private final List<Drift> found;
  private final Instant now;

  /** {@code found}: what others changed. */
  VolumeStatusView(Resource.Volume volume, List<String> usedBy, List<Drift> found, Instant now) {
    this.volume = volume;
    this.usedBy = List.copyOf(usedBy);
    this.found = List.copyOf(found);
    this.now = now;
  }

  VolumeStatus ready(String path, Optional<Fullness> fullness) {
    return status("Ready", path, provisioned(path), fullness.map(Fullness::seen), fullness);
  }

  /** It is as it was before: a change of it cannot be made. */
  VolumeStatus refused(String path, String message) {
    Seen capacity = new Seen(Fullness.CONDITION, false, REFUSED, message);
    return status("Ready", path, provisioned(path), Optional.of(capacity), Optional.empty());
  }

  VolumeStatus shown(String image) {
    String message = "What image " + image + " has, for reading only";
    return status("Ready", null, new Seen("Ready", true, "Image", message));
  }

  private static Seen provisioned(String path) {
    return new Seen("Ready", true, "Provisioned", "Content is at " + path);
  }

  VolumeStatus awaiting(String message) {
    return status("Pending", null, new Seen("Ready", false, "AwaitingSource", message));
  }

  VolumeStatus failed(String reason, String message) {
    return status("Failed", null, new Seen("Ready", false, reason, message));
  }

  VolumeStatus awaitingPods() {
    VolumeStatus before = volume.status();
    return status(
        "Terminating",
        before == null ? null : before.path(),
        new Seen("Ready", false, "Terminating", VolumeMounters.awaited(usedBy)));
  }

  private VolumeStatus status(String phase, @Nullable String path, Seen ready) {
    return status(phase, path, ready, Optional.empty(), Optional.empty());
  }

  private VolumeStatus status(
      String phase,
      @Nullable String path,
      Seen ready,
      Optional<Seen> capacity,
      Optional<Fullness> fullness) {
    VolumeStatus before = volume.status();
    Long generation = volume.metadata().getGeneration();
    long observed = generation == null ? 0 : generation;
    String users = usedBy.isEmpty() ? "No Pod uses it" : String.join(", ", usedBy);
    Seen inUse = new Seen("InUse", !usedBy.isEmpty(), usedBy.isEmpty() ? "Free" : "Mounted", users);
    List<Seen> seen = new ArrayList<>(List.of(ready, inUse));
    capacity.ifPresent(seen::add);
    return new VolumeStatus(
        observed,
        phase,
        path,
        fullness.map(Fullness::used).orElse(null),
        usedBy,
        Drifts.recent(before == null ? null : before.drift(), found),
        Conditions.of(before == null ? null : before.conditions(), observed, now, seen));
  }
}
