package dev.jctl.controller.volume;

import static dev.jctl.manifests.model.ResourceKind.PERSISTENT_VOLUME_CLAIM;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.OwnerReferences;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.controller.watch.ResourceCache;
import dev.jctl.manifests.model.ResourceKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Which claims Pods name, and which Volumes these are. */
public final class PodClaims {
  private static final String EPHEMERAL = "ephemeral";

  private PodClaims() {}

  /** The claim of an ephemeral volume: by the names of the Pod and of that. */
  public static String ephemeral(String pod, String volume) {
    return pod + "-" + volume;
  }

  /**
   * The claim that one of a Pod's volumes is; empty for one of another kind.
   *
   * @param pod its name
   * @param volume of {@code spec.volumes}
   */
  private static Optional<String> claim(String pod, JsonNode volume) {
    return volume.has(EPHEMERAL)
        ? Optional.of(ephemeral(pod, volume.path("name").asText()))
        : Optional.ofNullable(volume.at("/persistentVolumeClaim/claimName").textValue());
  }

  /** All that a Pod names, there or not, and those that were made for it. */
  public static Stream<ObjectRef> of(StoredObject pod, ResourceCache cache) {
    List<ObjectRef> claims = new ArrayList<>();
    for (JsonNode volume : pod.tree().at("/spec/volumes")) {
      claim(pod.ref().name(), volume)
          .map(name -> new ObjectRef(PERSISTENT_VOLUME_CLAIM, pod.ref().namespace(), name))
          .filter(claim -> !volume.has(EPHEMERAL) || isOf(cache.find(claim), pod))
          .ifPresent(claims::add);
    }
    return claims.stream();
  }

  /** What it is bound to or asks for; without such a claim, the Volume of that name. */
  public static ObjectRef volume(ObjectRef claim, ResourceCache cache) {
    return cache.find(claim).map(PodClaims::volume).orElseGet(() -> ofItsName(claim));
  }

  /** The same. */
  public static ObjectRef volume(StoredObject claim) {
    String name = claim.tree().at("/spec/volumeName").asText("");
    return name.isEmpty()
        ? ofItsName(claim.ref())
        : new ObjectRef(ResourceKind.VOLUME, claim.ref().namespace(), name);
  }

  private static ObjectRef ofItsName(ObjectRef claim) {
    return new ObjectRef(ResourceKind.VOLUME, claim.namespace(), claim.name());
  }

  /** Those that are bound to a Volume or ask for it. */
  public static List<StoredObject> claims(ObjectRef volume, ResourceCache cache) {
    return cache.list(PERSISTENT_VOLUME_CLAIM, volume.namespace()).stream()
        .filter(claim -> volume(claim).equals(volume))
        .toList();
  }

  /** The claim of an ephemeral volume, which goes with its Pod. */
  public static ObjectNode tree(ObjectRef claim, StoredObject pod, JsonNode volume) {
    JsonNode template = volume.at("/ephemeral/volumeClaimTemplate");
    ObjectNode tree = JsonNodeFactory.instance.objectNode();
    tree.put("apiVersion", claim.kind().apiVersion()).put("kind", claim.kind().kind());
    ObjectNode metadata = tree.putObject("metadata");
    metadata.put("name", claim.name()).put("namespace", claim.namespace());
    for (String field : List.of("labels", "annotations")) {
      if (template.path("metadata").has(field)) {
        metadata.set(field, template.path("metadata").path(field).deepCopy());
      }
    }
    metadata.putArray("ownerReferences").add(OwnerReferences.toController(pod));
    tree.set("spec", template.path("spec").deepCopy());
    return tree;
  }

  /** Whether it was made for that very Pod. */
  public static boolean isOf(Optional<StoredObject> claim, StoredObject pod) {
    return claim.filter(found -> OwnerReferences.include(found.tree(), pod.uid())).isPresent();
  }

  /**
   * Whether a Volume was made for a claim that is gone, which it goes after: it is none to have,
   * neither for Pods nor for a later claim.
   *
   * @param claim of the same name, if there is one
   */
  public static boolean isLeft(StoredObject volume, Optional<StoredObject> claim) {
    return volume
            .tree()
            .at("/metadata/ownerReferences")
            .valueStream()
            .anyMatch(o -> o.path("kind").asText().equals(PERSISTENT_VOLUME_CLAIM.kind()))
        && claim.filter(c -> OwnerReferences.include(volume.tree(), c.uid())).isEmpty();
  }
}
