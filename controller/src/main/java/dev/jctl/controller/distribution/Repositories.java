package dev.jctl.controller.distribution;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.distribution.DistributionError.Code;
import dev.jctl.controller.resources.ApiException;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.Resources;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.controller.watch.ResourceCache;
import dev.jctl.images.ImageException;
import dev.jctl.images.ServedContent;
import dev.jctl.images.ServedContent.Referrer;
import dev.jctl.images.ServedContent.ServedBlob;
import dev.jctl.images.ServedContent.ServedManifest;
import dev.jctl.images.ServedContent.Taken;
import dev.jctl.manifests.model.ResourceKind;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * Images as repositories. What may be known of is what the namespace has: blobs are shared, but
 * nobody gets one by its digest alone. Failures are {@link DistributionError} and {@link
 * ApiException}.
 */
public final class Repositories {
  /** Who writes. */
  public static final String FIELD_MANAGER = "jctl-registry";

  private static final Duration SEEN = Duration.ofSeconds(5);
  private static final Pattern TAG = Pattern.compile("\\w[\\w.-]{0,127}");
  private static final Pattern DIGEST = Pattern.compile("sha256:[0-9a-f]{64}");

  private final Resources resources;
  private final ResourceCache cache;
  private final ServedContent content;

  public Repositories(Resources resources, ResourceCache cache, ServedContent content) {
    this.resources = resources;
    this.cache = cache;
    this.content = content;
  }

  // --- reading

  /** Sorted, of those namespaces. */
  public List<String> catalog(Predicate<String> namespace) {
    return cache.list(ResourceKind.IMAGE, null).stream()
        .filter(image -> !image.isDeleting())
        .filter(image -> namespace.test(image.ref().namespace()))
        .map(
            image ->
                new RepositoryName(image.ref().namespace(), ServedImage.of(image).repository()))
        .map(RepositoryName::toString)
        .distinct()
        .sorted()
        .toList();
  }

  /** Sorted. */
  public List<String> tags(RepositoryName name) {
    List<ServedImage> images = images(name);
    if (images.isEmpty()) {
      throw new DistributionError(Code.NAME_UNKNOWN, "there is no repository " + name);
    }
    return images.stream()
        .filter(image -> !image.manifests().isEmpty())
        .map(ServedImage::tag)
        .filter(tag -> !tag.isEmpty())
        .distinct()
        .sorted()
        .toList();
  }

  private List<ServedImage> images(RepositoryName name) {
    return cache.list(ResourceKind.IMAGE, name.namespace()).stream()
        .filter(image -> !image.isDeleting())
        .map(ServedImage::of)
        .filter(image -> image.repository().equals(name.repository()))
        .toList();
  }

  private Collection<String> manifests(String namespace) {
    return cache.list(ResourceKind.IMAGE, namespace).stream()
        .flatMap(image -> ServedImage.of(image).manifests().stream())
        .distinct()
        .toList();
  }

  /**
   * @param reference a tag or a digest
   */
  public ServedManifest manifest(RepositoryName name, String reference) {
    return found(name, reference)
        .orElseThrow(
            () ->
                new DistributionError(
                    Code.MANIFEST_UNKNOWN, "there is no " + reference + " in " + name));
  }

  private Optional<ServedManifest> found(RepositoryName name, String reference) {
    if (DIGEST.matcher(reference).matches()) {
      return content.manifest(name.namespace(), manifests(name.namespace()), reference);
    }
    return images(name).stream()
        .filter(image -> image.tag().equals(reference))
        .flatMap(image -> served(image).stream())
        .findFirst();
  }

  /** An index that is whole, else this platform's manifest. */
  private Optional<ServedManifest> served(ServedImage image) {
    List<String> manifests = image.manifests();
    return manifests.stream().filter(content::isWhole).findFirst().flatMap(content::own);
  }

  public ServedBlob blob(RepositoryName name, String digest) {
    try {
      return content
          .blob(name.namespace(), manifests(name.namespace()), digest)
          .orElseThrow(
              () ->
                  new DistributionError(
                      Code.BLOB_UNKNOWN, "there is no blob " + digest + " in " + name));
    } catch (ImageException e) {
      throw DistributionError.ofBlob(e);
    }
  }

  public List<Referrer> referrers(RepositoryName name, String subject) {
    try {
      return content.referrers(name.namespace(), subject);
    } catch (ImageException e) {
      throw DistributionError.ofBlob(e);
    }
  }

  // --- writing

  /** Lets a repository know what another has; false when it has not. */
  public boolean mount(RepositoryName name, RepositoryName from, String digest) {
    try {
      return content.blob(from.namespace(), manifests(from.namespace()), digest).isPresent()
          && content.share(name.namespace(), digest);
    } catch (ImageException e) {
      return false;
    }
  }

  /**
   * Takes a manifest whose blobs are here. With a tag it becomes an Image; by its digest it is kept
   * while something names it, or it is about something that is kept.
   *
   * @param replace asked before the manifest of a tag is replaced
   */
  public Taken push(
      RepositoryName name, String reference, byte[] manifest, String mediaType, Runnable replace) {
    boolean byDigest = reference.indexOf(':') >= 0;
    if (!byDigest && !TAG.matcher(reference).matches()) {
      throw new DistributionError(
          Code.MANIFEST_INVALID, "\"" + reference + "\" is neither a tag nor a digest");
    }
    requireNamespace(name);
    Taken taken;
    try {
      taken =
          content.put(
              name.namespace(),
              manifests(name.namespace()),
              manifest,
              byDigest ? reference : null,
              mediaType);
    } catch (ImageException e) {
      throw DistributionError.ofManifest(e);
    }
    if (!byDigest) {
      await(tag(name, reference, taken.digest(), replace));
    }
    return taken;
  }

  private void requireNamespace(RepositoryName name) {
    if (cache.find(new ObjectRef(ResourceKind.NAMESPACE, "", name.namespace())).isEmpty()) {
      throw new DistributionError(
          Code.NAME_UNKNOWN,
          "there is no namespace %s; a repository is called NAMESPACE/NAME"
              .formatted(name.namespace()));
    }
  }

  private StoredObject tag(RepositoryName name, String tag, String digest, Runnable replace) {
    String reference = ServedImage.reference(name.repository(), tag);
    ObjectRef ref =
        new ObjectRef(ResourceKind.IMAGE, name.namespace(), ServedImage.objectName(reference));
    Resources.WriteOptions options = Resources.WriteOptions.by(FIELD_MANAGER);
    Optional<StoredObject> before = resources.find(ref);
    if (before.isEmpty()) {
      return resources.create(ref, image(ref, reference, digest), options);
    }
    if (before.get().isDeleting()) {
      throw new DistributionError(
          Code.TOOMANYREQUESTS, "Image " + ref.name() + " is being deleted; push again");
    }
    if (!ServedImage.of(before.get()).mayBeReplaced()) {
      throw new DistributionError(
          Code.DENIED,
          "Image %s is made by its own spec; push by another tag, or delete it"
              .formatted(ref.name()));
    }
    replace.run();
    return resources.update(
        ref,
        tree -> {
          ObjectNode spec = tree.withObject("/spec");
          spec.remove("imageID");
          spec.put("manifestDigest", digest).put("reference", reference);
          return tree;
        },
        options);
  }

  private static ObjectNode image(ObjectRef ref, String reference, String digest) {
    ObjectNode image = JsonNodeFactory.instance.objectNode();
    image.put("apiVersion", ref.kind().apiVersion()).put("kind", ref.kind().kind());
    image
        .putObject("metadata")
        .put("name", ref.name())
        .put("namespace", ref.namespace())
        .putObject("labels")
        .put("app.kubernetes.io/managed-by", FIELD_MANAGER);
    image.putObject("spec").put("reference", reference).put("manifestDigest", digest);
    return image;
  }

  /** What is answered is what is read next. */
  private void await(StoredObject written) {
    try {
      if (!cache.awaitRevision(written.revision(), SEEN)) {
        throw new DistributionError(Code.UNKNOWN, "the store is slow; push again");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** By a tag the Image that has it, by a digest all that have it, and what is about others. */
  public void delete(RepositoryName name, String reference) {
    boolean byDigest = reference.indexOf(':') >= 0;
    List<ServedImage> named =
        images(name).stream()
            .filter(
                image ->
                    byDigest
                        ? image.manifests().contains(reference)
                        : image.tag().equals(reference))
            .toList();
    for (ServedImage image : named) {
      resources
          .delete(
              image.object().ref(),
              new Resources.DeleteOptions(null, null, image.object().uid(), false))
          .ifPresent(this::await);
    }
    boolean forgotten = byDigest && content.forget(name.namespace(), reference);
    if (named.isEmpty() && !forgotten) {
      throw new DistributionError(
          Code.MANIFEST_UNKNOWN, "there is no " + reference + " in " + name);
    }
  }
}
