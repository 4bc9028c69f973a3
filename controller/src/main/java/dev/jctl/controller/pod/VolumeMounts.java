package dev.jctl.controller.pod;

import static dev.jctl.manifests.model.ResourceKind.VOLUME;

import dev.jctl.controller.config.ConfigVolumes;
import dev.jctl.controller.pod.FoundVolumes.Claimed;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.volume.PodClaims;
import dev.jctl.controller.volume.VolumePlanner;
import dev.jctl.images.ImageStore.StoredImage;
import dev.jctl.shim.spec.ContainerSpec;
import dev.jctl.shim.spec.ContainerSpec.Manner;
import dev.jctl.shim.spec.ContainerSpec.Propagation;
import dev.jctl.shim.spec.ContainerSpec.SharedGroup;
import dev.jctl.shim.spec.ContainerSpec.Source;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.PodSecurityContext;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeMount;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A container's {@code volumeMounts} and what its Pod's volumes are → how they are mounted. Pure.
 */
final class VolumeMounts {
  private final DesiredPods.Input in;
  private final Environment env;

  private VolumeMounts(DesiredPods.Input in, Environment env) {
    this.in = in;
    this.env = env;
  }

  /**
   * @param env of the container, for {@code subPathExpr}
   */
  static List<ContainerSpec.VolumeMount> of(DesiredPods.Input in, Container c, Environment env) {
    VolumeMounts mounts = new VolumeMounts(in, env);
    Map<String, Volume> byName = new HashMap<>();
    DesiredPods.volumes(in.pod().spec()).forEach(v -> byName.put(v.getName(), v));
    List<ContainerSpec.VolumeMount> all = new ArrayList<>();
    for (VolumeMount m : Objects.requireNonNullElse(c.getVolumeMounts(), List.<VolumeMount>of())) {
      Volume volume = byName.get(m.getName());
      if (volume != null) {
        all.add(mounts.mount(volume, m));
      }
    }
    return all;
  }

  private ContainerSpec.VolumeMount mount(Volume volume, VolumeMount m) {
    boolean readOnly = Boolean.TRUE.equals(m.getReadOnly()) || isReadOnly(volume);
    String subPath = subPath(m);
    Manner manner = manner(volume, m, readOnly);
    return volume.getHostPath() != null
        ? in.hostPaths().mount(volume.getHostPath(), m.getMountPath(), readOnly, subPath, manner)
        : new ContainerSpec.VolumeMount(
            source(volume), m.getMountPath(), readOnly, subPath, manner);
  }

  private boolean isReadOnly(Volume volume) {
    var claim = volume.getPersistentVolumeClaim();
    return ConfigVolumes.isOne(volume)
        || in.volumes().images().containsKey(volume.getName())
        || (claim != null && Boolean.TRUE.equals(claim.getReadOnly()))
        || (volume.getNfs() != null && Boolean.TRUE.equals(volume.getNfs().getReadOnly()))
        || claimed(volume).map(Claimed::readOnly).orElse(false);
  }

  private Optional<Claimed> claimed(Volume volume) {
    return claim(in.ref().name(), volume).map(in.volumes()::claim);
  }

  /** The claim that it is; empty for one of another kind. */
  private static Optional<String> claim(String pod, Volume volume) {
    if (volume.getEphemeral() != null) {
      return Optional.of(PodClaims.ephemeral(pod, volume.getName()));
    }
    var claim = volume.getPersistentVolumeClaim();
    return claim == null ? Optional.empty() : Optional.of(claim.getClaimName());
  }

  private String subPath(VolumeMount m) {
    String expression = m.getSubPathExpr();
    return expression == null || expression.isEmpty()
        ? Objects.requireNonNullElse(m.getSubPath(), "")
        : env.expandAll(List.of(expression)).getFirst();
  }

  private Manner manner(Volume volume, VolumeMount m, boolean readOnly) {
    String beneath = Objects.requireNonNullElse(m.getRecursiveReadOnly(), "Disabled");
    return new Manner(
        propagation(m.getMountPropagation()),
        !beneath.equals("Disabled"),
        claimed(volume).map(Claimed::seeded).orElse(false),
        group(volume, readOnly));
  }

  private static Propagation propagation(@Nullable String asked) {
    return switch (Objects.requireNonNullElse(asked, "None")) {
      case "HostToContainer" -> Propagation.FROM_HOST;
      case "Bidirectional" -> Propagation.BOTH;
      default -> Propagation.NONE;
    };
  }

  /** As with kubelet: neither the machine's directories nor those of other machines. */
  private @Nullable SharedGroup group(Volume volume, boolean readOnly) {
    PodSecurityContext context = in.pod().spec().getSecurityContext();
    Long gid = context == null ? null : context.getFsGroup();
    boolean given = ConfigVolumes.isOne(volume);
    boolean own =
        given
            || volume.getEmptyDir() != null
            || claimed(volume).map(claimed -> !claimed.foreign()).orElse(false);
    return context == null || gid == null || !own || (readOnly && !given)
        ? null
        : new SharedGroup(
            gid.intValue(), "OnRootMismatch".equals(context.getFsGroupChangePolicy()));
  }

  private Source source(Volume volume) {
    StoredImage image = in.volumes().images().get(volume.getName());
    if (image != null) {
      return new Source.Image(DesiredPods.layerIds(image));
    }
    return new Source.Volume(
        claimed(volume)
            .map(claimed -> new ObjectRef(VOLUME, in.ref().namespace(), claimed.volume()))
            .map(VolumePlanner::id)
            .orElseGet(() -> PodNames.volumeId(in.uid(), volume.getName())));
  }
}
