package dev.jctl.images.store;

import dev.jctl.images.ImageException;
import dev.jctl.images.ImageException.Reason;
import dev.jctl.images.ImageStore.FileEntry;
import dev.jctl.images.ImageStore.ImageConfig;
import dev.jctl.images.ImageStore.StoredImage;
import dev.jctl.images.content.StorageFailure;
import dev.jctl.images.layer.Decompression;
import dev.jctl.images.layer.DirectoryLayer;
import dev.jctl.images.layer.FilesLayer;
import dev.jctl.images.layer.TarLayerArchive;
import dev.jctl.images.oci.ConfigDocument;
import dev.jctl.images.oci.Descriptor;
import dev.jctl.images.oci.DocumentWriter;
import dev.jctl.images.oci.ManifestDocument.ImageManifest;
import dev.jctl.images.oci.MediaTypes;
import dev.jctl.images.reference.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.List;

/**
 * Images made of one layer that is made here. Layers are kept uncompressed: they are read on this
 * machine only, and packing would cost more than it saves.
 */
record SingleLayer(ImageImport into, ImageConfig config) {
  /**
   * @param compression as it ends the media type
   */
  private record Layer(Digest digest, Digest diffId, String compression, long size) {}

  StoredImage ofFiles(List<FileEntry> files) {
    into.meter().expect(1, -1);
    return image(
        "image from files",
        uncompressed(into.lease().write("image from files", out -> FilesLayer.write(files, out))));
  }

  StoredImage ofRootfs(Path path) {
    into.meter().expect(1, -1);
    String what = "rootfs " + path;
    if (Files.isDirectory(path)) {
      return image(
          what, uncompressed(into.lease().write(what, out -> DirectoryLayer.write(path, out))));
    }
    if (!Files.isRegularFile(path)) {
      throw new ImageException(
          Reason.NOT_FOUND, what + ": there is neither a directory nor a file of that name");
    }
    return image(what, tar(what, path));
  }

  private Layer uncompressed(Digest digest) {
    return new Layer(digest, digest, "", size(digest));
  }

  /** Hashed first, so that a tar that is already here is read only. */
  private Layer tar(String what, Path path) {
    Digest digest = hash(what, path);
    into.lease()
        .fetch(
            what,
            digest,
            -1,
            out -> {
              try (InputStream in = Files.newInputStream(path)) {
                Copying.copy(in, out, into.meter());
              }
            });
    Digest diffId =
        TarLayerArchive.check(what, into.blobs().path(digest), into.blobs().sha256(size(digest)));
    return new Layer(digest, diffId, compression(what, path), size(digest));
  }

  private static String compression(String what, Path path) {
    try (InputStream in = Files.newInputStream(path)) {
      return Decompression.mediaTypeSuffix(in);
    } catch (IOException e) {
      throw StorageFailure.of(what, e);
    }
  }

  private Digest hash(String what, Path path) {
    byte[] buffer = new byte[1 << 17];
    try (InputStream in = Files.newInputStream(path)) {
      MessageDigest hash = into.blobs().sha256(Files.size(path));
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        hash.update(buffer, 0, n);
      }
      return Digest.of(hash);
    } catch (IOException e) {
      throw StorageFailure.of(what, e);
    }
  }

  private long size(Digest digest) {
    try {
      return Files.size(into.blobs().path(digest));
    } catch (IOException e) {
      throw StorageFailure.of("layer " + digest, e);
    }
  }

  private StoredImage image(String what, Layer layer) {
    byte[] document = DocumentWriter.config(into.host(), config, List.of(layer.diffId()));
    Digest configDigest = into.lease().put(what, document);
    ImageManifest manifest =
        new ImageManifest(
            new Descriptor(MediaTypes.OCI_CONFIG, configDigest, document.length),
            List.of(
                new Descriptor(
                    MediaTypes.OCI_LAYER + layer.compression(), layer.digest(), layer.size())));
    Digest digest =
        into.lease().put(what, DocumentWriter.manifest(manifest.config(), manifest.layers()));
    into.meter().layerDone();
    return into.describe(what, digest, manifest, ConfigDocument.parse(what, document), null);
  }
}
