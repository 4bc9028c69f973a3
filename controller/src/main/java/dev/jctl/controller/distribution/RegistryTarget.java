package dev.jctl.controller.distribution;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a path below {@code /v2/} names. OCI distribution spec 1.1, Endpoints. */
public sealed interface RegistryTarget {
  /** {@code /v2/}: whether this is a registry, and lets one in. */
  record Base() implements RegistryTarget {}

  /** {@code /v2/_catalog}: all repositories. */
  record Catalog() implements RegistryTarget {}

  /** {@code /v2/NAME/tags/list}. */
  record Tags(RepositoryName name) implements RegistryTarget {}

  /** {@code /v2/NAME/manifests/REFERENCE}: a tag or a digest. */
  record Manifest(RepositoryName name, String reference) implements RegistryTarget {}

  /** {@code /v2/NAME/blobs/DIGEST}. */
  record Blob(RepositoryName name, String digest) implements RegistryTarget {}

  /** {@code /v2/NAME/blobs/uploads/}. */
  record NewUpload(RepositoryName name) implements RegistryTarget {}

  /** {@code /v2/NAME/blobs/uploads/ID}. */
  record Upload(RepositoryName name, String id) implements RegistryTarget {}

  /** {@code /v2/NAME/referrers/DIGEST}. */
  record Referrers(RepositoryName name, String digest) implements RegistryTarget {}

  /** Such a path with a name that cannot be. */
  record BadName(String name) implements RegistryTarget {}

  Pattern PATH =
      Pattern.compile(
          "/v2/(?<name>.+)/(?:tags/list|manifests/(?<manifest>[^/]+)|blobs/uploads/?"
              + "|blobs/uploads/(?<upload>[^/]+)|blobs/(?<blob>[^/]+)|referrers/(?<subject>[^/]+))");

  /**
   * @param path as in the request line, without the query
   */
  static Optional<RegistryTarget> parse(String path) {
    if (path.equals("/v2/") || path.equals("/v2")) {
      return Optional.of(new Base());
    }
    if (path.equals("/v2/_catalog")) {
      return Optional.of(new Catalog());
    }
    Matcher matcher = PATH.matcher(path);
    return matcher.matches()
        ? Optional.of(
            RepositoryName.parse(matcher.group("name"))
                .map(name -> of(name, path, matcher))
                .orElseGet(() -> new BadName(matcher.group("name"))))
        : Optional.empty();
  }

  private static RegistryTarget of(RepositoryName name, String path, Matcher matcher) {
    if (matcher.group("manifest") != null) {
      return new Manifest(name, matcher.group("manifest").replace("%3A", ":"));
    }
    if (matcher.group("upload") != null) {
      return new Upload(name, matcher.group("upload"));
    }
    if (matcher.group("blob") != null) {
      return new Blob(name, matcher.group("blob").replace("%3A", ":"));
    }
    if (matcher.group("subject") != null) {
      return new Referrers(name, matcher.group("subject").replace("%3A", ":"));
    }
    return path.endsWith("/tags/list") ? new Tags(name) : new NewUpload(name);
  }
}
