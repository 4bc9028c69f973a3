package dev.jctl.images.oci;

import dev.jctl.images.reference.Digest;
import java.util.Map;

/**
 * A blob that another document names. OCI image spec, descriptor.md.
 *
 * @param size in bytes
 */
public record Descriptor(
    String mediaType,
    Digest digest,
    long size,
    Platform platform,
    Map<String, String> annotations) {
  public Descriptor {
    annotations = Map.copyOf(annotations);
  }

  public Descriptor(String mediaType, Digest digest, long size) {
    this(mediaType, digest, size, Platform.UNSAID, Map.of());
  }

  static Descriptor read(JsonCursor at) {
    return new Descriptor(
        at.text("mediaType"),
        at.required("digest").digest(),
        at.required("size").size(),
        at.field("platform").map(Platform::read).orElse(Platform.UNSAID),
        at.textMap("annotations"));
  }
}
