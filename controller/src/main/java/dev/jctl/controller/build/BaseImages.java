package dev.jctl.controller.build;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.controller.status.Conditions;
import dev.jctl.controller.status.ObjectWriter;
import dev.jctl.controller.watch.ResourceCache;
import dev.jctl.images.ImageStore;
import dev.jctl.images.ImageStore.StoredImage;
import dev.jctl.images.dockerfile.Position;
import dev.jctl.manifests.model.ImageNames;
import dev.jctl.manifests.model.ImageStatus;
import dev.jctl.manifests.model.ResourceKind;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;

/**
 * The images that a build names. As in a Container a plain word is an Image of the namespace;
 * anything else is a reference, for which an Image is made that belongs to the one that is built.
 */
final class BaseImages {
  private static final Duration LOOK = Duration.ofSeconds(1);

  private final ResourceCache cache;
  private final ObjectChanges changes;
  private final ObjectWriter writer;
  private final ImageStore images;
  private final Semaphore slots;

  /**
   * @param slots of builds: one is given back while a build waits, as what it waits for may be
   *     built, too
   */
  BaseImages(
      ResourceCache cache,
      ObjectChanges changes,
      ObjectWriter writer,
      ImageStore images,
      Semaphore slots) {
    this.cache = cache;
    this.changes = changes;
    this.writer = writer;
    this.images = images;
    this.slots = slots;
  }

  /**
   * Waits until it is here.
   *
   * @param secrets names of Secrets that it may be pulled with
   * @throws BuildFailure saying why it cannot be had
   */
  StoredImage await(Position at, String name, BuildTarget target, List<String> secrets)
      throws InterruptedException {
    ObjectRef ref = find(name, target, secrets);
    Optional<StoredImage> here = ready(at, name, ref, target, cache.find(ref));
    if (here.isPresent()) {
      return here.get();
    }
    slots.release();
    try {
      return changes.await(ref, found -> ready(at, name, ref, target, found), LOOK, () -> {});
    } finally {
      slots.acquireUninterruptibly();
    }
  }

  private ObjectRef find(String name, BuildTarget target, List<String> secrets) {
    String namespace = target.ref().namespace();
    ObjectRef named = new ObjectRef(ResourceKind.IMAGE, namespace, name);
    if (!ImageNames.isReference(name) && cache.find(named).isPresent()) {
      return named;
    }
    Optional<ObjectRef> same =
        cache.list(ResourceKind.IMAGE, namespace).stream()
            .filter(image -> name.equals(image.tree().at("/spec/reference").textValue()))
            .map(StoredObject::ref)
            .findFirst();
    if (same.isPresent()) {
      return same.get();
    }
    ObjectRef made = new ObjectRef(ResourceKind.IMAGE, namespace, ImageNames.of(name, secrets));
    var _ = writer.create(made, tree(made, name, target, secrets));
    return made;
  }

  private static ObjectNode tree(
      ObjectRef ref, String reference, BuildTarget target, List<String> secrets) {
    ObjectNode tree = JsonNodeFactory.instance.objectNode();
    tree.put("apiVersion", ref.kind().apiVersion()).put("kind", ref.kind().kind());
    ObjectNode metadata = tree.putObject("metadata");
    metadata.put("name", ref.name()).put("namespace", ref.namespace());
    metadata.putArray("ownerReferences").add(RunPods.owner(target.ref(), target.uid()));
    ObjectNode spec = tree.putObject("spec").put("reference", reference);
    if (!secrets.isEmpty()) {
      ArrayNode list = spec.putArray("imagePullSecrets");
      secrets.forEach(secret -> list.addObject().put("name", secret));
    }
    return tree;
  }

  private Optional<StoredImage> ready(
      Position at, String name, ObjectRef ref, BuildTarget target, Optional<StoredObject> found) {
    if (found.isPresent() && found.get().uid().equals(target.uid())) {
      throw new BuildFailure(
          "BuildFailed", at + ": FROM " + name + ": an image is not made of itself");
    }
    ImageStatus status = found.flatMap(object -> object.status(ImageStatus.class)).orElse(null);
    if (status == null || status.phase() == null) {
      return Optional.empty();
    }
    if (status.phase().equals("Failed")) {
      throw new BuildFailure(
          BuildFailure.BASE_IMAGE,
          at + ": Image " + ref.name() + ": " + Conditions.message(status.conditions(), "Ready"));
    }
    return status.phase().equals("Ready") && status.imageID() != null
        ? images.find(status.imageID())
        : Optional.empty();
  }
}
