package dev.jctl.images.store;

import dev.jctl.images.ImageException;
import dev.jctl.images.ImageException.Reason;
import dev.jctl.images.ImageStore.ArchivedImage;
import dev.jctl.images.ImageStore.StoredImage;
import dev.jctl.images.content.BlobWriter;
import dev.jctl.images.oci.Descriptor;
import dev.jctl.images.oci.ManifestDocument;
import dev.jctl.images.oci.ManifestDocument.ImageIndex;
import dev.jctl.images.oci.Platform;
import dev.jctl.images.oci.PlatformChoice;
import dev.jctl.images.reference.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * An OCI image layout. OCI image spec, image-layout.md.
 *
 * @param wanted the image's name, when there are several
 */
record OciLayout(Path path, ArchiveFiles files, @Nullable String wanted) implements ImageOrigin {
  /** containerd and docker save put the whole reference here, and only the tag into ref.name. */
  private static final String CONTAINERD_NAME = "io.containerd.image.name";

  private static final String REF_NAME = "org.opencontainers.image.ref.name";

  StoredImage load(TrustCheck trust, ImageImport into) throws IOException {
    List<Descriptor> index = index();
    Descriptor chosen = choose(index, into.host());
    require(trust, chosen, index);
    return into.fetch(this, chosen, null);
  }

  private List<Descriptor> index() throws IOException {
    String what = name() + ": index.json";
    return switch (ManifestDocument.parse(what, files.document(name(), "index.json"))) {
      case ImageIndex index -> index.manifests();
      case ManifestDocument.ImageManifest manifest ->
          throw new ImageException(Reason.CORRUPT, what + ": a manifest where an index should be");
    };
  }

  /** One name may be that of several platforms' images; those without any are told by digest. */
  List<ArchivedImage> images() throws IOException {
    List<Descriptor> all = index().stream().filter(d -> !LayoutSignatures.isAbout(d)).toList();
    if (names(all).isEmpty()) {
      return all.isEmpty() ? List.of() : List.of(new ArchivedImage(null, null));
    }
    return all.stream().map(OciLayout::image).distinct().toList();
  }

  private static ArchivedImage image(Descriptor descriptor) {
    return annotations(descriptor)
        .findFirst()
        .map(name -> new ArchivedImage(name, ArchiveNames.familiar(name)))
        .orElseGet(() -> new ArchivedImage(descriptor.digest().toString(), null));
  }

  private void require(TrustCheck trust, Descriptor chosen, List<Descriptor> all) {
    List<Descriptor> others =
        all.stream().filter(d -> !d.digest().equals(chosen.digest())).toList();
    trust.require(
        files instanceof ArchiveFiles.InDirectory ? "oci" : "oci-archive",
        path,
        annotations(chosen).flatMap(n -> ArchiveNames.reference(n).stream()).findFirst(),
        chosen.digest(),
        new LayoutSignatures(name(), files, others));
  }

  private Descriptor choose(List<Descriptor> index, Platform host) {
    List<Descriptor> all = index.stream().filter(d -> !LayoutSignatures.isAbout(d)).toList();
    List<Descriptor> candidates = wanted == null ? all : named(all, wanted);
    if (candidates.isEmpty()) {
      throw wanted == null
          ? new ImageException(Reason.NOT_FOUND, name() + ": holds no image")
          : ArchiveNames.unknown(name(), wanted, names(all));
    }
    if (candidates.stream().map(Descriptor::digest).distinct().count() == 1) {
      return candidates.getFirst();
    }
    if (names(candidates).stream().distinct().count() > 1) {
      throw ArchiveNames.several(name(), names(candidates));
    }
    return PlatformChoice.choose(name(), candidates, host);
  }

  private static List<Descriptor> named(List<Descriptor> all, String wanted) {
    return all.stream()
        .filter(
            d ->
                d.digest().toString().equals(wanted)
                    || annotations(d).anyMatch(name -> ArchiveNames.same(name, wanted)))
        .toList();
  }

  private static List<String> names(List<Descriptor> descriptors) {
    return descriptors.stream().flatMap(d -> annotations(d).limit(1)).toList();
  }

  private static Stream<String> annotations(Descriptor descriptor) {
    return Stream.of(CONTAINERD_NAME, REF_NAME)
        .flatMap(key -> Stream.ofNullable(descriptor.annotations().get(key)));
  }

  @Override
  public String name() {
    return "archive " + path;
  }

  static String path(Digest digest) {
    return "blobs/sha256/" + digest.hex();
  }

  @Override
  public void manifest(Descriptor descriptor, BlobWriter out) throws IOException {
    config(descriptor, out);
  }

  @Override
  public void config(Descriptor descriptor, BlobWriter out) throws IOException {
    try (InputStream in = blob(descriptor)) {
      in.transferTo(out);
    }
  }

  @Override
  public void layer(Descriptor descriptor, BlobWriter out, ProgressMeter meter) throws IOException {
    try (InputStream in = blob(descriptor)) {
      Copying.copy(in, out, meter);
    }
  }

  private InputStream blob(Descriptor descriptor) throws IOException {
    return files.required(name(), path(descriptor.digest()));
  }
}
