package dev.jctl.images.registry;

import java.net.URI;

/**
 * Where a repository is.
 *
 * @param base {@code https://host:port/}
 * @param name of the repository there
 */
record RepositoryAddress(URI base, String name) {
  /** {@code https://host/v2/name/kind/version}. */
  URI of(String kind, String version) {
    return base.resolve("/v2/" + name + "/" + kind + "/" + version);
  }
}
