package dev.jctl.controller.gitrepository;

import dev.jctl.controller.git.Remote;
import dev.jctl.manifests.model.GitRepositorySpec;
import dev.jctl.manifests.model.ManifestSourceSpec;
import dev.jctl.manifests.model.Resource;
import io.fabric8.kubernetes.api.model.LocalObjectReference;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** Where manifests are from. */
sealed interface Origin {
  record Git(Remote remote) implements Origin {}

  record Directory(Path path) implements Origin {}

  record Archive(Path path) implements Origin {}

  /**
   * @param repository {@code host/name}
   * @param secrets names of Secrets with credentials
   */
  record Artifact(String repository, Version version, List<String> secrets) implements Origin {
    public Artifact {
      secrets = List.copyOf(secrets);
    }
  }

  /** Which artifact of a repository. */
  sealed interface Version {
    record Tag(String tag) implements Version {}

    record Range(String range) implements Version {}

    record Digest(String digest) implements Version {}
  }

  /** {@code secret}: what a remote asks for, by key. */
  static Origin of(Resource.Followed object, Map<String, String> secret) {
    return switch (object) {
      case Resource.GitRepository repository ->
          new Git(RepositoryRemote.of(repository.spec(), secret));
      case Resource.ManifestSource source -> of(source.spec());
    };
  }

  private static Origin of(ManifestSourceSpec spec) {
    if (spec.directory() != null) {
      return new Directory(Path.of(spec.directory()));
    }
    if (spec.archive() != null) {
      return new Archive(Path.of(spec.archive()));
    }
    ManifestSourceSpec.Oci oci = Objects.requireNonNull(spec.oci(), "admission wants one of them");
    return new Artifact(oci.url().substring("oci://".length()), version(oci), secrets(spec));
  }

  private static Version version(ManifestSourceSpec.Oci oci) {
    ManifestSourceSpec.Ref ref = oci.ref();
    if (ref != null && ref.digest() != null) {
      return new Version.Digest(ref.digest());
    }
    if (ref != null && ref.semver() != null) {
      return new Version.Range(ref.semver());
    }
    return new Version.Tag(ref == null || ref.tag() == null ? "latest" : ref.tag());
  }

  /** The Secrets whose credentials an artifact is pulled with. */
  static List<String> secrets(ManifestSourceSpec spec) {
    return Optional.ofNullable(spec.oci())
        .map(ManifestSourceSpec.Oci::imagePullSecrets)
        .orElse(List.of())
        .stream()
        .map(LocalObjectReference::getName)
        .toList();
  }

  /** What is followed, in a line: what a status tells by whether it is still the same. */
  static String url(Resource.Followed object) {
    return switch (object) {
      case Resource.GitRepository repository -> repository.spec().url();
      case Resource.ManifestSource source -> {
        ManifestSourceSpec spec = source.spec();
        String path = spec.directory() == null ? spec.archive() : spec.directory();
        yield path == null ? Objects.requireNonNull(spec.oci()).url() : "file://" + path;
      }
    };
  }

  /** Empty for what is no git repository. */
  static Optional<GitRepositorySpec> git(Resource.Followed object) {
    return object instanceof Resource.GitRepository repository
        ? Optional.of(repository.spec())
        : Optional.empty();
  }
}
