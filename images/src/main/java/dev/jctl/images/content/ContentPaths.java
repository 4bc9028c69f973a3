package dev.jctl.images.content;

import dev.jctl.images.reference.Digest;
import java.nio.file.Path;

/** Where everything lies. The only place that knows the layout on disk. */
record ContentPaths(Path root) {
  private static final String ENTRY_SUFFIX = ".json";

  Path blobs() {
    return root.resolve("blobs").resolve("sha256");
  }

  Path blob(Digest digest) {
    return blobs().resolve(digest.hex());
  }

  /** Writing aside; of no value after a crash. */
  Path ingest() {
    return root.resolve("ingest");
  }

  Path images() {
    return root.resolve("images");
  }

  Path image(Digest imageId) {
    return images().resolve(imageId.hex() + ENTRY_SUFFIX);
  }

  /** What steps of builds made. */
  Path steps() {
    return root.resolve("steps");
  }

  Path step(Digest key) {
    return steps().resolve(key.hex() + ENTRY_SUFFIX);
  }

  /** Which manifests are about which. */
  Path referrers() {
    return root.resolve("referrers");
  }

  Path referrers(Digest subject) {
    return referrers().resolve(subject.hex());
  }

  static String hexOf(Path image) {
    String name = String.valueOf(image.getFileName());
    return name.endsWith(ENTRY_SUFFIX)
        ? name.substring(0, name.length() - ENTRY_SUFFIX.length())
        : "";
  }
}
