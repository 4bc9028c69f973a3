package dev.jctl.images.store;

import dev.jctl.images.ImageStore.ImageDocuments;
import dev.jctl.images.ImageStore.StoredImage;
import dev.jctl.images.content.BlobStore;
import dev.jctl.images.layer.BlobArchive;
import dev.jctl.images.oci.Descriptor;
import dev.jctl.images.oci.DocumentWriter;
import dev.jctl.images.oci.ManifestDocument;
import dev.jctl.images.reference.Digest;
import dev.jctl.images.reference.ImageReference;
import java.io.IOException;
import java.io.OutputStream;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** One image as an archive: OCI layout, and {@code manifest.json} for Docker. */
record ImageSave(BlobStore blobs, StoredImage image, ImageDocuments documents) {
  private static final String BLOBS = "blobs/sha256";

  void to(OutputStream out, Optional<ImageReference> reference) throws IOException {
    BlobArchive archive = new BlobArchive(out);
    archive.directory("blobs");
    archive.directory(BLOBS);
    Set<Digest> written = new LinkedHashSet<>();
    written.add(Digest.parse(image.manifestDigest()));
    written.add(Digest.parse(image.imageId()));
    layers().forEach(written::add);
    for (Digest digest : written) {
      archive.file(path(digest), blobs.path(digest));
    }
    archive.file("oci-layout", DocumentWriter.layout());
    archive.file("index.json", DocumentWriter.index(manifest(), reference));
    archive.file(
        "manifest.json",
        DocumentWriter.dockerArchive(
            path(Digest.parse(image.imageId())),
            reference,
            layers().stream().map(ImageSave::path).toList()));
    archive.end();
  }

  private List<Digest> layers() {
    return image.layers().stream().map(layer -> Digest.parse(layer.digest())).toList();
  }

  private Descriptor manifest() {
    return new Descriptor(
        ManifestDocument.mediaType(documents.manifest()),
        Digest.parse(image.manifestDigest()),
        documents.manifest().length);
  }

  private static String path(Digest digest) {
    return BLOBS + "/" + digest.hex();
  }
}
