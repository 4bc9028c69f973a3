package dev.jctl.controller.image;

import dev.jctl.images.ImageStore;

/** What is to be done about one image. */
sealed interface ImageAction {
  /** Whole and unpacked. */
  record Keep(ImageStore.StoredImage image) implements ImageAction {}

  /** Whole in the store; some layers are not unpacked. */
  record Unpack(ImageStore.StoredImage image) implements ImageAction {}

  record Load(ImageStore.ImageSource source) implements ImageAction {}

  /** It cannot be had as asked for. */
  record Refuse(String reason, String message) implements ImageAction {}

  /** Let the object go; its content goes when no container uses it. */
  record Release() implements ImageAction {}
}
