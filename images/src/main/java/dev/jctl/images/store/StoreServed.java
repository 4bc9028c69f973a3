package dev.jctl.images.store;

import dev.jctl.images.ImageException;
import dev.jctl.images.ImageException.Reason;
import dev.jctl.images.ServedContent;
import dev.jctl.images.content.BlobStore;
import dev.jctl.images.content.IncomingBlob;
import dev.jctl.images.content.StorageFailure;
import dev.jctl.images.oci.Documents;
import dev.jctl.images.oci.ManifestLinks;
import dev.jctl.images.reference.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The store as a registry has it. */
final class StoreServed implements ServedContent {
  private static final int MAX_KNOWN = 4096;

  private final BlobStore blobs;
  private final InstantSource clock;

  /** By digest, which makes them immutable. */
  private final Map<Digest, ManifestLinks> known = new ConcurrentHashMap<>();

  StoreServed(BlobStore blobs, InstantSource clock) {
    this.blobs = blobs;
    this.clock = clock;
  }

  // --- blobs

  @Override
  public Upload upload() {
    IncomingBlob blob = blobs.incoming();
    return new Upload() {
      @Override
      public long size() {
        return blob.count();
      }

      @Override
      public void append(InputStream in) throws IOException {
        blob.append(in);
      }

      @Override
      public void finish(String scope, String digest) {
        blob.finish(scope, Digest.parse(digest), clock.instant());
      }

      @Override
      public void close() {
        blob.close();
      }
    };
  }

  @Override
  public Optional<ServedBlob> blob(String scope, Collection<String> tops, String digest) {
    Digest wanted = Digest.parse(digest);
    return isKnown(scope, tops, wanted) ? Optional.of(file(wanted)) : Optional.empty();
  }

  private ServedBlob file(Digest digest) {
    Path file = blobs.path(digest);
    try {
      return new ServedBlob(file, Files.size(file));
    } catch (IOException e) {
      throw StorageFailure.of("blob " + digest, e);
    }
  }

  /** Held before it is looked for: what is found then stays. */
  private boolean isKnown(String scope, Collection<String> tops, Digest digest) {
    boolean mayKnow = blobs.holds().has(scope, digest) || reachable(scope, tops).contains(digest);
    return mayKnow && hold(scope, digest);
  }

  private boolean hold(String scope, Digest digest) {
    blobs.holds().add(scope, digest, clock.instant());
    if (blobs.has(digest)) {
      return true;
    }
    blobs.holds().remove(scope, digest);
    return false;
  }

  @Override
  public boolean share(String scope, String digest) {
    return hold(scope, Digest.parse(digest));
  }

  private Set<Digest> reachable(String scope, Collection<String> tops) {
    return reachable(
        tops.stream().map(Digest::parse).toList(), top -> blobs.referrers().of(scope, top));
  }

  /** Of these manifests, in any scope. */
  Set<Digest> reachable(Collection<Digest> tops) {
    return reachable(tops, blobs.referrers()::of);
  }

  /** What is about a manifest. */
  private interface About {
    Set<Digest> of(Digest subject);
  }

  /** With themselves; what is not here leads no further. */
  private Set<Digest> reachable(Collection<Digest> tops, About about) {
    Set<Digest> reached = new HashSet<>();
    Deque<Digest> manifests = new ArrayDeque<>(tops);
    while (!manifests.isEmpty()) {
      Digest manifest = manifests.pop();
      if (reached.add(manifest)) {
        links(manifest)
            .ifPresent(
                links -> {
                  reached.addAll(links.blobs());
                  manifests.addAll(links.manifests());
                  manifests.addAll(about.of(manifest));
                });
      }
    }
    return reached;
  }

  /** Empty when it is not here, or is no manifest. */
  private Optional<ManifestLinks> links(Digest digest) {
    ManifestLinks links = known.get(digest);
    if (links != null || !blobs.has(digest) || file(digest).size() > Documents.MAX_BYTES) {
      return Optional.ofNullable(links);
    }
    try {
      ManifestLinks read = ManifestLinks.parse("manifest " + digest, read(digest));
      if (known.size() >= MAX_KNOWN) {
        known.clear();
      }
      known.put(digest, read);
      return Optional.of(read);
    } catch (ImageException e) {
      if (e.reason() == Reason.IO) {
        throw e;
      }
      return Optional.empty();
    }
  }

  private byte[] read(Digest digest) {
    return blobs.read("manifest " + digest, digest, Documents.MAX_BYTES);
  }

  // --- manifests

  @Override
  public Optional<ServedManifest> manifest(String scope, Collection<String> tops, String digest) {
    return isKnown(scope, tops, Digest.parse(digest)) ? own(digest) : Optional.empty();
  }

  @Override
  public Optional<ServedManifest> own(String digest) {
    Digest wanted = Digest.parse(digest);
    return blobs.has(wanted)
        ? links(wanted).map(links -> new ServedManifest(digest, links.mediaType(), read(wanted)))
        : Optional.empty();
  }

  @Override
  public boolean isWhole(String digest) {
    return isWhole(Digest.parse(digest));
  }

  boolean isWhole(Digest manifest) {
    return links(manifest)
        .filter(l -> l.blobs().stream().allMatch(blobs::has))
        .filter(l -> l.manifests().stream().allMatch(this::isWhole))
        .isPresent();
  }

  @Override
  public Taken put(
      String scope,
      Collection<String> tops,
      byte[] content,
      @Nullable String expected,
      String mediaType) {
    Digest digest = Digest.of(content);
    String what = "manifest " + digest;
    if (expected != null && !digest.equals(Digest.parse(expected))) {
      throw new ImageException(
          Reason.DIGEST_MISMATCH,
          "the manifest's content is %s, not %s".formatted(digest, expected));
    }
    ManifestLinks links = ManifestLinks.parse(what, content);
    if (!mediaType.isEmpty() && !mediaType.equals(links.mediaType())) {
      throw new ImageException(
          Reason.CORRUPT,
          "%s: its media type is %s; it was sent as %s"
              .formatted(what, links.mediaType(), mediaType));
    }
    links.content().forEach(blob -> require(scope, tops, what, blob));
    blobs.holds().add(scope, digest, clock.instant());
    try (var lease = blobs.lease()) {
      lease.put(what, content);
    }
    Digest subject = links.subject();
    if (subject != null) {
      blobs.referrers().add(scope, subject, digest);
    }
    return new Taken(digest.toString(), subject == null ? null : subject.toString());
  }

  private void require(String scope, Collection<String> tops, String what, Digest blob) {
    if (!isKnown(scope, tops, blob)) {
      throw new ImageException(Reason.NOT_FOUND, what + ": " + blob + " was not sent before it");
    }
  }

  @Override
  public List<Referrer> referrers(String scope, String subject) {
    List<Referrer> found = new ArrayList<>();
    for (Digest digest : blobs.referrers().of(scope, Digest.parse(subject))) {
      links(digest)
          .ifPresent(
              links ->
                  found.add(
                      new Referrer(
                          links.mediaType(),
                          digest.toString(),
                          file(digest).size(),
                          links.artifactType(),
                          links.annotations())));
    }
    return found;
  }

  @Override
  public boolean forget(String scope, String text) {
    Digest digest = Digest.parse(text);
    boolean held = blobs.holds().has(scope, digest);
    blobs.holds().remove(scope, digest);
    Digest subject = links(digest).map(ManifestLinks::subject).orElse(null);
    return subject == null ? held : blobs.referrers().remove(scope, subject, digest);
  }
}
