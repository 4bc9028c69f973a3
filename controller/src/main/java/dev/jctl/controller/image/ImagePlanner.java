package dev.jctl.controller.image;

import dev.jctl.images.ImageStore;
import dev.jctl.images.ImageStore.ImageSource;
import dev.jctl.manifests.model.Annotations;
import dev.jctl.manifests.model.ImageSpec;
import dev.jctl.manifests.model.ImageStatus;
import dev.jctl.manifests.model.ImageStatus.Followed;
import dev.jctl.manifests.model.Resource;
import io.fabric8.kubernetes.api.model.LocalObjectReference;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Image wanted, content there is → what to do. Pure. */
public final class ImagePlanner {
  private ImagePlanner() {}

  /**
   * @param stored the image that the status names, when the store has it
   * @param layers unpacked ones, by diff id in hex
   * @param lookup a container that is about to be started asks what the tag stands for by now
   */
  record Input(
      Resource.Image image,
      boolean deleting,
      Optional<ImageStore.StoredImage> stored,
      Set<String> layers,
      boolean lookup) {}

  static ImageAction plan(Input in) {
    if (in.deleting()) {
      return new ImageAction.Release();
    }
    boolean looksUp = in.lookup() && followsTag(in.image().spec());
    if (in.stored().isPresent() && isCurrent(in.image()) && !looksUp) {
      ImageStore.StoredImage stored = in.stored().get();
      boolean unpacked = stored.layers().stream().allMatch(l -> in.layers().contains(layerId(l)));
      return unpacked ? new ImageAction.Keep(stored) : new ImageAction.Unpack(stored);
    }
    if (in.image().spec().policy() != null
        && followed(in.image()).map(Followed::selected).isEmpty()) {
      return new ImageAction.Refuse(
          "NothingSelected",
          followed(in.image())
              .map(Followed::problem)
              .orElse("the registry has not been asked yet"));
    }
    if (pulls(in.image().spec()) && "Never".equals(in.image().spec().pullPolicy()) && !looksUp) {
      return new ImageAction.Refuse(
          "ErrImageNeverPull",
          in.image().spec().reference() + " is not present and pullPolicy is Never");
    }
    return followed(in.image())
        .map(Followed::selected)
        .<ImageAction>map(selected -> new ImageAction.Pull(selected, secrets(in.image().spec())))
        .orElseGet(() -> source(in.image().spec()));
  }

  /** What is followed by spec.policy. */
  static Optional<Followed> followed(Resource.Image image) {
    return Optional.ofNullable(image.status()).map(ImageStatus::followed);
  }

  /** With that in its status. */
  static Resource.Image with(Resource.Image image, @Nullable Followed followed) {
    ImageStatus s = image.status();
    if (s == null ? followed == null : Objects.equals(s.followed(), followed)) {
      return image;
    }
    ImageStatus status =
        s == null
            ? new ImageStatus(
                null, null, null, null, null, null, null, null, null, null, followed, null)
            : new ImageStatus(
                s.observedGeneration(),
                s.observedPull(),
                s.phase(),
                s.imageID(),
                s.manifestDigest(),
                s.repoDigest(),
                s.platform(),
                s.sizeBytes(),
                s.layers(),
                s.progress(),
                followed,
                s.conditions());
    return new Resource.Image(image.metadata(), image.spec(), status);
  }

  /** Whether what is there is what was selected. */
  static boolean isSelected(ImageStatus status, Followed followed) {
    return followed.selected() == null
        || ImagePolicyPlanner.digest(followed.selected())
            .equals(
                status.repoDigest() == null ? "" : ImagePolicyPlanner.digest(status.repoDigest()));
  }

  /** Whether its status is about what is asked for now. */
  static boolean isOfThisSpec(Resource.Image image) {
    ImageStatus status = image.status();
    return status != null
        && Objects.equals(status.observedGeneration(), image.metadata().getGeneration())
        && Objects.equals(status.observedPull(), pullRequest(image));
  }

  /** A reference beside what is here already, or is made here, is only a name. */
  private static boolean pulls(ImageSpec spec) {
    return spec.reference() != null
        && spec.imageID() == null
        && spec.manifestDigest() == null
        && spec.archive() == null
        && spec.commit() == null
        && spec.build() == null;
  }

  /** Whether what it stands for may be another image each time. */
  private static boolean followsTag(ImageSpec spec) {
    return pulls(spec)
        && spec.policy() == null
        && !Objects.requireNonNullElse(spec.reference(), "").contains("@");
  }

  /** What a user wrote to have it brought in anew; null for nothing. */
  static @Nullable String pullRequest(Resource.Image image) {
    Map<String, String> annotations = image.metadata().getAnnotations();
    return annotations == null ? null : annotations.get(Annotations.PULL);
  }

  // What was loaded for this generation of the spec is not loaded again unless it is asked for.
  static boolean isCurrent(Resource.Image image) {
    ImageStatus status = image.status();
    return status != null
        && "Ready".equals(status.phase())
        && isOfThisSpec(image)
        && followed(image).map(f -> isSelected(status, f)).orElse(true);
  }

  static String layerId(ImageStore.StoredImage.Layer layer) {
    String diffId = layer.diffId();
    return diffId.substring(diffId.indexOf(':') + 1);
  }

  private static ImageAction source(ImageSpec spec) {
    if (spec.imageID() != null) {
      return new ImageAction.Load(new ImageSource.Stored(spec.imageID()));
    }
    if (spec.manifestDigest() != null) {
      return new ImageAction.LoadPushed(spec.manifestDigest(), spec.reference());
    }
    if (spec.commit() != null) {
      return new ImageAction.Commit(spec.commit());
    }
    if (spec.build() != null) {
      return new ImageAction.Build(spec.build());
    }
    ImageSpec.Archive archive = spec.archive();
    if (archive != null) {
      return local(archive.path(), p -> new ImageSource.Archive(p, archive.name()));
    }
    if (spec.reference() != null) {
      return new ImageAction.Pull(spec.reference(), secrets(spec));
    }
    if (spec.rootfs() != null) {
      return local(spec.rootfs().path(), p -> new ImageSource.Rootfs(p, config(spec.config())));
    }
    if (spec.files() != null) {
      return new ImageAction.Load(
          new ImageSource.Files(
              spec.files().stream().map(ImagePlanner::file).toList(), config(spec.config())));
    }
    return new ImageAction.Refuse(
        "NoSource",
        "give spec one of reference, imageID, manifestDigest, archive, rootfs, files, build,"
            + " commit");
  }

  /** Where its layers come from, for messages; empty when only the object's name says it. */
  static Optional<String> subject(ImageSpec spec) {
    ImageSpec.Archive archive = spec.archive();
    return archive == null
        ? Optional.ofNullable(spec.reference())
        : Optional.of("archive " + archive.path());
  }

  /** The Secrets whose credentials it is pulled with. */
  static List<String> secrets(ImageSpec spec) {
    return Objects.requireNonNullElse(spec.imagePullSecrets(), List.<LocalObjectReference>of())
        .stream()
        .map(LocalObjectReference::getName)
        .toList();
  }

  private static ImageAction local(
      String path, java.util.function.Function<Path, ImageSource> source) {
    Path p = Path.of(path);
    return p.isAbsolute()
        ? new ImageAction.Load(source.apply(p))
        : new ImageAction.Refuse("RelativePath", "\"" + path + "\" is not an absolute path");
  }

  private static ImageStore.FileEntry file(ImageSpec.FileEntry f) {
    if (f.hostPath() != null) {
      return new ImageStore.FileEntry.FromHost(f.path(), Path.of(f.hostPath()), f.mode());
    }
    if (f.content() != null) {
      return new ImageStore.FileEntry.Text(f.path(), f.content(), f.mode());
    }
    return f.link() != null
        ? new ImageStore.FileEntry.Link(f.path(), f.link())
        : new ImageStore.FileEntry.Directory(f.path(), f.mode());
  }

  /** What the spec itself says about running it; empty when only the image knows. */
  public static Optional<ImageStore.ImageConfig> knownConfig(ImageSpec spec) {
    return spec.files() != null || spec.rootfs() != null
        ? Optional.of(config(spec.config()))
        : Optional.empty();
  }

  private static ImageStore.ImageConfig config(ImageSpec.@Nullable Config c) {
    if (c == null) {
      return ImageStore.ImageConfig.EMPTY;
    }
    return new ImageStore.ImageConfig(
        Objects.requireNonNullElse(c.env(), List.of()),
        Objects.requireNonNullElse(c.entrypoint(), List.of()),
        Objects.requireNonNullElse(c.cmd(), List.of()),
        Objects.requireNonNullElse(c.user(), ""),
        Objects.requireNonNullElse(c.workingDir(), ""),
        Objects.requireNonNullElse(c.stopSignal(), ""),
        List.of(),
        List.of(),
        Map.of());
  }
}
