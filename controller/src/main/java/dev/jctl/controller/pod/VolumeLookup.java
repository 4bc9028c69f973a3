package dev.jctl.controller.pod;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.controller.config.ConfigVolumes;
import dev.jctl.controller.pod.FoundVolumes.Claimed;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.controller.status.ObjectWriter;
import dev.jctl.controller.volume.PodClaims;
import dev.jctl.controller.watch.ResourceCache;
import dev.jctl.images.ImageStore.StoredImage;
import dev.jctl.manifests.model.Resource;
import dev.jctl.manifests.model.ResourceKind;
import dev.jctl.manifests.model.VolumeSpec;
import dev.jctl.manifests.model.VolumeStatus;
import dev.jctl.manifests.schema.Names;
import io.fabric8.kubernetes.api.model.Volume;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What the volumes of a Pod show. */
final class VolumeLookup {
  private final PodLookup lookup;
  private final ImageLookup images;
  private final VolumeHolders holders;
  private final ResourceCache cache;
  private final ObjectWriter writer;
  private final Path allowedHostPaths;
  private final Map<String, StoredImage> volumeImages = new HashMap<>();
  private final Map<String, Claimed> claims = new HashMap<>();
  private HostPaths hostPaths = HostPaths.ALL;

  /**
   * @param allowedHostPaths file of {@link HostPaths}
   */
  VolumeLookup(
      PodLookup lookup,
      ImageLookup images,
      VolumeHolders holders,
      ResourceCache cache,
      ObjectWriter writer,
      Path allowedHostPaths) {
    this.lookup = lookup;
    this.images = images;
    this.holders = holders;
    this.cache = cache;
    this.writer = writer;
    this.allowedHostPaths = allowedHostPaths;
  }

  FoundVolumes found() {
    return new FoundVolumes(volumeImages, claims);
  }

  /** What of the machine the Pod may mount, where it asks. */
  HostPaths hostPaths() {
    return hostPaths;
  }

  /** All of them, before what was found is asked for. */
  void find() {
    for (Volume v : DesiredPods.volumes(lookup.pod().spec())) {
      if (v.getNfs() != null) {
        refuseForeign(v);
      } else if (v.getPersistentVolumeClaim() != null) {
        claim(v, v.getPersistentVolumeClaim().getClaimName());
      } else if (v.getEphemeral() != null) {
        ephemeral(v);
      } else if (v.getImage() != null) {
        image(v, v.getImage().getReference(), v.getImage().getPullPolicy());
      } else if (v.getHostPath() != null) {
        hostPaths = HostPaths.read(allowedHostPaths);
        hostPaths
            .refusal(v.getHostPath().getPath())
            .ifPresent(why -> lookup.await("HostPathNotAllowed", why));
      } else if (v.getEmptyDir() == null && !ConfigVolumes.isOne(v)) {
        lookup.await(
            "UnsupportedVolume",
            "Volume "
                + v.getName()
                + " is of a kind that is not served; use persistentVolumeClaim, ephemeral,"
                + " emptyDir, hostPath, image, nfs, configMap, secret, downwardAPI or projected");
      }
    }
  }

  private void image(Volume volume, String image, @Nullable String pullPolicy) {
    images
        .find(ImageLookup.Use.byVolume(volume.getName(), image, pullPolicy))
        .ifPresent(stored -> volumeImages.put(volume.getName(), stored));
  }

  /** Has its claim made; what another made of that name is not taken for it. */
  private void ephemeral(Volume v) {
    String name = PodClaims.ephemeral(lookup.object().ref().name(), v.getName());
    ObjectRef ref = lookup.ref(ResourceKind.PERSISTENT_VOLUME_CLAIM, name);
    Optional<StoredObject> found = lookup.find(ref);
    if (!Names.isLabel(name)) {
      lookup.await(
          "UnsupportedVolume",
          "PersistentVolumeClaim %s, of volume %s, cannot be made: its name may have 63 characters and no dots; rename the Pod or the volume"
              .formatted(name, v.getName()));
    } else if (found.isEmpty()) {
      writer.create(ref, PodClaims.tree(ref, lookup.object(), volumeTree(v.getName())));
      lookup.await("AwaitingVolume", "PersistentVolumeClaim " + name + " is being made");
    } else if (PodClaims.isOf(found, lookup.object())) {
      claim(v, name);
    } else {
      lookup.await(
          "AwaitingVolume",
          "PersistentVolumeClaim %s was not made for this Pod, whose volume %s needs that name; delete it, or rename the volume"
              .formatted(name, v.getName()));
    }
  }

  private JsonNode volumeTree(String name) {
    return lookup
        .object()
        .tree()
        .at("/spec/volumes")
        .valueStream()
        .filter(volume -> volume.path("name").asText().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private void claim(Volume mounted, String name) {
    ObjectRef asked = lookup.ref(ResourceKind.PERSISTENT_VOLUME_CLAIM, name);
    lookup.lookAt(asked);
    ObjectRef ref = PodClaims.volume(asked, cache);
    lookup.lookAt(ref);
    Optional<String> unbound = unbound(asked, ref);
    if (unbound.isPresent()) {
      lookup.await("AwaitingVolume", unbound.get());
      return;
    }
    Optional<StoredObject> found = cache.find(ref);
    if (found.isEmpty()) {
      lookup.await(
          "AwaitingVolume",
          "Volume " + ref.name() + " does not exist in namespace " + ref.namespace());
      return;
    }
    StoredObject volume = found.get();
    VolumeStatus status = volume.status(VolumeStatus.class).orElse(null);
    if (!lookup.isUsable(volume, status == null ? null : status.phase())) {
      lookup.await(
          "AwaitingVolume",
          "Waits for Volume "
              + ref.name()
              + PodLookup.detail(status == null ? null : status.conditions()));
      return;
    }
    VolumeSpec spec = volume.as(Resource.Volume.class).spec();
    if (spec.image() != null) {
      image(mounted, spec.image(), null);
    }
    Claimed claimed = claimed(ref.name(), spec);
    claims.put(name, claimed);
    if (claimed.foreign()) {
      refuseForeign(mounted);
    }
    holders
        .refusal(lookup.object(), ref, spec, cache)
        .ifPresent(why -> lookup.await("VolumeInUse", why));
  }

  /** Why a claim is none to be mounted; what mounts it already goes on. */
  private Optional<String> unbound(ObjectRef claim, ObjectRef volume) {
    if (!lookup.existing().isEmpty()) {
      return Optional.empty();
    }
    Optional<StoredObject> found = cache.find(claim);
    String named = "PersistentVolumeClaim " + claim.name();
    if (found.filter(StoredObject::isDeleting).isPresent()) {
      return Optional.of(named + " is being deleted");
    }
    // one of its own name is the Volume's, whatever the claim says
    return volume.name().equals(claim.name())
        ? cache.find(volume).filter(v -> PodClaims.isLeft(v, found)).map(v -> left(v, named))
        : found.map(StoredObject::tree).flatMap(tree -> pending(tree, named));
  }

  private static String left(StoredObject volume, String claim) {
    return "Waits for Volume %s to go, as the %s that it was made for did"
        .formatted(volume.ref().name(), claim);
  }

  private static Optional<String> pending(JsonNode claim, String named) {
    JsonNode status = claim.path("status");
    return status.path("phase").asText().equals("Bound")
        ? Optional.empty()
        : Optional.of(named + " is not bound: " + status.at("/conditions/0/message").asText());
  }

  private static Claimed claimed(String volume, VolumeSpec spec) {
    boolean foreign = "nfs".equals(spec.driver());
    return new Claimed(
        volume,
        VolumeAccess.of(spec).isReadOnly(),
        !"Empty".equals(spec.firstUse()) && !foreign,
        foreign);
  }

  /** What is on a server cannot be shown to users that the Pod has for itself. */
  private void refuseForeign(Volume volume) {
    if (Boolean.FALSE.equals(lookup.pod().spec().getHostUsers())) {
      lookup.await(
          "UnsupportedVolume",
          "Volume "
              + volume.getName()
              + " is of nfs, which the kernel cannot show to users of the Pod's own; leave"
              + " hostUsers out, or set it to true");
    }
  }
}
