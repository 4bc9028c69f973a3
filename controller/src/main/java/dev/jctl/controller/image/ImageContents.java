package dev.jctl.controller.image;

import dev.jctl.controller.resources.ApiException;
import dev.jctl.controller.resources.ApiException.Reason;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.Resources;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.controller.status.Conditions;
import dev.jctl.controller.watch.ResourceCache;
import dev.jctl.images.ImageException;
import dev.jctl.images.ImageStore;
import dev.jctl.images.ImageStore.ArchivedImage;
import dev.jctl.images.ImageStore.ImageDocuments;
import dev.jctl.images.ImageStore.PushTarget;
import dev.jctl.images.ImageStore.PushedImage;
import dev.jctl.images.ImageStore.StorageUse;
import dev.jctl.images.ImageStore.TransferProgress;
import dev.jctl.images.ServedContent;
import dev.jctl.manifests.model.ImageStatus;
import dev.jctl.shim.ContainerRuntime;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What can be asked of an Image beside its object: its documents, an archive, a push. */
public final class ImageContents {
  private final Resources resources;
  private final ImageStore images;
  private final PullSecrets secrets;
  private final Runnable collect;

  /**
   * @param collect removes what nothing reaches any more
   */
  public ImageContents(
      Resources resources, ImageStore images, PullSecrets secrets, Runnable collect) {
    this.resources = resources;
    this.images = images;
    this.secrets = secrets;
    this.collect = collect;
  }

  /** An Image whose content is here, as it was when it was asked for. */
  public final class Ready {
    private final StoredObject object;
    private final String imageId;

    private Ready(StoredObject object, String imageId) {
      this.object = object;
      this.imageId = imageId;
    }

    public ImageDocuments documents() {
      return refusing(() -> images.documents(imageId));
    }

    /** Its own reference when it has one; null for none. */
    public @Nullable String reference() {
      return object.tree().path("spec").path("reference").textValue();
    }

    /**
     * @param reference the archive's name for it
     */
    public void save(@Nullable String reference, OutputStream out) throws IOException {
      try {
        images.save(imageId, reference, out);
      } catch (ImageException e) {
        throw refusal(e);
      }
    }

    /** What it was chosen from: an index, or its own manifest; null when that is not known. */
    private @Nullable String index() {
      String pushed = object.tree().at("/spec/manifestDigest").textValue();
      String pulled = object.tree().at("/status/repoDigest").asText("");
      if (pushed != null || pulled.isEmpty()) {
        return pushed;
      }
      return pulled.substring(pulled.indexOf('@') + 1);
    }

    /**
     * @param secretNames Secrets of its namespace with the registry's credentials
     * @throws ApiException saying what the registry did not take
     */
    public PushedImage push(
        String reference, List<String> secretNames, Consumer<TransferProgress> progress) {
      PushTarget target =
          new PushTarget(
              reference, secrets.keyring(object.ref().namespace(), secretNames), index());
      return refusing(() -> images.push(imageId, target, progress));
    }
  }

  /**
   * @throws ApiException 404, or 409 while its content is not here
   */
  public Ready ready(ObjectRef ref) {
    StoredObject object = resources.get(ref);
    ImageStatus status = object.status(ImageStatus.class).orElse(null);
    String imageId = status == null ? null : status.imageID();
    if (imageId == null || images.find(imageId).isEmpty()) {
      String why = status == null ? "" : Conditions.message(status.conditions(), "Ready");
      throw new ApiException(
          Reason.CONFLICT,
          "image \"%s\" is not ready%s".formatted(ref.name(), why.isEmpty() ? "" : ": " + why),
          ref,
          List.of());
    }
    return new Ready(object, imageId);
  }

  /** Of the containers of that runtime. */
  public ContainerContents of(ContainerRuntime runtime) {
    return new ContainerContents(resources, runtime, images);
  }

  /** How much is taken by what objects of the cache name, and what by the rest. */
  public StorageUse use(ResourceCache cache) {
    return images.use(ImageGarbage.named(cache), ImageGarbage.manifests(cache));
  }

  /** Forgets what steps of builds made; its content goes at once, unless an image is on its way. */
  public void pruneBuildCache() {
    images.pruneBuildCache();
    collect.run();
  }

  /**
   * The images of an archive on this machine.
   *
   * @throws ApiException what is wrong with it
   */
  public List<ArchivedImage> archived(Path path) {
    return refusing(() -> images.archived(path));
  }

  /** All of it as a registry has it. */
  public ServedContent served() {
    return images.served();
  }

  private static <T> T refusing(Supplier<T> task) {
    try {
      return task.get();
    } catch (ImageException e) {
      throw refusal(e);
    }
  }

  private static ApiException refusal(ImageException e) {
    Reason reason =
        switch (e.reason()) {
          case NOT_FOUND -> Reason.NOT_FOUND;
          case INVALID_REFERENCE -> Reason.BAD_REQUEST;
          case UNAUTHORIZED, BLOCKED, UNTRUSTED -> Reason.FORBIDDEN;
          case DIGEST_MISMATCH, DAMAGED -> Reason.CONFLICT;
          case UNREACHABLE -> Reason.TIMEOUT;
          case CORRUPT,
              UNSUPPORTED,
              PLATFORM_MISMATCH,
              HOSTILE_LAYER,
              NO_SPACE,
              IO,
              BAD_CONFIGURATION ->
              Reason.INTERNAL_ERROR;
        };
    return new ApiException(reason, String.valueOf(e.getMessage()), null, List.of());
  }
}
