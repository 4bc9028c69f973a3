package dev.jctl.controller.volume;

import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.manifests.model.Resource;
import dev.jctl.shim.spec.Observed;
import dev.jctl.shim.spec.VolumeSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Volume wanted, volume there is → what to do. Pure. */
public final class VolumePlanner {
  private VolumePlanner() {}

  record Input(
      ObjectRef ref,
      Resource.Volume volume,
      boolean deleting,
      List<String> usedBy,
      Optional<Observed.Volume> observed) {}

  /** Equal for a later Volume of the same name, which so adopts what was retained. */
  public static String id(ObjectRef ref) {
    return ref.namespace() + "." + ref.name();
  }

  static VolumeAction plan(Input in) {
    if (in.deleting()) {
      return planDeletion(in);
    }
    VolumeSpec wanted = spec(in);
    return in.observed()
        .filter(there -> there.present() && there.spec().equals(wanted))
        .<VolumeAction>map(there -> new VolumeAction.Keep(there.path()))
        .orElseGet(() -> new VolumeAction.Ensure(wanted));
  }

  private static VolumeAction planDeletion(Input in) {
    if (!in.usedBy().isEmpty()) {
      return new VolumeAction.AwaitPods(in.usedBy());
    }
    boolean retain = !"Delete".equals(in.volume().spec().reclaimPolicy());
    return retain && !isTmpfs(in)
        ? new VolumeAction.Retain()
        : new VolumeAction.Remove(id(in.ref()));
  }

  private static VolumeSpec spec(Input in) {
    boolean tmpfs = isTmpfs(in);
    return new VolumeSpec(
        id(in.ref()),
        tmpfs ? VolumeSpec.Driver.TMPFS : VolumeSpec.Driver.LOCAL,
        bytes(in.volume().spec().capacity()));
  }

  private static boolean isTmpfs(Input in) {
    return "tmpfs".equals(in.volume().spec().driver());
  }

  private static long bytes(@Nullable Quantity quantity) {
    return quantity == null ? 0 : Quantity.getAmountInBytes(quantity).longValue();
  }
}
