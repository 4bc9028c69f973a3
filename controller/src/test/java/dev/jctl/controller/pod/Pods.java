package dev.jctl.controller.pod;

import dev.jctl.controller.config.ConfigData;
import dev.jctl.controller.config.ProjectedTokens;
import dev.jctl.controller.config.ResourceFields.Machine;
import dev.jctl.controller.fake.FakeImageStore;
import dev.jctl.controller.network.Lease;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.images.ImageStore.ImageConfig;
import dev.jctl.images.ImageStore.StoredImage;
import dev.jctl.manifests.codec.ManifestReader;
import dev.jctl.manifests.model.ContainerSpec.NetworkRef;
import dev.jctl.manifests.model.Resource;
import dev.jctl.manifests.model.ResourceKind;
import io.fabric8.kubernetes.api.model.Container;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Pods of a manifest, with every image, network and volume resolved. */
final class Pods {
  static final String UID = "11111111-2222-3333-4444-555555555555";
  static final ImageConfig CONFIG =
      new ImageConfig(
          List.of("PATH=/bin", "FROM_IMAGE=yes"),
          List.of("/entry"),
          List.of("serve"),
          "app:www",
          "/srv",
          "SIGQUIT",
          List.of(),
          List.of(),
          Map.of());

  private Pods() {}

  static DesiredPod desired(String yaml) {
    return desired(yaml, ConfigData.NONE);
  }

  /** Each image is there, and each Volume gets at first what the image has. */
  private static FoundVolumes volumes(Resource.Pod pod) {
    Map<String, StoredImage> images = new HashMap<>();
    Map<String, FoundVolumes.Claimed> claims = new HashMap<>();
    for (var volume : DesiredPods.volumes(pod.spec())) {
      if (volume.getImage() != null) {
        images.put(
            volume.getName(), FakeImageStore.image(volume.getImage().getReference(), CONFIG));
      }
      if (volume.getPersistentVolumeClaim() != null) {
        claims.put(
            volume.getPersistentVolumeClaim().getClaimName(),
            new FoundVolumes.Claimed(
                volume.getPersistentVolumeClaim().getClaimName(), false, true, false));
      }
    }
    return new FoundVolumes(images, claims);
  }

  static DesiredPod desired(String yaml, ConfigData config) {
    var document = ManifestReader.read("pod.yaml", yaml).getFirst();
    String name = document.tree().path("metadata").path("name").asText();
    ObjectRef ref = new ObjectRef(ResourceKind.POD, "default", name);
    Resource.Pod pod = new StoredObject(ref, document.tree(), 1).as(Resource.Pod.class);
    List<NetworkRef> networks = NetworkRefs.of(pod);
    List<Lease> leases = new ArrayList<>();
    for (NetworkRef network : networks) {
      leases.add(new Lease(network.name(), List.of("10.90." + leases.size() + ".2/24")));
    }
    Map<String, StoredImage> images = new HashMap<>();
    List<Container> all = new ArrayList<>(DesiredPods.initContainers(pod.spec()));
    all.addAll(pod.spec().getContainers());
    all.addAll(EphemeralContainers.of(pod.spec()));
    all.forEach(c -> images.put(c.getName(), FakeImageStore.image(c.getImage(), CONFIG)));
    return DesiredPods.of(
        new DesiredPods.Input(
            ref,
            UID,
            pod,
            networks,
            leases,
            Set.of(),
            images,
            Map.of(),
            Map.of(),
            volumes(pod),
            config,
            ProjectedTokens.NONE,
            Map.of(),
            HostPaths.ALL,
            SeccompProfiles.NAMES,
            Path.of("/logs"),
            "node",
            "192.0.2.1",
            new Machine(4, 16L << 30)));
  }
}
