package dev.jctl.controller.image;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.controller.event.EventRecorder;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.controller.sets.Health;
import dev.jctl.controller.watch.ResourceCache;
import dev.jctl.images.ImageException;
import dev.jctl.images.ImageStore;
import dev.jctl.images.Keyring;
import dev.jctl.images.reference.ImageReference;
import dev.jctl.manifests.model.ImagePolicySpec;
import dev.jctl.manifests.model.ImageStatus;
import dev.jctl.manifests.model.ImageStatus.Followed;
import dev.jctl.manifests.model.Resource;
import dev.jctl.manifests.model.ResourceKind;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Brings what {@code spec.policy} says of an Image up to date. */
final class ImageFollower {
  private static final int MAX_NAMED = 5;

  private final ResourceCache cache;
  private final ImageStore images;
  private final PullSecrets secrets;
  private final EventRecorder events;

  ImageFollower(ResourceCache cache, ImageStore images, PullSecrets secrets, EventRecorder events) {
    this.cache = cache;
    this.images = images;
    this.secrets = secrets;
    this.events = events;
  }

  /** The Image with what is followed now in its status, which is not written yet. */
  Resource.Image look(StoredObject object, Resource.Image image, Instant now) {
    ImagePolicySpec policy = image.spec().policy();
    String reference = image.spec().reference();
    if (policy == null || reference == null) {
      return ImagePlanner.with(image, null);
    }
    Followed before = ImagePlanner.followed(image).orElse(ImagePolicyPlanner.NOTHING);
    Followed judged =
        ImagePolicyPlanner.judged(policy, before, problems(object.ref(), image, before), now);
    tell(object, before, judged);
    boolean due =
        !now.isBefore(ImagePolicyPlanner.due(policy, judged)) || !ImagePlanner.isOfThisSpec(image);
    Followed checked = due ? check(object, image, judged, now) : judged;
    Followed adopted = ImagePolicyPlanner.adopted(policy, checked, now);
    if (!Objects.equals(adopted.selected(), checked.selected())) {
      events.normal(object, "Selected", adopted.selected() + " is what the policy selects");
    }
    return ImagePlanner.with(image, adopted);
  }

  private void tell(StoredObject object, Followed before, Followed judged) {
    if (Objects.equals(before.result(), judged.result()) || judged.result() == null) {
      return;
    }
    switch (judged.result()) {
      case ImagePolicyPlanner.HEALTHY ->
          events.normal(object, "Healthy", judged.selected() + ": all that use it are ready");
      case ImagePolicyPlanner.RETURNED ->
          events.warning(
              object,
              "Returned",
              "%s was not ready in time (%s); %s is back"
                  .formatted(
                      before.selected(),
                      Objects.requireNonNull(judged.rejected()).getFirst().message(),
                      judged.selected()));
      default ->
          events.warning(
              object,
              "Unhealthy",
              before.selected() + " was not ready in time; there is none to go back to");
    }
  }

  private Followed check(StoredObject object, Resource.Image image, Followed before, Instant now) {
    try {
      String latest = latest(object.ref().namespace(), image);
      return ImagePolicyPlanner.checked(before, latest, now);
    } catch (ImageException e) {
      return ImagePolicyPlanner.unchecked(before, String.valueOf(e.getMessage()), now);
    }
  }

  private String latest(String namespace, Resource.Image image) {
    ImagePolicySpec policy = Objects.requireNonNull(image.spec().policy());
    ImageReference reference =
        ImageReference.parse(Objects.requireNonNull(image.spec().reference()));
    Keyring keyring = secrets.keyring(namespace, ImagePlanner.secrets(image.spec()));
    String tag =
        policy.semver() == null && policy.newest() == null
            ? Objects.requireNonNullElse(reference.tag(), "latest")
            : choose(policy, reference, keyring);
    String tagged = reference.name() + ":" + tag;
    return tagged + "@" + images.digest(tagged, keyring);
  }

  private String choose(ImagePolicySpec policy, ImageReference reference, Keyring keyring) {
    List<String> tags = images.tags(reference.name(), keyring);
    Optional<String> chosen =
        policy.semver() == null
            ? TagChoice.newest(Objects.requireNonNull(policy.newest()), tags)
            : TagChoice.highest(policy.semver(), tags);
    return chosen.orElseThrow(
        () ->
            new ImageException(
                ImageException.Reason.NOT_FOUND,
                "none of the %d tags of %s fits spec.policy"
                    .formatted(tags.size(), reference.name())));
  }

  /** What keeps those that use it from being ready with what is selected, in words. */
  private List<String> problems(ObjectRef ref, Resource.Image image, Followed followed) {
    ImageStatus status = image.status();
    if (status == null
        || status.imageID() == null
        || !"Ready".equals(status.phase())
        || !ImagePlanner.isSelected(status, followed)) {
      return List.of("the image is not here" + pulling(status));
    }
    String imageId = status.imageID();
    List<String> problems = new ArrayList<>();
    Stream.concat(
            cache.list(ResourceKind.CONTAINER, ref.namespace()).stream()
                .filter(o -> o.tree().at("/spec/image").asText().equals(ref.name())),
            cache.list(ResourceKind.POD, ref.namespace()).stream()
                .filter(pod -> uses(pod, ref.name())))
        .filter(o -> !o.isDeleting())
        .forEach(user -> problem(user, ref.name(), imageId).ifPresent(problems::add));
    return problems.subList(0, Math.min(problems.size(), MAX_NAMED));
  }

  private static String pulling(@Nullable ImageStatus status) {
    if (status == null || status.conditions() == null || status.conditions().isEmpty()) {
      return "";
    }
    return ": " + status.conditions().getFirst().getMessage();
  }

  private static boolean uses(StoredObject pod, String image) {
    return pod.tree()
        .at("/spec/containers")
        .valueStream()
        .anyMatch(c -> c.path("image").asText().equals(image));
  }

  private static Optional<String> problem(StoredObject user, String image, String imageId) {
    Health health = Health.of(user);
    if (!health.isReady()) {
      return Optional.of(user.ref() + ": " + health.reason() + ": " + health.message());
    }
    boolean old =
        user.ref().kind() == ResourceKind.POD
            && user.tree()
                .at("/spec/containers")
                .valueStream()
                .filter(c -> c.path("image").asText().equals(image))
                .anyMatch(c -> !runs(user.tree(), c.path("name").asText(), imageId));
    return old ? Optional.of(user.ref() + " does not run it yet") : Optional.empty();
  }

  private static boolean runs(JsonNode pod, String container, String imageId) {
    return pod.at("/status/containerStatuses")
        .valueStream()
        .anyMatch(
            c ->
                c.path("name").asText().equals(container)
                    && c.path("imageID").asText().equals(imageId));
  }
}
