package dev.jctl.images.store;

import dev.jctl.images.ImageBuild;
import dev.jctl.images.ImageException;
import dev.jctl.images.ImageException.Reason;
import dev.jctl.images.ImageStore.StoredImage;
import dev.jctl.images.ImageStore.StoredImage.Layer;
import dev.jctl.images.LayerArchive;
import dev.jctl.images.LayerArchive.Attributes;
import dev.jctl.images.LayerArchive.Entry;
import dev.jctl.images.content.BlobStore;
import dev.jctl.images.content.Lease;
import dev.jctl.images.content.StorageFailure;
import dev.jctl.images.dockerfile.IgnorePatterns;
import dev.jctl.images.layer.EntryArchive;
import dev.jctl.images.layer.TarLayerArchive;
import dev.jctl.images.oci.ConfigDocument;
import dev.jctl.images.oci.Descriptor;
import dev.jctl.images.oci.DocumentWriter;
import dev.jctl.images.oci.ManifestDocument.ImageManifest;
import dev.jctl.images.oci.MediaTypes;
import dev.jctl.images.oci.Platform;
import dev.jctl.images.reference.Digest;
import dev.jctl.images.registry.EnvironmentProxies;
import dev.jctl.images.tree.CopyPlanner;
import dev.jctl.images.tree.LayerIndex;
import dev.jctl.images.tree.LayerTree;
import dev.jctl.images.tree.Ownership;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** An image being made in the store. */
final class StoreBuild implements ImageBuild {
  private static final int MAX_TEXT = 4 << 20;

  private final BlobStore blobs;
  private final Platform host;
  private final EnvironmentProxies proxies;
  private final long latestSeconds;
  private final Lease lease;

  private final LayerIndexes indexes;

  /** By diff id: which paths of a context nobody sees. */
  private final Map<String, Predicate<String>> contexts = new ConcurrentHashMap<>();

  StoreBuild(
      BlobStore blobs,
      LayerIndexes indexes,
      Platform host,
      EnvironmentProxies proxies,
      @Nullable Long epochSeconds) {
    this.blobs = blobs;
    this.indexes = indexes;
    this.host = host;
    this.proxies = proxies;
    this.latestSeconds = epochSeconds == null ? Long.MAX_VALUE : epochSeconds;
    this.lease = blobs.lease();
    indexes.buildBegins();
  }

  static LayerArchive open(BlobStore blobs, Layer layer) {
    return TarLayerArchive.open(
        "layer " + layer.digest(),
        blobs.path(Digest.parse(layer.digest())),
        blobs.sha256(layer.sizeBytes()),
        Digest.parse(layer.diffId()));
  }

  @Override
  public Layer context(Path directory, String dockerfile) {
    Digest digest =
        lease.write(
            ContextFiles.name(directory), out -> ContextFiles.write(directory, dockerfile, out));
    Layer layer =
        new Layer(digest.toString(), digest.toString(), MediaTypes.OCI_LAYER, size(digest));
    contexts.put(layer.diffId(), path -> false);
    return layer;
  }

  @Override
  public Layer context(String sent, String dockerfile) {
    Digest digest = Digest.parse(sent);
    String what = "context " + digest;
    if (!lease.holds(digest)) {
      throw new ImageException(Reason.NOT_FOUND, what + " is not here; send it again");
    }
    Digest diffId = TarLayerArchive.check(what, blobs.path(digest), blobs.sha256(size(digest)));
    return context(
        new Layer(digest.toString(), diffId.toString(), MediaTypes.OCI_LAYER, size(digest)),
        dockerfile);
  }

  @Override
  public Layer context(Layer files, String dockerfile) {
    contexts.put(files.diffId(), path -> false);
    IgnorePatterns patterns =
        ContextFiles.ignoreFiles(dockerfile)
            .flatMap(name -> text(files, name).stream())
            .findFirst()
            .map(text -> IgnorePatterns.parse(".dockerignore", text))
            .orElseGet(() -> IgnorePatterns.parse(".dockerignore", ""));
    contexts.put(files.diffId(), patterns::ignores);
    return files;
  }

  @Override
  public Optional<String> text(Layer context, String path) {
    try (LayerIndexes.Loan loan = lend(List.of(context))) {
      return text(loan, List.of(context), path);
    }
  }

  private Optional<String> text(LayerIndexes.Loan loan, List<Layer> layers, String path) {
    LayerTree tree = tree(loan, layers);
    Map<String, CopyPlanner.Planned> plan;
    try {
      plan =
          CopyPlanner.plan(
              new CopyRequest(
                  "text",
                  List.of(),
                  layers,
                  CopyRequest.Owners.ROOT,
                  List.of(path),
                  Map.of(),
                  "/text",
                  null,
                  null,
                  List.of(),
                  Set.of()),
              LayerTree.of(List.of()),
              tree,
              new Ownership(CopyRequest.Owners.ROOT, null, null));
    } catch (IllegalArgumentException absent) {
      return Optional.empty();
    }
    return plan.get("text") instanceof CopyPlanner.Planned.Content content
        ? Optional.of(read(layers, content))
        : Optional.empty();
  }

  private String read(List<Layer> layers, CopyPlanner.Planned.Content content) {
    try (LayerArchive archive = open(blobs, layers.get(content.place().layer()))) {
      for (int i = 0; archive.hasNext(); i++) {
        Entry entry = archive.next();
        if (i == content.place().ordinal() && entry instanceof Entry.File file) {
          return new String(file.content().readNBytes(MAX_TEXT), StandardCharsets.UTF_8);
        }
      }
      return "";
    } catch (IOException e) {
      throw StorageFailure.of("reading a file of a layer", e);
    }
  }

  @Override
  public String fingerprint(Layer context, List<String> sources, List<String> excludes) {
    try (LayerIndexes.Loan loan = lend(List.of(context))) {
      List<String> lines = CopyPlanner.selection(tree(loan, List.of(context)), sources, excludes);
      return Digest.of(String.join("\n", lines).getBytes(StandardCharsets.UTF_8)).hex();
    }
  }

  @Override
  public Download download(String what, URI uri, String name, @Nullable String checksum) {
    try (FetchedFile file = FetchedFile.fetch(what, uri, proxies, blobs.scratch())) {
      if (checksum != null && !checksum.equals(file.digest())) {
        throw new ImageException(
            Reason.DIGEST_MISMATCH,
            "%s: it is %s, not %s".formatted(what, file.digest(), checksum));
      }
      return new Download(layer(what, name, file), file.digest());
    }
  }

  private Layer layer(String what, String name, FetchedFile fetched) {
    Attributes directory = new Attributes(0755, 0, 0, 0, Map.of());
    Attributes attributes =
        new Attributes(
            0600, 0, 0, TimeUnit.SECONDS.toNanos(fetched.changed().getEpochSecond()), Map.of());
    return write(
        what,
        out -> {
          out.write(new Entry.Directory(DOWNLOADS, directory));
          try (InputStream content = Files.newInputStream(fetched.file())) {
            out.write(
                new Entry.File(
                    DOWNLOADS + "/" + name, attributes, Files.size(fetched.file()), content));
          }
        });
  }

  private LayerIndexes.Loan lend(List<Layer> layers) {
    return indexes.lend(layers.stream().map(this::wanted).toList());
  }

  /** Of a context, where files are told by their content, what is in them is hashed. */
  private LayerIndexes.Wanted wanted(Layer layer) {
    return contexts.containsKey(layer.diffId())
        ? new LayerIndexes.Wanted(
            "context " + layer.diffId(),
            layer.diffId(),
            room ->
                read(
                    blobs,
                    layer,
                    archive -> LayerIndex.withDigests(archive, room, Digest.sha256())))
        : wanted(blobs, layer);
  }

  static LayerIndexes.Wanted wanted(BlobStore blobs, Layer layer) {
    return new LayerIndexes.Wanted(
        layer.diffId(),
        layer.diffId(),
        room -> read(blobs, layer, archive -> LayerIndex.of(archive, room)));
  }

  private static LayerIndex read(
      BlobStore blobs, Layer layer, Function<LayerArchive, LayerIndex> reading) {
    try (LayerArchive archive = open(blobs, layer)) {
      return reading.apply(archive);
    } catch (ImageException e) {
      throw blobs.unreadable("layer " + layer.digest(), Digest.parse(layer.digest()), e);
    }
  }

  private LayerTree tree(LayerIndexes.Loan loan, List<Layer> layers) {
    return LayerTree.of(layers.stream().map(layer -> index(loan, layer)).toList());
  }

  private LayerIndex index(LayerIndexes.Loan loan, Layer layer) {
    LayerIndex index = loan.index(wanted(layer));
    Predicate<String> leftOut = contexts.get(layer.diffId());
    return leftOut == null ? index : index.without(leftOut);
  }

  @Override
  public Optional<Layer> copy(CopyRequest request) {
    List<Layer> all = new ArrayList<>(request.onto());
    all.addAll(request.from());
    try (LayerIndexes.Loan loan = lend(all)) {
      return copy(loan, request);
    } catch (IllegalArgumentException e) {
      throw new ImageException(Reason.NOT_FOUND, request.what() + ": " + e.getMessage(), e);
    }
  }

  private Optional<Layer> copy(LayerIndexes.Loan loan, CopyRequest request) {
    boolean named = request.chown() != null;
    Ownership ownership =
        Ownership.of(
            request.owners(),
            request.chown(),
            request.chmod(),
            named ? text(loan, request.onto(), "etc/passwd").orElse("") : "",
            named ? text(loan, request.onto(), "etc/group").orElse("") : "");
    LayerTree onto = tree(loan, request.onto());
    Map<String, CopyPlanner.Planned> plan =
        CopyPlanner.plan(request, onto, tree(loan, request.from()), ownership);
    return plan.isEmpty()
        ? Optional.empty()
        : Optional.of(
            write(request.what(), out -> new CopyWriter(blobs, request, onto, out).write(plan)));
  }

  @Override
  public Optional<Layer> directory(List<Layer> onto, String path) {
    return isDirectory(onto, path)
        ? Optional.empty()
        : copy(
            new CopyRequest(
                "directory " + path,
                onto,
                List.of(),
                CopyRequest.Owners.ROOT,
                List.of(),
                Map.of(),
                path + "/",
                null,
                null,
                List.of(),
                Set.of()));
  }

  private boolean isDirectory(List<Layer> onto, String path) {
    try (LayerIndexes.Loan loan = lend(onto)) {
      LayerTree tree = tree(loan, onto);
      String place = tree.resolve(path);
      return place.isEmpty() || tree.directory(place).isPresent();
    }
  }

  /** What writes a layer's entries. */
  private interface Content {
    void writeTo(EntryArchive out) throws IOException;
  }

  private Layer write(String what, Content content) {
    Digest digest =
        lease.write(
            what,
            out -> {
              EntryArchive archive = new EntryArchive(out, latestSeconds);
              content.writeTo(archive);
              archive.end();
            });
    return new Layer(digest.toString(), digest.toString(), MediaTypes.OCI_LAYER, size(digest));
  }

  private long size(Digest digest) {
    try {
      return Files.size(blobs.path(digest));
    } catch (IOException e) {
      throw StorageFailure.of("layer " + digest, e);
    }
  }

  @Override
  public Optional<Layer> changes(
      String what, List<Layer> base, Iterator<Entry> entries, Set<String> mountPoints) {
    try (LayerIndexes.Loan loan = lend(base)) {
      RealChanges real = new RealChanges(entries, tree(loan, base), mountPoints);
      return real.hasNext()
          ? Optional.of(
              write(
                  what,
                  out -> {
                    while (real.hasNext()) {
                      out.write(real.next());
                    }
                  }))
          : Optional.empty();
    }
  }

  @Override
  public Optional<Optional<Layer>> earlier(String key) {
    return blobs.steps().find(key, lease);
  }

  @Override
  public void remember(String key, Optional<Layer> layer) {
    blobs.steps().save(key, layer);
  }

  @Override
  public StoredImage image(byte[] configuration, List<Layer> layers) {
    String what = "image being built";
    Digest config = lease.put(what, configuration);
    ImageManifest manifest =
        new ImageManifest(
            new Descriptor(MediaTypes.OCI_CONFIG, config, configuration.length),
            layers.stream()
                .map(l -> new Descriptor(l.mediaType(), Digest.parse(l.digest()), l.sizeBytes()))
                .toList());
    Digest digest = lease.put(what, DocumentWriter.manifest(manifest.config(), manifest.layers()));
    StoredImage image =
        new ImageImport(blobs, lease, host, new ProgressMeter("building", progress -> {}))
            .describe(what, digest, manifest, ConfigDocument.parse(what, configuration), null);
    blobs.catalog().save(image);
    return image;
  }

  @Override
  public void close() {
    indexes.buildEnds();
    lease.close();
  }
}
