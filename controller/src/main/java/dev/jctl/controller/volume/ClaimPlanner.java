package dev.jctl.controller.volume;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.resources.OwnerReferences;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.manifests.model.ResourceKind;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A core/v1 PersistentVolumeClaim, the Volume that it names or that has its name, if there is one →
 * what to do. A claim that names none and finds none has one made, which goes with it; one that was
 * there before stays. Pure.
 */
final class ClaimPlanner {
  /** Storage classes, and the drivers that they are; {@code standard} is what most charts say. */
  private static final Map<String, String> DRIVERS =
      Map.of("", "local", "standard", "local", "local", "local", "tmpfs", "tmpfs", "disk", "disk");

  private static final String STORAGE = "storage";

  private final StoredObject claim;
  private final JsonNode spec;

  private ClaimPlanner(StoredObject claim) {
    this.claim = claim;
    this.spec = claim.tree().path("spec");
  }

  /**
   * @param rivals all claims for the same Volume, this one among them
   * @param pods those that keep it from going
   */
  static ClaimAction plan(
      StoredObject claim,
      Optional<StoredObject> volume,
      List<StoredObject> rivals,
      List<String> pods) {
    if (claim.isDeleting()) {
      return pods.isEmpty() ? new ClaimAction.Release() : new ClaimAction.AwaitPods(pods);
    }
    ClaimPlanner planner = new ClaimPlanner(claim);
    return planner
        .refusal()
        .orElseGet(() -> volume.map(v -> planner.found(v, rivals)).orElseGet(planner::without));
  }

  private Optional<ClaimAction> refusal() {
    String storageClass = spec.path("storageClassName").asText("");
    if (!namesAnother() && !DRIVERS.containsKey(storageClass)) {
      return pending(
          "ProvisioningFailed",
          "storage class %s is none of local (also called standard), tmpfs and disk"
              .formatted(storageClass));
    }
    if (spec.path("volumeMode").asText("").equals("Block")) {
      return pending("ProvisioningFailed", "volumes are file systems; volumeMode Block is not had");
    }
    return Optional.empty();
  }

  /** It is to have that, whatever its class: Volumes are of none. */
  private boolean namesAnother() {
    return !PodClaims.volume(claim).name().equals(claim.ref().name());
  }

  private static Optional<ClaimAction> pending(String reason, String message) {
    return Optional.of(new ClaimAction.Await("Pending", reason, message));
  }

  private ClaimAction without() {
    String phase = claim.tree().at("/status/phase").asText("Pending");
    if (!phase.equals("Pending")) {
      return new ClaimAction.Await(
          "Lost",
          "ClaimLost",
          "its Volume was deleted; delete the claim as well, and make it anew");
    }
    return namesAnother()
        ? new ClaimAction.Await(
            phase,
            "VolumeMissing",
            "Volume %s does not exist; make it, or the claim anew without spec.volumeName, which then gets one of its own"
                .formatted(PodClaims.volume(claim).name()))
        : new ClaimAction.Provision(volume());
  }

  private ObjectNode volume() {
    ObjectNode volume = JsonNodeFactory.instance.objectNode();
    volume.put("apiVersion", ResourceKind.VOLUME.apiVersion());
    volume.put("kind", ResourceKind.VOLUME.kind());
    ObjectNode metadata = volume.putObject("metadata");
    metadata.put("name", claim.ref().name()).put("namespace", claim.ref().namespace());
    metadata.putArray("ownerReferences").add(OwnerReferences.toController(claim));
    ObjectNode wanted = volume.putObject("spec");
    wanted.put("driver", DRIVERS.get(spec.path("storageClassName").asText("")));
    wanted.put("reclaimPolicy", "Delete");
    // as with Kubernetes, what the image has there is hidden
    wanted.put("firstUse", "Empty");
    if (!spec.path("accessModes").isEmpty()) {
      wanted.set("accessModes", spec.path("accessModes").deepCopy());
    }
    if (!requested().isEmpty()) {
      wanted.put("capacity", requested());
    }
    source().ifPresent(field -> wanted.putObject("source").put(field, sourceName()));
    return volume;
  }

  private Optional<String> source() {
    return switch (dataSource().path("kind").asText("")) {
      case "VolumeSnapshot" -> Optional.of("snapshot");
      case "PersistentVolumeClaim" -> Optional.of("volume");
      default -> Optional.empty();
    };
  }

  private String sourceName() {
    return dataSource().path("name").asText();
  }

  /** Its newer field may say the same. */
  private JsonNode dataSource() {
    return spec.path(spec.path("dataSource").isObject() ? "dataSource" : "dataSourceRef");
  }

  private String requested() {
    return spec.path("resources").path("requests").path(STORAGE).asText("");
  }

  private ClaimAction found(StoredObject volume, List<StoredObject> rivals) {
    return takenBy(volume, rivals)
        .or(() -> leaving(volume))
        .or(() -> tooSmall(volume))
        .orElseGet(() -> bound(volume));
  }

  /** A Volume is one claim's: its own, or that which has it, or else the first. */
  private Optional<ClaimAction> takenBy(StoredObject volume, List<StoredObject> rivals) {
    return rivals.stream()
        .min(
            Comparator.comparing(
                    (StoredObject c) -> !OwnerReferences.include(volume.tree(), c.uid()))
                .thenComparing(c -> !isBound(c))
                .thenComparing(c -> c.tree().at("/metadata/creationTimestamp").asText())
                .thenComparing(c -> c.ref().name()))
        .filter(first -> !first.ref().equals(claim.ref()))
        .flatMap(
            first ->
                pending(
                    "VolumeTaken",
                    "Volume %s is that of PersistentVolumeClaim %s; delete that, or make this claim anew with another spec.volumeName"
                        .formatted(volume.ref().name(), first.ref().name())));
  }

  private static boolean isBound(StoredObject claim) {
    return claim.tree().at("/status/phase").asText().equals("Bound");
  }

  private Optional<ClaimAction> leaving(StoredObject volume) {
    boolean goes = volume.isDeleting() || PodClaims.isLeft(volume, Optional.of(claim));
    return goes && !isBound(claim)
        ? pending(
            "AwaitingVolume",
            "Waits for Volume " + volume.ref().name() + " to go, as the claim it was made for did")
        : Optional.empty();
  }

  /** One that was there is taken as it is, and does not grow with the claim. */
  private Optional<ClaimAction> tooSmall(StoredObject volume) {
    String capacity = volume.tree().at("/spec/capacity").asText("");
    if (isOurs(volume) || capacity.isEmpty() || bytes(requested()) <= bytes(capacity)) {
      return Optional.empty();
    }
    String why =
        "Volume %s has %s, and %s are requested; change spec.capacity of the Volume"
            .formatted(volume.ref().name(), capacity, requested());
    return isBound(claim)
        ? Optional.of(new ClaimAction.BindAsItIs(capacity, why))
        : pending("VolumeTooSmall", why + ", or request less");
  }

  private ClaimAction bound(StoredObject volume) {
    String capacity = volume.tree().at("/spec/capacity").asText("");
    String had = claim.tree().at("/status/capacity/storage").asText("");
    if (isOurs(volume) && bytes(requested()) > bytes(capacity)) {
      return new ClaimAction.Grow(requested());
    }
    Optional<ClaimAction> other = otherModes(volume);
    if (other.isPresent()) {
      return other.get();
    }
    JsonNode status = volume.tree().path("status");
    if (!had.isEmpty() && isBehind(volume)) {
      return new ClaimAction.Bind(had);
    }
    if (!status.path("phase").asText().equals("Ready")) {
      String why = status.path("conditions").path(0).path("message").asText("");
      String waits = "Waits for Volume " + volume.ref().name();
      return why.isEmpty()
          ? new ClaimAction.Await("Pending", ClaimAction.PROVISIONING, waits)
          : new ClaimAction.Await("Pending", "AwaitingVolume", waits + ": " + why);
    }
    return refusal(status)
        .<ClaimAction>map(
            why ->
                new ClaimAction.BindAsItIs(
                    had, "Volume " + volume.ref().name() + " did not grow: " + why))
        .orElseGet(() -> new ClaimAction.Bind(capacity.isEmpty() ? requested() : capacity));
  }

  /** Whether its spec is yet to be carried out. */
  private static boolean isBehind(StoredObject volume) {
    return volume.tree().at("/status/observedGeneration").asLong()
        < volume.tree().at("/metadata/generation").asLong();
  }

  /** Why a Volume is not as large as its spec says. */
  private static Optional<String> refusal(JsonNode status) {
    return status
        .path("conditions")
        .valueStream()
        .filter(condition -> condition.path("type").asText().equals(Fullness.CONDITION))
        .filter(condition -> condition.path("reason").asText().equals(VolumeStatusView.REFUSED))
        .map(condition -> condition.path("message").asText())
        .findFirst();
  }

  /** A Volume that says who may mount it is only for claims that want no more. */
  private Optional<ClaimAction> otherModes(StoredObject volume) {
    List<String> has = texts(volume.tree().at("/spec/accessModes"));
    List<String> more = new ArrayList<>(texts(spec.path("accessModes")));
    more.removeAll(has);
    return has.isEmpty() || more.isEmpty()
        ? Optional.empty()
        : pending(
            "AccessModeMismatch",
            "Volume %s has access modes %s, and not %s; ask for those, or change spec.accessModes of the Volume"
                .formatted(volume.ref().name(), String.join(", ", has), String.join(", ", more)));
  }

  private static List<String> texts(JsonNode list) {
    return list.valueStream().map(JsonNode::asText).toList();
  }

  private boolean isOurs(StoredObject volume) {
    return OwnerReferences.include(volume.tree(), claim.uid());
  }

  private static long bytes(String quantity) {
    return quantity.isEmpty() ? 0 : Quantity.getAmountInBytes(Quantity.parse(quantity)).longValue();
  }
}
