package dev.jctl.controller.image;

import dev.jctl.controller.status.Conditions;
import dev.jctl.controller.status.Conditions.Seen;
import dev.jctl.images.ImageException;
import dev.jctl.images.ImageStore;
import dev.jctl.manifests.model.ImageStatus;
import dev.jctl.manifests.model.ImageStatus.Followed;
import dev.jctl.manifests.model.Resource;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What is seen of an image → its status. Pure. */
final class ImageStatusView {
  private static final String UP_TO_DATE = "UpToDate";

  private final Resource.Image image;
  private final Instant now;

  ImageStatusView(Resource.Image image, Instant now) {
    this.image = image;
    this.now = now;
  }

  ImageStatus ready(ImageStore.StoredImage stored) {
    return present(stored, List.of());
  }

  /** It is here, but what its tag stands for by now cannot be told. */
  ImageStatus notLookedUp(ImageStore.StoredImage stored, String reason, String message) {
    return present(stored, List.of(new Seen(UP_TO_DATE, false, reason, message)));
  }

  private ImageStatus present(ImageStore.StoredImage stored, List<Seen> more) {
    String repoDigest = stored.repoDigest();
    return new ImageStatus(
        generation(),
        ImagePlanner.pullRequest(image),
        "Ready",
        stored.imageId(),
        stored.manifestDigest(),
        repoDigest,
        stored.os() + "/" + stored.architecture(),
        stored.sizeBytes(),
        stored.layers().size(),
        null,
        followed(),
        conditions(new Seen("Ready", true, "Present", "All layers are unpacked"), more));
  }

  ImageStatus pulling(ImageStore.TransferProgress progress) {
    String text = progress.total() > 0 ? text(progress) : size(progress.bytes());
    return waiting("Pulling", text, "Pulling", capitalised(progress.stage()) + " " + text);
  }

  ImageStatus building(String progress) {
    return waiting("Building", progress, "Building", "Building " + progress);
  }

  ImageStatus failed(String reason, String message) {
    return waiting("Failed", null, reason, message);
  }

  // What is there already stays named: containers go on using it while the new content is awaited.
  private ImageStatus waiting(
      String phase, @Nullable String progress, String reason, String message) {
    ImageStatus before = image.status();
    return new ImageStatus(
        generation(),
        ImagePlanner.pullRequest(image),
        phase,
        before == null ? null : before.imageID(),
        before == null ? null : before.manifestDigest(),
        before == null ? null : before.repoDigest(),
        before == null ? null : before.platform(),
        before == null ? null : before.sizeBytes(),
        before == null ? null : before.layers(),
        progress,
        followed(),
        conditions(new Seen("Ready", false, reason, message), List.of()));
  }

  private @Nullable Followed followed() {
    return ImagePlanner.followed(image).orElse(null);
  }

  private List<io.fabric8.kubernetes.api.model.Condition> conditions(Seen ready, List<Seen> more) {
    ImageStatus before = image.status();
    List<Seen> seen = new ArrayList<>(List.of(ready));
    seen.addAll(more);
    ImagePlanner.followed(image).ifPresent(f -> seen.add(upToDate(f)));
    return Conditions.of(before == null ? null : before.conditions(), generation(), now, seen);
  }

  private static Seen upToDate(Followed f) {
    if (f.problem() != null) {
      return new Seen(UP_TO_DATE, false, "NotKnown", f.problem());
    }
    String latest = String.valueOf(f.latest());
    if (latest.equals(f.selected())) {
      return new Seen(UP_TO_DATE, true, "Newest", latest + " is what the policy selects");
    }
    return ImagePolicyPlanner.isRejected(f, latest)
        ? new Seen(UP_TO_DATE, false, "Rejected", latest + " was not ready in time before")
        : new Seen(UP_TO_DATE, false, "AwaitingWindow", latest + " is taken when a window opens");
  }

  private long generation() {
    Long generation = image.metadata().getGeneration();
    return generation == null ? 0 : generation;
  }

  private static String text(ImageStore.TransferProgress progress) {
    return size(progress.bytes()) + "/" + size(progress.total());
  }

  static String size(long bytes) {
    return bytes < 1_000_000
        ? String.format(Locale.ROOT, "%.1fkB", bytes / 1e3)
        : String.format(Locale.ROOT, "%.1fMB", bytes / 1e6);
  }

  private static String capitalised(String word) {
    return word.isEmpty() ? word : Character.toUpperCase(word.charAt(0)) + word.substring(1);
  }

  /** The word for a condition's reason. */
  static String reason(ImageException.Reason reason) {
    return switch (reason) {
      case NOT_FOUND -> "NotFound";
      case INVALID_REFERENCE -> "InvalidReference";
      case UNAUTHORIZED -> "Unauthorized";
      case UNREACHABLE -> "RegistryUnreachable";
      case DIGEST_MISMATCH, DAMAGED -> "DigestMismatch";
      case CORRUPT -> "ArchiveCorrupt";
      case UNSUPPORTED -> "Unsupported";
      case PLATFORM_MISMATCH -> "PlatformMismatch";
      case HOSTILE_LAYER -> "HostileLayer";
      case NO_SPACE -> "NoSpace";
      case BAD_CONFIGURATION -> "BadRegistryConfiguration";
      case BLOCKED -> "RegistryBlocked";
      case UNTRUSTED -> "Untrusted";
      case IO -> "PullFailed";
    };
  }
}
