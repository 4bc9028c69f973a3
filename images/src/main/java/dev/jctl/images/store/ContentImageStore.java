package dev.jctl.images.store;

import dev.jctl.images.ImageBuild;
import dev.jctl.images.ImageException;
import dev.jctl.images.ImageStore;
import dev.jctl.images.Keyring;
import dev.jctl.images.LayerArchive;
import dev.jctl.images.ServedContent;
import dev.jctl.images.content.BlobStore;
import dev.jctl.images.content.ImageCatalog;
import dev.jctl.images.content.Lease;
import dev.jctl.images.oci.Documents;
import dev.jctl.images.oci.Platform;
import dev.jctl.images.reference.Digest;
import dev.jctl.images.reference.ImageReference;
import dev.jctl.images.registry.EnvironmentProxies;
import dev.jctl.images.registry.RegistriesConfig;
import dev.jctl.images.registry.Registry;
import dev.jctl.images.registry.RegistrySession;
import dev.jctl.images.registry.RetryPolicy;
import dev.jctl.images.tree.LayerTree;
import dev.jctl.images.tree.TreeChanges;
import dev.jctl.images.trust.TrustPolicy;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The image store on a directory. */
public final class ContentImageStore implements ImageStore {
  private final BlobStore blobs;
  private final ImageCatalog catalog;
  private final Platform host;
  private final EnvironmentProxies proxies;
  private final OnDemandRegistry registry;
  private final StoreServed served;
  private final LayerIndexes indexes = new LayerIndexes();
  private final Supplier<TrustPolicy> policy;
  private final Supplier<LayerRules> rules;

  /**
   * @param policy asked at each pull, so that what is changed in it holds at once
   * @param rules asked whenever a layer is opened, for the same reason
   */
  private ContentImageStore(
      BlobStore blobs,
      Platform host,
      EnvironmentProxies proxies,
      Supplier<Registry> registry,
      Supplier<TrustPolicy> policy,
      Supplier<LayerRules> rules) {
    this.blobs = blobs;
    this.catalog = blobs.catalog();
    this.host = host;
    this.proxies = proxies;
    this.registry = new OnDemandRegistry(registry);
    this.policy = policy;
    this.rules = rules;
    this.served = new StoreServed(blobs, InstantSource.system());
  }

  /** Makes the directory when needed. One process at a time. */
  public static ImageStore open(Path directory, ImageStoreOptions options) {
    return open(directory, options, RetryPolicy.DEFAULT);
  }

  static ImageStore open(Path directory, ImageStoreOptions options, RetryPolicy retry) {
    EnvironmentProxies proxies = new EnvironmentProxies(options.environment());
    return new ContentImageStore(
        BlobStore.open(directory, options.sha256()),
        new Platform(options.platformOs(), options.platformArchitecture(), ""),
        proxies,
        () -> new Registry(retry, () -> RegistriesConfig.read(options.registries()), proxies),
        () -> TrustPolicy.read(options.policy()),
        () -> LayerRules.read(options.layers()));
  }

  @Override
  public StoredImage load(ImageSource source, Consumer<TransferProgress> progress) {
    try (Lease lease = blobs.lease()) {
      StoredImage image = bring(source, lease, progress);
      if (!catalog.find(Digest.parse(image.imageId())).equals(Optional.of(image))) {
        catalog.save(image);
      }
      return image;
    }
  }

  @Override
  public PushedImage push(String imageId, PushTarget target, Consumer<TransferProgress> progress) {
    ImageReference to = ImageReference.parse(target.reference());
    try (Lease lease = blobs.lease()) {
      ImagePush push =
          new ImagePush(
              blobs, lease, held(imageId, lease), to, new ProgressMeter("pushing", progress));
      Optional<Digest> index = Optional.ofNullable(target.index()).flatMap(i -> whole(i, lease));
      return registry
          .get()
          .push(
              to,
              target.keyring(),
              session -> index.map(i -> push.all(session, i)).orElseGet(() -> push.one(session)));
    }
  }

  @Override
  public void save(String imageId, @Nullable String reference, OutputStream out)
      throws IOException {
    Optional<ImageReference> name = Optional.ofNullable(reference).map(ImageReference::parse);
    try (Lease lease = blobs.lease()) {
      StoredImage image = held(imageId, lease);
      new ImageSave(blobs, image, documents(image)).to(out, name);
    }
  }

  @Override
  public ImageDocuments documents(String imageId) {
    try (Lease lease = blobs.lease()) {
      return documents(held(imageId, lease));
    }
  }

  private ImageDocuments documents(StoredImage image) {
    return new ImageDocuments(document(image.manifestDigest()), document(image.imageId()));
  }

  private byte[] document(String digest) {
    return blobs.read("document " + digest, Digest.parse(digest), Documents.MAX_BYTES);
  }

  /** The index, when all that it names is here; it then stays. */
  private Optional<Digest> whole(String index, Lease lease) {
    Digest digest = Digest.parse(index);
    served.reachable(List.of(digest)).forEach(lease::holds);
    return Optional.of(digest).filter(served::isWhole);
  }

  /** What is pinned and whole after that stays so. */
  private StoredImage held(String imageId, Lease lease) {
    Digest id = Digest.parse(imageId);
    catalog.find(id).stream().flatMap(ImageCatalog::reachable).forEach(lease::holds);
    return catalog
        .find(id)
        .orElseThrow(
            () ->
                new ImageException(
                    ImageException.Reason.NOT_FOUND, "image " + imageId + " is not in the store"));
  }

  private StoredImage bring(ImageSource source, Lease lease, Consumer<TransferProgress> progress) {
    return switch (source) {
      case ImageSource.Reference s ->
          asking(
              s.reference(),
              s.keyring(),
              (session, image) ->
                  new RegistryImage(session, image)
                      .load(trust(), into("pulling", lease, progress)));
      case ImageSource.Stored s -> held(s.imageId(), lease);
      case ImageSource.Manifest s ->
          StoredManifest.load(s, trust(), into("importing", lease, progress));
      case ImageSource.Archive s ->
          new ImageArchive(s.path(), s.name(), trust())
              .load(into("importing", lease, progress), blobs.scratch());
      case ImageSource.Rootfs s ->
          new SingleLayer(into("importing", lease, progress), s.config()).ofRootfs(s.path());
      case ImageSource.Files s ->
          new SingleLayer(into("importing", lease, progress), s.config()).ofFiles(s.files());
    };
  }

  /** With the first credential that is let in; what one of them got stays under a lease. */
  private <T> T asking(
      String reference, Keyring keyring, BiFunction<RegistrySession, ImageReference, T> question) {
    ImageReference image = ImageReference.parse(reference);
    return registry.get().pull(image, keyring, session -> question.apply(session, image));
  }

  private TrustCheck trust() {
    return new TrustCheck(policy.get());
  }

  private ImageImport into(String stage, Lease lease, Consumer<TransferProgress> progress) {
    return new ImageImport(blobs, lease, host, new ProgressMeter(stage, progress));
  }

  @Override
  public Optional<StoredImage> find(String imageId) {
    return catalog.find(Digest.parse(imageId));
  }

  @Override
  public LayerArchive openLayer(StoredImage.Layer layer) {
    LayerRules now = rules.get();
    return now.held("layer " + layer.digest(), StoreBuild.open(blobs, layer));
  }

  @Override
  public ImageException unreadable(StoredImage.Layer layer, ImageException cause) {
    return blobs.unreadable("layer " + layer.digest(), Digest.parse(layer.digest()), cause);
  }

  @Override
  public ImageBuild build(@Nullable Long epochSeconds) {
    return new StoreBuild(blobs, indexes, host, proxies, epochSeconds);
  }

  @Override
  public List<String> tags(String repository, Keyring keyring) {
    return asking(repository, keyring, (session, image) -> session.tags(image.name()));
  }

  @Override
  public String digest(String reference, Keyring keyring) {
    return asking(
        reference,
        keyring,
        (session, image) -> Digest.of(session.manifest(reference, image.version())).toString());
  }

  @Override
  public Artifact artifact(String reference, Keyring keyring) {
    return asking(
        reference,
        keyring,
        (session, image) -> new RegistryArtifact(session, image).load(blobs, trust()));
  }

  @Override
  public List<Change> changes(
      List<StoredImage.Layer> base, Iterator<LayerArchive.Entry> entries, Set<String> mountPoints) {
    List<LayerIndexes.Wanted> wanted =
        base.stream().map(layer -> StoreBuild.wanted(blobs, layer)).toList();
    try (LayerIndexes.Loan loan = indexes.lend(wanted)) {
      LayerTree tree = LayerTree.of(wanted.stream().map(loan::index).toList());
      return TreeChanges.of(tree, new RealChanges(entries, tree, mountPoints));
    }
  }

  @Override
  public ServedContent served() {
    return served;
  }

  @Override
  public void collectGarbage(Collection<String> keepImageIds, Collection<String> keepManifests) {
    Instant now = Instant.now();
    Set<Digest> kept = keepImageIds.stream().map(Digest::parse).collect(Collectors.toSet());
    catalog.ids().stream().filter(id -> !kept.contains(id)).forEach(catalog::remove);
    Set<Digest> held = Set.copyOf(blobs.holds().current(now));
    Set<Digest> reachable = new HashSet<>(reached(kept, keepManifests));
    reachable.addAll(served.reachable(held));
    reachable.addAll(blobs.steps().retain(blobs.stepBounds(), now));
    blobs.referrers().retain(reachable::contains, blobs.holds()::has); // also what came since
    blobs.retain(reachable);
  }

  /** All blobs of these images, and of these manifests whatever they are for. */
  private Set<Digest> reached(Set<Digest> imageIds, Collection<String> manifests) {
    Set<Digest> reached = new HashSet<>();
    List<Digest> tops = new ArrayList<>(manifests.stream().map(Digest::parse).toList());
    for (Digest id : imageIds) {
      catalog
          .find(id)
          .ifPresent(
              image -> {
                ImageCatalog.reachable(image).forEach(reached::add);
                tops.add(Digest.parse(image.manifestDigest()));
              });
    }
    reached.addAll(served.reachable(tops));
    return reached;
  }

  @Override
  public StorageUse use(Collection<String> keepImageIds, Collection<String> keepManifests) {
    Map<Digest, Long> sizes = blobs.sizes();
    Set<Digest> images =
        reached(
            keepImageIds.stream().map(Digest::parse).collect(Collectors.toSet()), keepManifests);
    Set<Digest> steps = new HashSet<>(blobs.steps().blobs());
    steps.removeAll(images);
    long all = sizes.values().stream().mapToLong(Long::longValue).sum();
    long ofImages = sum(images, sizes);
    long ofSteps = sum(steps, sizes);
    return new StorageUse(ofImages, ofSteps, all - ofImages - ofSteps);
  }

  private static long sum(Set<Digest> blobs, Map<Digest, Long> sizes) {
    return blobs.stream().mapToLong(blob -> sizes.getOrDefault(blob, 0L)).sum();
  }

  @Override
  public List<ArchivedImage> archived(Path path) {
    return new ImageArchive(path, null, trust()).images(blobs.scratch());
  }

  @Override
  public void pruneBuildCache() {
    blobs.steps().clear();
  }

  @Override
  public void close() {
    registry.close();
  }
}
