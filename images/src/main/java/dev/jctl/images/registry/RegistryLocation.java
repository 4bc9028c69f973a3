package dev.jctl.images.registry;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Where a repository is looked for.
 *
 * @param host with its port if it is not the usual one
 * @param authority file with the certificates of who vouches for it, instead of the system's; null
 *     for none
 */
record RegistryLocation(
    String host, String repository, Security security, @Nullable Path authority) {
  RegistryLocation(String host, String repository, Security security) {
    this(host, repository, security, null);
  }

  /** How sure one must be of whom one talks to. */
  enum Security {
    /** HTTPS with a certificate that is trusted; HTTP on loopback, unless an authority is named. */
    REQUIRED,
    /** HTTPS with any certificate, else HTTP. */
    WAIVED
  }
}
