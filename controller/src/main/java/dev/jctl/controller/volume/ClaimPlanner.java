package dev.jctl.controller.volume;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.manifests.model.ResourceKind;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A core/v1 PersistentVolumeClaim, the Volume of its name if there is one → what to do. A claim
 * that finds none has one made, which goes with it; one that was there before stays. Pure.
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

  /** {@code pods}: those that keep it from going. */
  static ClaimAction plan(StoredObject claim, Optional<StoredObject> volume, List<String> pods) {
    if (claim.isDeleting()) {
      return pods.isEmpty() ? new ClaimAction.Release() : new ClaimAction.AwaitPods(pods);
    }
    ClaimPlanner planner = new ClaimPlanner(claim);
    return planner
        .refusal()
        .orElseGet(() -> volume.map(planner::bound).orElseGet(planner::without));
  }

  private Optional<ClaimAction> refusal() {
    String storageClass = spec.path("storageClassName").asText("");
    if (!DRIVERS.containsKey(storageClass)) {
      return pending(
          "ProvisioningFailed",
          "storage class %s is none of local (also called standard), tmpfs and disk"
              .formatted(storageClass));
    }
    if (spec.path("volumeMode").asText("").equals("Block")) {
      return pending("ProvisioningFailed", "volumes are file systems; volumeMode Block is not had");
    }
    String name = spec.path("volumeName").asText("");
    return name.isEmpty() || name.equals(claim.ref().name())
        ? Optional.empty()
        : pending(
            "VolumeMismatch",
            "a claim is bound to the Volume of its own name, not to " + name + "; name it so");
  }

  private static Optional<ClaimAction> pending(String reason, String message) {
    return Optional.of(new ClaimAction.Await("Pending", reason, message));
  }

  private ClaimAction without() {
    return claim.tree().at("/status/phase").asText().equals("Pending")
            || !claim.tree().path("status").has("phase")
        ? new ClaimAction.Provision(volume())
        : new ClaimAction.Await(
            "Lost",
            "ClaimLost",
            "its Volume was deleted; delete the claim as well, and make it anew");
  }

  private ObjectNode volume() {
    ObjectNode volume = JsonNodeFactory.instance.objectNode();
    volume.put("apiVersion", ResourceKind.VOLUME.apiVersion());
    volume.put("kind", ResourceKind.VOLUME.kind());
    ObjectNode metadata = volume.putObject("metadata");
    metadata.put("name", claim.ref().name()).put("namespace", claim.ref().namespace());
    metadata
        .putArray("ownerReferences")
        .addObject()
        .put("apiVersion", ResourceKind.PERSISTENT_VOLUME_CLAIM.apiVersion())
        .put("kind", ResourceKind.PERSISTENT_VOLUME_CLAIM.kind())
        .put("name", claim.ref().name())
        .put("uid", claim.uid())
        .put("controller", true);
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
    return volume
        .tree()
        .at("/metadata/ownerReferences")
        .valueStream()
        .anyMatch(owner -> owner.path("uid").asText().equals(claim.uid()));
  }

  private static long bytes(String quantity) {
    return quantity.isEmpty() ? 0 : Quantity.getAmountInBytes(Quantity.parse(quantity)).longValue();
  }

  static ObjectRef volume(ObjectRef claim) {
    return new ObjectRef(ResourceKind.VOLUME, claim.namespace(), claim.name());
  }

  static ObjectRef claim(ObjectRef volume) {
    return new ObjectRef(ResourceKind.PERSISTENT_VOLUME_CLAIM, volume.namespace(), volume.name());
  }
}
