package dev.jctl.controller.pod;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.pod.Resolution.Waiting;
import dev.jctl.controller.queue.MountedImages;
import dev.jctl.controller.queue.MountedImages.Mounted;
import dev.jctl.controller.queue.TagLookups;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.OwnerReferences;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.controller.status.Conditions;
import dev.jctl.controller.status.ObjectWriter;
import dev.jctl.images.ImageStore.StoredImage;
import dev.jctl.manifests.model.Annotations;
import dev.jctl.manifests.model.ImageNames;
import dev.jctl.manifests.model.ImageSpec;
import dev.jctl.manifests.model.ImageStatus;
import dev.jctl.manifests.model.Resource;
import dev.jctl.manifests.model.ResourceKind;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.LocalObjectReference;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The images of a Pod's containers and volumes: those of references are made as Images, tags are
 * looked up again where that is asked for.
 */
final class ImageLookup {
  private static final String ALWAYS = "Always";

  /**
   * An image that is asked for.
   *
   * @param container that runs it; of what a volume is to show no name that a container may have
   * @param restarts when that container is started again
   */
  record Use(String container, String image, @Nullable String pullPolicy, RestartPolicy restarts) {
    private static final String VOLUMES = "volumes/";

    static Use of(Container c, RestartPolicy restarts) {
      return new Use(c.getName(), c.getImage(), c.getImagePullPolicy(), restarts);
    }

    static Use byVolume(String volume, String image, @Nullable String pullPolicy) {
      return new Use(VOLUMES + volume, image, pullPolicy, RestartPolicy.NEVER);
    }

    Optional<String> volume() {
      return container.startsWith(VOLUMES)
          ? Optional.of(container.substring(VOLUMES.length()))
          : Optional.empty();
    }

    boolean isAlways(ImageSpec named) {
      return ALWAYS.equals(pullPolicy)
          || (!ImageNames.isReference(image) && ALWAYS.equals(named.pullPolicy()));
    }

    boolean isDue(Attempt attempt, Instant now) {
      return attempt
          .exit()
          .filter(exit -> restarts.restartsAfter(exit.exitCode()))
          .filter(exit -> !RestartBackoff.due(attempt, exit).isAfter(now))
          .isPresent();
    }
  }

  private final PodLookup lookup;
  private final StoredImages images;
  private final TagLookups lookups;
  private final ObjectWriter writer;
  private final Instant now;
  private final MountedImages noted;
  private final Map<String, String> revisions = new HashMap<>();
  private final Map<String, Waiting> lookedUp = new HashMap<>();
  private final Map<String, Mounted> mounted = new HashMap<>();

  ImageLookup(
      PodLookup lookup, StoredImages images, TagLookups lookups, ObjectWriter writer, Instant now) {
    this.lookup = lookup;
    this.images = images;
    this.lookups = lookups;
    this.writer = writer;
    this.now = now;
    this.noted = MountedImages.of(lookup.object().tree());
  }

  /** What the owners of the Images say of them, by container. */
  Map<String, String> revisions() {
    return revisions;
  }

  /** Containers whose tags are being looked up, while they go on as they are. */
  Map<String, Waiting> lookedUp() {
    return lookedUp;
  }

  /** What volumes show, to be noted. */
  MountedImages mounted() {
    return new MountedImages(mounted);
  }

  /** Empty while it is waited for. */
  Optional<StoredImage> find(Use use) {
    ObjectRef named = lookup.ref(ResourceKind.IMAGE, use.image());
    Optional<StoredObject> found = lookup.find(named);
    if (found.isEmpty() && ImageNames.isReference(use.image())) {
      return ownedImage(use);
    }
    if (found.isEmpty()) {
      return inUse(
          use,
          "Image "
              + use.image()
              + " does not exist in namespace "
              + lookup.object().ref().namespace()
              + "; create it, or write a reference with a registry or tag");
    }
    return ready(use, found.get());
  }

  private Optional<StoredImage> ownedImage(Use use) {
    ObjectRef ref = lookup.ref(ResourceKind.IMAGE, ImageNames.of(use.image(), pullSecrets()));
    Optional<StoredObject> found = lookup.find(ref);
    if (found.isEmpty()) {
      if (ALWAYS.equals(use.pullPolicy())) {
        // its first pull is the answer
        ask(use, ref);
      }
      writer.create(
          ref,
          OwnedImages.tree(ref, use.image(), use.pullPolicy(), pullSecrets(), lookup.object()));
      return inUse(use, "Image " + use.image() + " is going to be pulled");
    }
    own(found.get());
    return ready(use, found.get());
  }

  private List<String> pullSecrets() {
    return Objects.requireNonNullElse(
            lookup.pod().spec().getImagePullSecrets(), List.<LocalObjectReference>of())
        .stream()
        .map(LocalObjectReference::getName)
        .toList();
  }

  private void own(StoredObject image) {
    ObjectNode owner = OwnedImages.owner(lookup.object());
    String uid = owner.path("uid").asText();
    if (OwnedImages.isOwnedByAny(image.tree())
        && !OwnerReferences.include(image.tree(), uid)
        && !image.isDeleting()) {
      writer.update(
          image,
          tree -> {
            if (!OwnerReferences.include(tree, uid)) {
              tree.withObject("/metadata").withArray("ownerReferences").add(owner);
            }
          });
    }
  }

  /** A tag is looked up again at each start, and what runs goes on as it is. */
  private Optional<StoredImage> ready(Use use, StoredObject image) {
    Resource.Image named = image.as(Resource.Image.class);
    String revision = revision(named);
    revisions.put(use.container(), revision);
    if (!use.isAlways(named.spec()) || image.isDeleting()) {
      return stored(use, image);
    }
    if (use.volume().isPresent()) {
      return mounted(use.volume().get(), use, image, revision);
    }
    Optional<Attempt> before = before(use);
    boolean starts = before.map(attempt -> use.isDue(attempt, now)).orElse(true);
    return starts
        ? lookedUp(use, image)
        : before
            .filter(attempt -> attempt.label(PodNames.IMAGE_REVISION).equals(revision))
            .flatMap(attempt -> images.find(attempt.label(PodNames.IMAGE_ID)))
            .or(() -> stored(use, image));
  }

  /** As a Pod is started, not each of its containers: all of them see the same. */
  private Optional<StoredImage> mounted(
      String volume, Use use, StoredObject image, String revision) {
    Mounted before = lookup.existing().isEmpty() ? null : noted.byVolume().get(volume);
    Optional<StoredImage> found =
        before == null
            ? lookedUp(use, image)
            : Optional.of(before)
                .filter(mounted -> mounted.revision().equals(revision))
                .flatMap(mounted -> images.find(mounted.imageId()))
                .or(() -> stored(use, image));
    found
        .map(
            now ->
                before != null && before.imageId().equals(now.imageId())
                    ? before
                    : new Mounted(now.imageId(), revision))
        .ifPresent(now -> mounted.put(volume, now));
    return found;
  }

  /** What its owner says of it: another spec, or another request to bring it in anew. */
  private static String revision(Resource.Image image) {
    Map<String, String> annotations = image.metadata().getAnnotations();
    String asked = annotations == null ? "" : annotations.getOrDefault(Annotations.PULL, "");
    return image.metadata().getGeneration() + " " + asked;
  }

  private Optional<StoredImage> lookedUp(Use use, StoredObject image) {
    Optional<String> answer = ask(use, image.ref());
    if (answer.isPresent()) {
      return images.find(answer.get()).or(() -> stored(use, image));
    }
    Waiting why = new Waiting("AwaitingImage", "Asks what " + use.image() + " is" + why(image));
    Optional<StoredImage> before = inUse(use);
    if (before.isPresent()) {
      lookedUp.put(use.container(), why);
    } else {
      lookup.await(why);
    }
    return before;
  }

  private Optional<String> ask(Use use, ObjectRef image) {
    Attempt before = lookup.existing().get(use.container());
    return lookups.ask(
        image,
        new TagLookups.Asker(lookup.object().ref(), use.container()),
        lookup.object().uid() + " " + (before == null ? "" : before.id()));
  }

  private static String why(StoredObject image) {
    return image
        .status(ImageStatus.class)
        .map(
            status ->
                Conditions.message(
                    status.conditions(), "Ready".equals(status.phase()) ? "UpToDate" : "Ready"))
        .filter(message -> !message.isEmpty())
        .map(message -> ": " + message)
        .orElse("");
  }

  private Optional<StoredImage> stored(Use use, StoredObject image) {
    ImageStatus status = image.status(ImageStatus.class).orElse(null);
    String imageId = status == null ? null : status.imageID();
    boolean ready = status != null && "Ready".equals(status.phase()) && !image.isDeleting();
    if (ready && imageId != null) {
      Optional<StoredImage> stored = images.find(imageId);
      if (stored.isPresent()) {
        return stored;
      }
    }
    return inUse(
        use,
        "Waits for Image "
            + image.ref().name()
            + PodLookup.detail(status == null ? null : status.conditions()));
  }

  private Optional<Attempt> before(Use use) {
    return Optional.ofNullable(lookup.existing().get(use.container()))
        .filter(
            attempt ->
                attempt.label(PodNames.IMAGE).isEmpty()
                    || attempt.label(PodNames.IMAGE).equals(use.image()));
  }

  /** The image that the container was made of before, if there is one. */
  private Optional<StoredImage> inUse(Use use) {
    return before(use).flatMap(attempt -> images.find(attempt.label(PodNames.IMAGE_ID)));
  }

  private Optional<StoredImage> inUse(Use use, String otherwise) {
    Optional<StoredImage> stored = inUse(use);
    if (stored.isEmpty()) {
      lookup.await("AwaitingImage", otherwise);
    }
    return stored;
  }
}
