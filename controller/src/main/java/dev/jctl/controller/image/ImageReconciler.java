package dev.jctl.controller.image;

import dev.jctl.controller.build.Builds;
import dev.jctl.controller.event.EventRecorder;
import dev.jctl.controller.queue.Dependents;
import dev.jctl.controller.queue.Loops;
import dev.jctl.controller.queue.Outcome;
import dev.jctl.controller.queue.Reconciler;
import dev.jctl.controller.queue.TagLookups;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.Resources;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.controller.status.Conditions;
import dev.jctl.controller.status.Finalizers;
import dev.jctl.controller.status.ObjectWriter;
import dev.jctl.controller.watch.ResourceCache;
import dev.jctl.images.ImageException;
import dev.jctl.images.ImageStore;
import dev.jctl.images.ImageStore.ImageSource;
import dev.jctl.images.LayerArchive;
import dev.jctl.images.reference.Digest;
import dev.jctl.images.reference.ImageReference;
import dev.jctl.manifests.model.ImageBuildSpec;
import dev.jctl.manifests.model.ImagePolicySpec;
import dev.jctl.manifests.model.ImageStatus;
import dev.jctl.manifests.model.Resource;
import dev.jctl.manifests.model.ResourceKind;
import dev.jctl.shim.ContainerRuntime;
import dev.jctl.shim.RuntimeFailure;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Brings the content of every Image object into the store and its layers to the runtime. */
public final class ImageReconciler implements Reconciler {
  /** What cannot be had is given up in its time, however often it was tried. */
  private static final Duration WHILE_OPEN = Duration.ofSeconds(10);

  private static final Duration PROGRESS_INTERVAL = Duration.ofMillis(500);

  private final Resources resources;
  private final ResourceCache cache;
  private final ContainerRuntime runtime;
  private final ImageStore images;
  private final ImageGarbage garbage;
  private final PullSecrets secrets;
  private final ImageFollower follower;
  private final Builds builds;
  private final ContainerContents containers;
  private final Loops loops;
  private final TagLookups lookups;
  private final Dependents dependents;
  private final EventRecorder events;
  private final InstantSource clock;
  private final ObjectWriter writer;

  public ImageReconciler(
      Resources resources,
      ResourceCache cache,
      ContainerRuntime runtime,
      ImageStore images,
      ImageGarbage garbage,
      PullSecrets secrets,
      Builds builds,
      ContainerContents containers,
      Loops loops,
      TagLookups lookups,
      Dependents dependents,
      EventRecorder events,
      InstantSource clock) {
    this.resources = resources;
    this.cache = cache;
    this.runtime = runtime;
    this.images = images;
    this.garbage = garbage;
    this.secrets = secrets;
    this.follower = new ImageFollower(cache, images, secrets, events);
    this.builds = builds;
    this.containers = containers;
    this.loops = loops;
    this.lookups = lookups;
    this.dependents = dependents;
    this.events = events;
    this.clock = clock;
    this.writer = new ObjectWriter(resources);
  }

  @Override
  public Outcome reconcile(ObjectRef ref) {
    Optional<StoredObject> found = resources.find(ref);
    if (found.isEmpty()) {
      dependents.remove(ref);
      return Outcome.DONE;
    }
    StoredObject object = writer.withFinalizer(found.get(), Finalizers.IMAGE);
    Resource.Image stored = object.as(Resource.Image.class);
    dependents.set(ref, secretRefs(ref, stored));
    Resource.Image image =
        object.isDeleting() ? stored : follower.look(object, stored, clock.instant());
    OptionalLong lookup = lookups.open(ref);
    ImageAction action =
        ImagePlanner.plan(
            new ImagePlanner.Input(
                image, object.isDeleting(), stored(image), runtime.layers(), lookup.isPresent()));
    try {
      Outcome outcome = carryOut(object, image, action);
      lookup.ifPresent(number -> answer(ref, number));
      return untilNext(image, outcome);
    } catch (ImageException e) {
      String reason = ImageStatusView.reason(e.reason());
      String message = String.valueOf(e.getMessage());
      return lookup.isPresent() && stored(image).isPresent() && ImagePlanner.isCurrent(image)
          ? notLookedUp(object, image, reason, message)
          : failed(object, image, reason, message);
    } catch (ContainerContents.Refused e) {
      return failed(object, image, e.reason(), String.valueOf(e.getMessage()));
    } catch (RuntimeFailure e) {
      return failed(object, image, unpackReason(e), String.valueOf(e.getMessage()));
    }
  }

  /** It is looked at again when one of them changes. */
  private static Set<ObjectRef> secretRefs(ObjectRef ref, Resource.Image image) {
    return ImagePlanner.secrets(image.spec()).stream()
        .map(name -> PullSecrets.ref(ref.namespace(), name))
        .collect(Collectors.toSet());
  }

  private static String unpackReason(RuntimeFailure e) {
    return switch (e.reason()) {
      case BAD_LAYER -> "HostileLayer";
      case NO_SPACE -> "NoSpace";
      default -> "UnpackFailed";
    };
  }

  private Optional<ImageStore.StoredImage> stored(Resource.Image image) {
    ImageStatus status = image.status();
    return status == null || status.imageID() == null
        ? Optional.empty()
        : images.find(status.imageID());
  }

  private Outcome carryOut(StoredObject object, Resource.Image image, ImageAction action) {
    switch (action) {
      case ImageAction.Keep keep -> ready(object, image, keep.image());
      case ImageAction.Unpack unpack ->
          garbage.whileLoading(
              () -> {
                unpack(image, unpack.image());
                ready(object, image, unpack.image());
              });
      case ImageAction.Pull pull ->
          load(
              object,
              image,
              new ImageSource.Reference(
                  pull.reference(), secrets.keyring(object.ref().namespace(), pull.secrets())));
      case ImageAction.Build build -> {
        return build(object, image, build.spec());
      }
      case ImageAction.Commit commit ->
          bring(object, image, () -> containers.commit(object.ref().namespace(), commit.spec()));
      case ImageAction.Load load -> load(object, image, load.source());
      case ImageAction.LoadPushed pushed ->
          load(
              object,
              image,
              new ImageSource.Manifest(
                  pushed.manifest(),
                  name(object.ref(), pushed.reference()),
                  signatures(object.ref().namespace(), pushed)));
      case ImageAction.Refuse refuse -> {
        return failed(object, image, refuse.reason(), refuse.message());
      }
      case ImageAction.Release release -> {
        builds.remove(object.uid());
        writer.dropFinalizer(object, Finalizers.IMAGE);
        garbage.released(object);
      }
    }
    return Outcome.DONE;
  }

  /** What a policy says of it; one that only has an object's name is of no registry. */
  private static String name(ObjectRef ref, @Nullable String reference) {
    return Objects.requireNonNullElse(reference, "localhost/" + ref.namespace() + "/" + ref.name());
  }

  /** Those that were pushed under the tag that cosign gives them. */
  private List<String> signatures(String namespace, ImageAction.LoadPushed pushed) {
    if (pushed.reference() == null) {
      return List.of();
    }
    String tag =
        ImageReference.parse(pushed.reference()).name()
            + ":"
            + ImageReference.signatureTag(Digest.parse(pushed.manifest()));
    return cache.list(ResourceKind.IMAGE, namespace).stream()
        .map(other -> other.tree().path("spec"))
        .filter(spec -> spec.hasNonNull("manifestDigest"))
        .filter(spec -> isNamed(spec.path("reference").asText(), tag))
        .map(spec -> spec.path("manifestDigest").asText())
        .toList();
  }

  private static boolean isNamed(String reference, String whole) {
    try {
      return ImageReference.parse(reference).toString().equals(whole);
    } catch (ImageException e) {
      return false;
    }
  }

  private void load(StoredObject object, Resource.Image image, ImageSource source) {
    bring(object, image, () -> images.load(source, progress(object, image)));
  }

  private void bring(
      StoredObject object, Resource.Image image, Supplier<ImageStore.StoredImage> make) {
    garbage.whileLoading(
        () -> {
          ImageStore.StoredImage stored = make.get();
          garbage.loaded(object, stored.imageId());
          unpack(image, stored);
          ready(object, image, stored);
          events.normal(object, "Ready", "Image " + stored.imageId() + " is ready");
        });
  }

  /** It goes on by itself; each of its steps brings the object here again. */
  private Outcome build(StoredObject object, Resource.Image image, ImageBuildSpec spec) {
    String revision = image.metadata().getGeneration() + " " + ImagePlanner.pullRequest(image);
    Builds.State state =
        builds.state(
            new Builds.Request(
                object,
                revision,
                spec,
                ImagePlanner.secrets(image.spec()),
                () -> loops.enqueue(object.ref())));
    ImageStatusView view = new ImageStatusView(image, clock.instant());
    switch (state) {
      case Builds.State.Running running -> writer.status(object, view.building(running.progress()));
      case Builds.State.Done done -> {
        garbage.loaded(object, done.image().imageId());
        unpack(image, done.image());
        ready(object, image, done.image());
        garbage.release(done.image());
        builds.forget(object.uid());
        events.normal(object, "Ready", "Image " + done.image().imageId() + " is built");
      }
      case Builds.State.Failed failed when failed.mayPass() -> {
        builds.forget(object.uid());
        return failed(object, image, failed.reason(), failed.message());
      }
      case Builds.State.Failed failed -> {
        ImageStatus before = image.status();
        boolean said =
            before != null
                && "Failed".equals(before.phase())
                && Conditions.message(before.conditions(), "Ready").equals(failed.message());
        return said ? Outcome.DONE : failedForGood(object, view, failed);
      }
    }
    return Outcome.DONE;
  }

  /** The same would come of it again: it waits for another spec, or to be asked again. */
  private Outcome failedForGood(
      StoredObject object, ImageStatusView view, Builds.State.Failed failed) {
    writer.status(object, view.failed(failed.reason(), failed.message()));
    events.warning(object, failed.reason(), failed.message());
    return Outcome.DONE;
  }

  private void ready(StoredObject object, Resource.Image image, ImageStore.StoredImage stored) {
    writer.status(object, new ImageStatusView(image, clock.instant()).ready(stored));
  }

  /** One that follows a policy is looked at again by itself. */
  private Outcome untilNext(Resource.Image image, Outcome outcome) {
    ImagePolicySpec policy = image.spec().policy();
    return policy == null || !outcome.equals(Outcome.DONE)
        ? outcome
        : ImagePlanner.followed(image)
            .map(f -> Outcome.again(ImagePolicyPlanner.patience(policy, f, clock.instant())))
            .orElse(outcome);
  }

  /** As the status that was just written says; while it is not here, nothing is answered. */
  private void answer(ObjectRef ref, long number) {
    resources
        .find(ref)
        .flatMap(object -> object.status(ImageStatus.class))
        .filter(status -> "Ready".equals(status.phase()))
        .map(ImageStatus::imageID)
        .ifPresent(imageId -> lookups.answer(ref, number, imageId));
  }

  /** What runs and who needs no lookup goes on with what is here. */
  private Outcome notLookedUp(
      StoredObject object, Resource.Image image, String reason, String message) {
    writer.status(
        object,
        new ImageStatusView(image, clock.instant())
            .notLookedUp(stored(image).orElseThrow(), reason, message));
    events.warning(object, reason, message);
    return new Outcome.Retry();
  }

  private Outcome failed(StoredObject object, Resource.Image image, String reason, String message) {
    writer.status(object, new ImageStatusView(image, clock.instant()).failed(reason, message));
    events.warning(object, reason, message);
    return ImagePlanner.followed(image).map(ImagePolicyPlanner::isOpen).orElse(false)
        ? Outcome.again(WHILE_OPEN)
        : new Outcome.Retry();
  }

  private Consumer<ImageStore.TransferProgress> progress(
      StoredObject object, Resource.Image image) {
    AtomicReference<Instant> due = new AtomicReference<>(clock.instant().plus(PROGRESS_INTERVAL));
    return progress -> {
      Instant now = clock.instant();
      Instant planned = due.get();
      // Of the threads that come here at the same time one writes.
      if (!now.isBefore(planned) && due.compareAndSet(planned, now.plus(PROGRESS_INTERVAL))) {
        writer.status(object, new ImageStatusView(image, now).pulling(progress));
      }
    };
  }

  /** Its failures say whose layers these are, which nobody knows further down. */
  private void unpack(Resource.Image image, ImageStore.StoredImage stored) {
    String subject = ImagePlanner.subject(image.spec()).map(name -> name + ": ").orElse("");
    try {
      unpack(runtime, images, stored);
    } catch (ImageException e) {
      throw new ImageException(e.reason(), subject + e.getMessage(), e);
    } catch (RuntimeFailure e) {
      throw new RuntimeFailure(e.reason(), subject + e.getMessage(), e);
    }
  }

  /**
   * Brings its layers to the runtime.
   *
   * @throws ImageException of an archive that is damaged or hostile; names layer and entry
   * @throws RuntimeFailure of the runtime; names the layer
   */
  public static void unpack(
      ContainerRuntime runtime, ImageStore images, ImageStore.StoredImage image) {
    Set<String> present = runtime.layers();
    for (ImageStore.StoredImage.Layer layer : image.layers()) {
      String id = ImagePlanner.layerId(layer);
      if (!present.contains(id)) {
        try (LayerArchive archive = images.openLayer(layer)) {
          runtime.unpackLayer(id, new LayerEntries(archive));
        } catch (ImageException e) {
          throw images.unreadable(layer, e);
        } catch (RuntimeFailure e) {
          throw new RuntimeFailure(
              e.reason(), "layer " + layer.digest() + ": " + e.getMessage(), e);
        }
      }
    }
  }
}
