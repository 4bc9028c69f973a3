package dev.jctl.images.content;

import dev.jctl.images.reference.Digest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Which manifests have said in which scope that another is their subject: an empty file {@code
 * referrers/SUBJECT/SCOPE_REFERRER} each. What they are otherwise is in the manifests.
 */
public final class Referrers {
  private final ContentPaths paths;

  Referrers(ContentPaths paths) {
    this.paths = paths;
  }

  /** On disk when it returns. */
  public void add(String scope, Digest subject, Digest referrer) {
    Path directory = paths.referrers(subject);
    try {
      Files.createDirectories(directory);
      try (AsideFile file = new AsideFile(paths.ingest())) {
        file.publish(directory.resolve(name(scope, referrer)));
      }
    } catch (IOException e) {
      throw StorageFailure.of("noting that " + referrer + " is about " + subject, e);
    }
  }

  /** In any scope. */
  public Set<Digest> of(Digest subject) {
    return select(subject, name -> true);
  }

  public Set<Digest> of(String scope, Digest subject) {
    return select(subject, name -> name.startsWith(scope + "_"));
  }

  public boolean remove(String scope, Digest subject, Digest referrer) {
    try {
      return Files.deleteIfExists(paths.referrers(subject).resolve(name(scope, referrer)));
    } catch (IOException e) {
      throw StorageFailure.of("forgetting that " + referrer + " is about " + subject, e);
    }
  }

  /** Forgets what is about anything else. */
  public void retain(Predicate<Digest> subject, Predicate<Digest> referrer) {
    try {
      for (Path directory : BlobStore.list(paths.referrers())) {
        Digest about = new Digest(String.valueOf(directory.getFileName()));
        if (!subject.test(about)) {
          for (Path file : BlobStore.list(directory)) {
            if (!referrer.test(referrer(file))) {
              BlobStore.delete(file);
            }
          }
          if (BlobStore.list(directory).isEmpty()) {
            BlobStore.delete(directory);
          }
        }
      }
    } catch (IOException e) {
      throw StorageFailure.of("collecting garbage in " + paths.referrers(), e);
    }
  }

  private Set<Digest> select(Digest subject, Predicate<String> name) {
    Set<Digest> found = new TreeSet<>();
    try (Stream<Path> files = Files.list(paths.referrers(subject))) {
      List<Path> all = files.toList();
      all.stream()
          .filter(file -> name.test(String.valueOf(file.getFileName())))
          .forEach(file -> found.add(referrer(file)));
    } catch (NoSuchFileException e) {
      return found;
    } catch (IOException e) {
      throw StorageFailure.of("reading " + paths.referrers(subject), e);
    }
    return found;
  }

  private static String name(String scope, Digest referrer) {
    return scope + "_" + referrer.hex();
  }

  private static Digest referrer(Path file) {
    String name = String.valueOf(file.getFileName());
    return new Digest(name.substring(name.indexOf('_') + 1));
  }
}
