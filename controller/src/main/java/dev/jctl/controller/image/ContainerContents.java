package dev.jctl.controller.image;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.controller.build.ArchiveEntries;
import dev.jctl.controller.build.MountPoints;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.Resources;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.images.ImageBuild;
import dev.jctl.images.ImageStore;
import dev.jctl.images.ImageStore.Change;
import dev.jctl.images.ImageStore.StoredImage;
import dev.jctl.images.build.StagePlanner;
import dev.jctl.images.dockerfile.DockerfileException;
import dev.jctl.images.oci.ConfigDraft;
import dev.jctl.images.oci.Platform;
import dev.jctl.images.reference.Digest;
import dev.jctl.manifests.model.ImageSpec;
import dev.jctl.manifests.model.ResourceKind;
import dev.jctl.shim.ContainerChanges;
import dev.jctl.shim.ContainerRuntime;
import dev.jctl.shim.ContainerRuntime.Reading;
import dev.jctl.shim.spec.ContainerSpec;
import dev.jctl.shim.spec.Observed;
import java.io.Serial;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What containers have changed of their images: to be looked at, and as new images. */
public final class ContainerContents {
  /** There is no such container, or it cannot be made an image of as asked for. */
  public static final class Refused extends RuntimeException {
    @Serial private static final long serialVersionUID = 1L;

    private final String reason;

    Refused(String reason, String message) {
      super(message);
      this.reason = reason;
    }

    /** For a condition. */
    public String reason() {
      return reason;
    }
  }

  private record Found(ContainerSpec spec, StoredImage image) {}

  private final Resources resources;
  private final ContainerRuntime runtime;
  private final ImageStore images;

  public ContainerContents(Resources resources, ContainerRuntime runtime, ImageStore images) {
    this.resources = resources;
    this.runtime = runtime;
    this.images = images;
  }

  /**
   * A new image: the container's with one more layer, and its configuration with the changes. What
   * the Pod says about running it is the Pod's, and no part of it. It says no time, so that equal
   * changes give equal images.
   *
   * @throws Refused when there is none, or a change is no instruction for a configuration
   */
  StoredImage commit(String namespace, ImageSpec.Commit commit) {
    ObjectRef pod = new ObjectRef(ResourceKind.POD, namespace, commit.pod());
    Found found = find(pod, commit.container());
    StoredImage base = found.image();
    byte[] before = images.documents(base.imageId()).configuration();
    ConfigDraft config = changed(ConfigDraft.from("configuration of " + pod, before), commit);
    try (ImageBuild build = images.build(null)) {
      Optional<StoredImage.Layer> layer = layer(build, found, commit);
      List<StoredImage.Layer> layers = new ArrayList<>(base.layers());
      layer.ifPresent(layers::add);
      ConfigDraft.HistoryStep step =
          new ConfigDraft.HistoryStep(
              String.join(" ", found.spec().oci().process().args()),
              Objects.requireNonNullElse(commit.author(), ""),
              Objects.requireNonNullElse(commit.message(), "jctl commit"),
              layer.isEmpty());
      byte[] document =
          config
              .withStep(step, null)
              .document(
                  new Platform(base.os(), base.architecture(), ""),
                  layers.stream().map(l -> Digest.parse(l.diffId())).toList(),
                  null);
      return build.image(document, layers);
    }
  }

  private Optional<StoredImage.Layer> layer(
      ImageBuild build, Found found, ImageSpec.Commit commit) {
    Reading reading = Boolean.FALSE.equals(commit.pause()) ? Reading.AS_IT_IS : Reading.FROZEN;
    try (ContainerChanges changes = runtime.changes(found.spec().id(), reading)) {
      return build.changes(
          "commit of pod " + commit.pod(),
          found.image().layers(),
          new ArchiveEntries(changes),
          MountPoints.of(found.spec()));
    }
  }

  private static ConfigDraft changed(ConfigDraft config, ImageSpec.Commit commit) {
    try {
      return StagePlanner.changed(
          config, Objects.requireNonNullElse(commit.changes(), List.<String>of()));
    } catch (DockerfileException e) {
      throw new Refused("BadChange", String.valueOf(e.getMessage()));
    }
  }

  /**
   * @param container null for the only one
   * @throws Refused when there is none
   */
  public List<Change> changes(ObjectRef pod, @Nullable String container) {
    Found found = find(pod, container);
    try (ContainerChanges changes = runtime.changes(found.spec().id(), Reading.NAMES)) {
      return images.changes(
          found.image().layers(), new ArchiveEntries(changes), MountPoints.of(found.spec()));
    }
  }

  private Found find(ObjectRef ref, @Nullable String container) {
    StoredObject pod =
        resources.find(ref).orElseThrow(() -> new Refused("NoContainer", "there is no " + ref));
    JsonNode status = status(pod, container);
    String id = status.path("containerID").asText("");
    Observed.Container seen =
        runtime
            .container(id.substring(id.indexOf("://") < 0 ? 0 : id.indexOf("://") + 3))
            .orElseThrow(() -> none(ref, status, "is not there yet, or has been removed"));
    StoredImage image =
        images
            .find(status.path("imageID").asText(""))
            .orElseThrow(() -> none(ref, status, "has an image that is not here"));
    return new Found(seen.spec(), image);
  }

  private static JsonNode status(StoredObject pod, @Nullable String container) {
    List<JsonNode> all = new ArrayList<>();
    pod.tree().at("/status/containerStatuses").forEach(all::add);
    if (container == null && all.size() == 1) {
      return all.getFirst();
    }
    pod.tree().at("/status/initContainerStatuses").forEach(all::add);
    List<String> names = all.stream().map(status -> status.path("name").asText()).toList();
    return all.stream()
        .filter(status -> status.path("name").asText().equals(container))
        .findFirst()
        .orElseThrow(
            () ->
                new Refused(
                    "NoContainer",
                    container == null
                        ? "say which container of %s: it has %s".formatted(pod.ref(), names)
                        : "%s has no container %s, but %s".formatted(pod.ref(), container, names)));
  }

  private static Refused none(ObjectRef pod, JsonNode status, String why) {
    return new Refused(
        "NoContainer", "container %s of %s %s".formatted(status.path("name").asText(), pod, why));
  }
}
