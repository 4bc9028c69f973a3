package dev.jctl.images.registry;

/**
 * Where a repository is looked for.
 *
 * @param host with its port if it is not the usual one
 */
record RegistryLocation(String host, String repository, Security security) {
  /** How sure one must be of whom one talks to. */
  enum Security {
    /** HTTPS with a certificate that is trusted; HTTP on loopback. */
    REQUIRED,
    /** HTTPS with any certificate, else HTTP. */
    WAIVED
  }
}
