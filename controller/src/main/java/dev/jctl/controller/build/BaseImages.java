package dev.jctl.controller.build;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.queue.TagLookups;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.OwnerReferences;
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
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

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
  private final TagLookups lookups;
  private final Semaphore slots;

  /**
   * One that a build names.
   *
   * @param secrets names of Secrets that it may be pulled with
   * @param anew whether its registry is asked though it is here
   */
  record Wanted(Position at, String name, BuildTarget target, List<String> secrets, boolean anew) {}

  /**
   * @param slots of builds: one is given back while a build waits, as what it waits for may be
   *     built, too
   */
  BaseImages(
      ResourceCache cache,
      ObjectChanges changes,
      ObjectWriter writer,
      ImageStore images,
      TagLookups lookups,
      Semaphore slots) {
    this.cache = cache;
    this.changes = changes;
    this.writer = writer;
    this.images = images;
    this.lookups = lookups;
    this.slots = slots;
  }

  /**
   * Waits until it is here; of a registry that does not answer the log says so.
   *
   * @throws BuildFailure saying why it cannot be had
   */
  StoredImage await(Wanted wanted, BuildLog log) throws InterruptedException {
    ObjectRef ref = find(wanted.name(), wanted.target(), wanted.secrets());
    Optional<StoredImage> here = ready(wanted, ref, cache.find(ref));
    if (here.isPresent()) {
      return here.get();
    }
    slots.release();
    try {
      AtomicReference<String> said = new AtomicReference<>("");
      return changes.await(
          ref,
          found -> ready(wanted, ref, found),
          LOOK,
          () -> sayWhyNot(ref, said, line -> log.line(wanted.at() + ": " + line)));
    } finally {
      slots.acquireUninterruptibly();
    }
  }

  /** The build is over: it asks for nothing any more. */
  void forget(BuildTarget target) {
    lookups.forget(target.ref());
  }

  private void sayWhyNot(ObjectRef ref, AtomicReference<String> said, Consumer<String> log) {
    String why =
        cache
            .find(ref)
            .flatMap(image -> image.status(ImageStatus.class))
            .map(status -> Conditions.message(status.conditions(), "UpToDate"))
            .orElse("");
    if (!why.isEmpty() && !why.equals(said.getAndSet(why))) {
      log.accept("waits for Image " + ref.name() + ": " + why);
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
    metadata.putArray("ownerReferences").add(OwnerReferences.to(target.ref(), target.uid()));
    ObjectNode spec = tree.putObject("spec").put("reference", reference);
    if (!secrets.isEmpty()) {
      ArrayNode list = spec.putArray("imagePullSecrets");
      secrets.forEach(secret -> list.addObject().put("name", secret));
    }
    return tree;
  }

  private Optional<StoredImage> ready(Wanted wanted, ObjectRef ref, Optional<StoredObject> found) {
    String what = wanted.at() + ": ";
    if (found.isPresent() && found.get().uid().equals(wanted.target().uid())) {
      throw new BuildFailure(
          "BuildFailed", what + "FROM " + wanted.name() + ": an image is not made of itself");
    }
    ImageStatus status = found.flatMap(object -> object.status(ImageStatus.class)).orElse(null);
    if (status == null || status.phase() == null) {
      return Optional.empty();
    }
    if (status.phase().equals("Failed")) {
      throw new BuildFailure(
          BuildFailure.BASE_IMAGE,
          what + "Image " + ref.name() + ": " + Conditions.message(status.conditions(), "Ready"));
    }
    return status.phase().equals("Ready")
        ? imageId(wanted, ref, status).flatMap(images::find)
        : Optional.empty();
  }

  private Optional<String> imageId(Wanted wanted, ObjectRef ref, ImageStatus status) {
    BuildTarget target = wanted.target();
    return wanted.anew()
        ? lookups.ask(
            ref,
            new TagLookups.Asker(target.ref(), wanted.name()),
            target.uid() + " " + target.revision())
        : Optional.ofNullable(status.imageID());
  }
}
