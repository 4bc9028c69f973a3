package dev.jctl.controller.image;

import dev.jctl.images.ImageStore;
import dev.jctl.manifests.model.ImageBuildSpec;
import dev.jctl.manifests.model.ImageSpec;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is to be done about one image. */
sealed interface ImageAction {
  /** Whole and unpacked. */
  record Keep(ImageStore.StoredImage image) implements ImageAction {}

  /** Whole in the store; some layers are not unpacked. */
  record Unpack(ImageStore.StoredImage image) implements ImageAction {}

  /**
   * Fetch it from its registry.
   *
   * @param secrets names of Secrets with credentials
   */
  record Pull(String reference, List<String> secrets) implements ImageAction {
    public Pull {
      secrets = List.copyOf(secrets);
    }
  }

  /** Make it. */
  record Build(ImageBuildSpec spec) implements ImageAction {}

  /** Make it of a container. */
  record Commit(ImageSpec.Commit spec) implements ImageAction {}

  /** Read it from this machine. */
  record Load(ImageStore.ImageSource source) implements ImageAction {}

  /**
   * Use what was pushed to this instance.
   *
   * @param reference what containers call it, beside the Image's name
   */
  record LoadPushed(String manifest, @Nullable String reference) implements ImageAction {}

  /** It cannot be had as asked for. */
  record Refuse(String reason, String message) implements ImageAction {}

  /** Let the object go; its content goes when no container uses it. */
  record Release() implements ImageAction {}
}
