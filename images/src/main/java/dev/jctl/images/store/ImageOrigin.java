package dev.jctl.images.store;

import dev.jctl.images.content.BlobWriter;
import dev.jctl.images.oci.Descriptor;
import java.io.IOException;

/** Where the blobs of an image come from. For many threads. */
interface ImageOrigin {
  /** For messages: the reference or path. */
  String name();

  /** A manifest or index. */
  void manifest(Descriptor descriptor, BlobWriter out) throws IOException;

  /** A configuration. */
  void config(Descriptor descriptor, BlobWriter out) throws IOException;

  void layer(Descriptor descriptor, BlobWriter out, ProgressMeter meter) throws IOException;
}
