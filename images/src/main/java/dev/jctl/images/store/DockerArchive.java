package dev.jctl.images.store;

import dev.jctl.images.ImageException;
import dev.jctl.images.ImageException.Reason;
import dev.jctl.images.ImageStore.ArchivedImage;
import dev.jctl.images.ImageStore.StoredImage;
import dev.jctl.images.layer.Decompression;
import dev.jctl.images.oci.ConfigDocument;
import dev.jctl.images.oci.Descriptor;
import dev.jctl.images.oci.DockerArchiveImage;
import dev.jctl.images.oci.DocumentWriter;
import dev.jctl.images.oci.ManifestDocument.ImageManifest;
import dev.jctl.images.oci.MediaTypes;
import dev.jctl.images.oci.PlatformChoice;
import dev.jctl.images.reference.Digest;
import dev.jctl.images.reference.ImageReference;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What {@code docker save} writes. It has no manifest with digests, so one is made.
 *
 * @param wanted the image's name, when there are several
 */
record DockerArchive(Path path, ArchiveFiles files, @Nullable String wanted) {
  private String name() {
    return "archive " + path;
  }

  StoredImage load(TrustCheck trust, ImageImport into) throws IOException {
    DockerArchiveImage image = choose(all());
    String what = name() + ": configuration " + image.config();
    byte[] configBytes = files.document(name(), image.config());
    trust.requireUnsigned(path, names(image), Digest.of(configBytes));
    ConfigDocument config = ConfigDocument.parse(what, configBytes);
    PlatformChoice.check(name(), config.platform(), into.host());
    if (config.diffIds().size() != image.layers().size()) {
      throw new ImageException(
          Reason.CORRUPT,
          "%s: $.rootfs.diff_ids names %d layers, manifest.json %d"
              .formatted(what, config.diffIds().size(), image.layers().size()));
    }
    ImageManifest manifest =
        new ImageManifest(
            new Descriptor(
                MediaTypes.OCI_CONFIG, into.lease().put(what, configBytes), configBytes.length),
            layers(into, image, config.diffIds()));
    Digest digest =
        into.lease()
            .put(
                name() + ": manifest",
                DocumentWriter.manifest(manifest.config(), manifest.layers()));
    return into.describe(what, digest, manifest, config, null);
  }

  private List<DockerArchiveImage> all() throws IOException {
    return DockerArchiveImage.parse(
        name() + ": manifest.json", files.document(name(), "manifest.json"));
  }

  /** Those without any name are told by the file of their configuration. */
  List<ArchivedImage> images() throws IOException {
    List<DockerArchiveImage> all = all();
    return all.stream()
        .flatMap(
            image ->
                image.tags().isEmpty()
                    ? Stream.of(new ArchivedImage(all.size() == 1 ? null : image.config(), null))
                    : image.tags().stream()
                        .map(tag -> new ArchivedImage(tag, ArchiveNames.familiar(tag))))
        .toList();
  }

  private static List<ImageReference> names(DockerArchiveImage image) {
    return image.tags().stream().flatMap(tag -> ArchiveNames.reference(tag).stream()).toList();
  }

  private DockerArchiveImage choose(List<DockerArchiveImage> images) {
    List<DockerArchiveImage> candidates =
        images.stream().filter(image -> wanted == null || isNamed(image, wanted)).toList();
    List<String> names = images.stream().flatMap(image -> image.tags().stream()).toList();
    if (candidates.isEmpty()) {
      throw wanted == null
          ? new ImageException(Reason.NOT_FOUND, name() + ": holds no image")
          : ArchiveNames.unknown(name(), wanted, names);
    }
    if (candidates.size() > 1) {
      throw ArchiveNames.several(name(), names);
    }
    return candidates.getFirst();
  }

  private static boolean isNamed(DockerArchiveImage image, String wanted) {
    return image.config().equals(wanted)
        || image.tags().stream().anyMatch(tag -> ArchiveNames.same(tag, wanted));
  }

  private List<Descriptor> layers(ImageImport into, DockerArchiveImage image, List<Digest> diffIds)
      throws IOException {
    List<Long> sizes = new ArrayList<>();
    for (String file : image.layers()) {
      sizes.add(files.size(file).orElseThrow(() -> missing(file)));
    }
    into.meter().expect(sizes.size(), sizes.stream().mapToLong(Long::longValue).sum());
    List<Descriptor> layers = new ArrayList<>();
    for (int i = 0; i < sizes.size(); i++) {
      layers.add(layer(into, image.layers().get(i), sizes.get(i), diffIds.get(i)));
      into.meter().layerDone();
    }
    return layers;
  }

  private Descriptor layer(ImageImport into, String file, long size, Digest diffId)
      throws IOException {
    String what = name() + ": layer " + file;
    String compression = compression(file);
    if (!compression.isEmpty()) {
      Digest digest = into.lease().write(what, out -> copy(into, file, out));
      return new Descriptor(MediaTypes.OCI_LAYER + compression, digest, size);
    }
    into.lease().fetch(what, diffId, size, out -> copy(into, file, out));
    return new Descriptor(MediaTypes.OCI_LAYER, diffId, size);
  }

  private String compression(String file) throws IOException {
    try (InputStream in = files.required(name(), file)) {
      return Decompression.mediaTypeSuffix(in);
    }
  }

  private void copy(ImageImport into, String file, OutputStream out) throws IOException {
    try (InputStream in = files.required(name(), file)) {
      Copying.copy(in, out, into.meter());
    }
  }

  private ImageException missing(String file) {
    return new ImageException(
        Reason.CORRUPT, "%s: layer %s is missing in it".formatted(name(), file));
  }
}
