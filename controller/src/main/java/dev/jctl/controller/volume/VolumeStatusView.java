package dev.jctl.controller.volume;

import dev.jctl.controller.status.Conditions;
import dev.jctl.controller.status.Conditions.Seen;
import dev.jctl.manifests.model.Resource;
import dev.jctl.manifests.model.VolumeStatus;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is seen of a volume → its status. Pure. */
final class VolumeStatusView {
  private final Resource.Volume volume;
  private final List<String> usedBy;
  private final Instant now;

  VolumeStatusView(Resource.Volume volume, List<String> usedBy, Instant now) {
    this.volume = volume;
    this.usedBy = List.copyOf(usedBy);
    this.now = now;
  }

  VolumeStatus ready(String path) {
    return status("Ready", path, new Seen("Ready", true, "Provisioned", "Content is at " + path));
  }

  VolumeStatus failed(String reason, String message) {
    return status("Failed", null, new Seen("Ready", false, reason, message));
  }

  VolumeStatus awaitingPods() {
    VolumeStatus before = volume.status();
    String message = "Deletion waits for these Pods to go: " + String.join(", ", usedBy);
    return status(
        "Terminating",
        before == null ? null : before.path(),
        new Seen("Ready", false, "Terminating", message));
  }

  private VolumeStatus status(String phase, @Nullable String path, Seen ready) {
    VolumeStatus before = volume.status();
    Long generation = volume.metadata().getGeneration();
    long observed = generation == null ? 0 : generation;
    String users = usedBy.isEmpty() ? "No Pod uses it" : String.join(", ", usedBy);
    Seen inUse = new Seen("InUse", !usedBy.isEmpty(), usedBy.isEmpty() ? "Free" : "Mounted", users);
    return new VolumeStatus(
        observed,
        phase,
        path,
        usedBy,
        Conditions.of(
            before == null ? null : before.conditions(), observed, now, List.of(ready, inUse)));
  }
}
