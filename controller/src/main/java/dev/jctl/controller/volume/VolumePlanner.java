package dev.jctl.controller.volume;

import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.manifests.model.Resource;
import dev.jctl.manifests.model.ResourceKind;
import dev.jctl.manifests.model.VolumeSpec.ContentSource;
import dev.jctl.shim.spec.Observed;
import dev.jctl.shim.spec.VolumeSource;
import dev.jctl.shim.spec.VolumeSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
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
      SourceState source,
      Optional<Observed.Volume> observed) {}

  /** What a new volume is to be filled from. */
  sealed interface SourceState {
    /** It begins empty. */
    record None() implements SourceState {}

    record There(VolumeSource source) implements SourceState {}

    record Awaited(String message) implements SourceState {}
  }

  /** Equal for a later Volume of the same name, which so adopts what was retained. */
  public static String id(ObjectRef ref) {
    return ref.namespace() + "." + ref.name();
  }

  /** The Volume of that id, if it is one's. */
  public static Optional<ObjectRef> ref(String id) {
    int dot = id.indexOf('.');
    return dot < 0
        ? Optional.empty()
        : Optional.of(
            new ObjectRef(ResourceKind.VOLUME, id.substring(0, dot), id.substring(dot + 1)));
  }

  /** In the units of quantities, rounded up. */
  public static String size(long bytes) {
    return Fullness.kib(bytes);
  }

  /**
   * What others have unmounted or removed, and is to be as it was before anything else; or is again
   * since the runtime's start, which is yet to be told.
   */
  static Optional<Observed.Volume> lost(Input in) {
    boolean needed = !in.deleting() || !in.usedBy().isEmpty();
    return in.observed()
        .filter(there -> !there.present() || there.repaired())
        .filter(there -> needed && in.volume().spec().image() == null);
  }

  static VolumeAction plan(Input in) {
    if (in.deleting()) {
      return planDeletion(in);
    }
    String image = in.volume().spec().image();
    if (image != null) {
      return new VolumeAction.Show(image);
    }
    VolumeSpec wanted = spec(in);
    Optional<VolumeAction.Refuse> anothers = anothers(in);
    if (anothers.isPresent()) {
      return anothers.get();
    }
    return in.observed()
        .filter(there -> there.present() && there.spec().equals(wanted))
        .<VolumeAction>map(there -> new VolumeAction.Keep(there.path()))
        .or(() -> in.observed().map(there -> new VolumeAction.Ensure(wanted)))
        .orElseGet(() -> made(in, wanted));
  }

  /**
   * Why what is there is not this one's: an earlier Volume of the name left it, as this one cannot
   * be changed so.
   */
  private static Optional<VolumeAction.Refuse> anothers(Input in) {
    boolean keepsNone = in.volume().spec().image() != null;
    VolumeSpec wanted = spec(in);
    return in.observed()
        .flatMap(
            there -> {
              if (keepsNone || !keeper(there.spec()).equals(keeper(wanted))) {
                return Optional.of(keptElsewhere(there));
              }
              String began = there.spec().origin();
              return began == null || began.equals(wanted.origin())
                  ? Optional.empty()
                  : Optional.of(begunOtherwise(there.path(), began, wanted));
            });
  }

  /** Who keeps it, as users know it. */
  private static String keeper(VolumeSpec volume) {
    return volume.backend() instanceof VolumeSpec.Backend.Plugin plugin
        ? "plug-in " + plugin.name()
        : "driver " + volume.driver().name().toLowerCase(Locale.ROOT);
  }

  private static VolumeAction.Refuse begunOtherwise(String path, String began, VolumeSpec wanted) {
    String message =
        "an earlier Volume of this name left content at %s, which began %s, so it is not filled from %s: give this Volume another name to have it filled, or make it without spec.source to have what is there; who does not need that deletes a Volume without spec.source and with reclaimPolicy Delete"
            .formatted(path, began.isEmpty() ? "empty" : "as a copy of " + began, wanted.origin());
    return new VolumeAction.Refuse("RetainedContent", message);
  }

  private static VolumeAction.Refuse keptElsewhere(Observed.Volume there) {
    String keeper = keeper(there.spec());
    String kind = keeper.substring(0, keeper.indexOf(' '));
    String message =
        "an earlier Volume of this name left content, which %s keeps at %s: name that %s again to have it, or give this Volume another name; who does not need it deletes a Volume with that %s and reclaimPolicy Delete"
            .formatted(keeper, there.path(), kind, kind);
    return new VolumeAction.Refuse("RetainedElsewhere", message);
  }

  private static VolumeAction made(Input in, VolumeSpec wanted) {
    return switch (in.source()) {
      case SourceState.None none -> new VolumeAction.Ensure(wanted);
      case SourceState.There(var source) -> new VolumeAction.Populate(wanted, source);
      case SourceState.Awaited(var message) -> new VolumeAction.AwaitSource(message);
    };
  }

  private static VolumeAction planDeletion(Input in) {
    if (!in.usedBy().isEmpty()) {
      return new VolumeAction.AwaitPods(in.usedBy());
    }
    boolean retain = !"Delete".equals(in.volume().spec().reclaimPolicy());
    return anothers(in).isPresent() || (retain && isKept(in))
        ? new VolumeAction.Retain()
        : new VolumeAction.Remove(id(in.ref()));
  }

  private static VolumeSpec spec(Input in) {
    long bytes = bytes(in.volume().spec().capacity());
    return new VolumeSpec(id(in.ref()), driver(in), bytes, backend(in.volume().spec()), origin(in));
  }

  /** One that says nothing of it takes what there is. */
  private static @Nullable String origin(Input in) {
    ContentSource source = in.volume().spec().source();
    if (source == null) {
      return in.observed().isEmpty() ? "" : in.observed().get().spec().origin();
    }
    if (source.snapshot() != null) {
      return "VolumeSnapshot " + source.snapshot();
    }
    return source.volume() == null ? "archive " + source.archive() : "Volume " + source.volume();
  }

  private static VolumeSpec.@Nullable Backend backend(dev.jctl.manifests.model.VolumeSpec volume) {
    var nfs = volume.nfs();
    var plugin = volume.plugin();
    if (nfs != null) {
      return nfs(nfs.server(), nfs.path(), nfs.options());
    }
    return plugin == null
        ? null
        : new VolumeSpec.Backend.Plugin(
            plugin.name(), Objects.requireNonNullElse(plugin.parameters(), Map.of()));
  }

  /** With no options: those that the kernel takes by itself. */
  public static VolumeSpec.Backend nfs(String server, String path, @Nullable String options) {
    return new VolumeSpec.Backend.Nfs(server, path, Objects.requireNonNullElse(options, ""));
  }

  private static VolumeSpec.Driver driver(Input in) {
    return switch (Objects.requireNonNullElse(in.volume().spec().driver(), "local")) {
      case "tmpfs" -> VolumeSpec.Driver.TMPFS;
      case "disk" -> VolumeSpec.Driver.DISK;
      case "nfs" -> VolumeSpec.Driver.NFS;
      case "plugin" -> VolumeSpec.Driver.PLUGIN;
      default -> VolumeSpec.Driver.LOCAL;
    };
  }

  /** Memory is not; and what a server has stays there when it is no longer mounted here. */
  private static boolean isKept(Input in) {
    return switch (driver(in)) {
      case LOCAL, DISK, PLUGIN -> true;
      case TMPFS, NFS -> false;
    };
  }

  private static long bytes(@Nullable Quantity quantity) {
    return quantity == null ? 0 : Quantity.getAmountInBytes(quantity).longValue();
  }
}
