package dev.jctl.images.registry;

import dev.jctl.images.reference.ImageReference;
import java.net.URI;

/** Pure: where a registry's API is. HTTP for loopback only; HTTPS everywhere else. */
final class RegistryAddress {
  private RegistryAddress() {}

  static RepositoryAddress of(ImageReference image) {
    String host = image.registry().equals("docker.io") ? "registry-1.docker.io" : image.registry();
    String scheme = isLoopback(host) ? "http" : "https";
    return new RepositoryAddress(URI.create(scheme + "://" + host + "/"), image.repository());
  }

  static boolean isLoopback(String authority) {
    String host = authority.replaceFirst(":[0-9]+$", "");
    return host.equals("localhost")
        || host.equals("[::1]")
        || host.matches("127(\\.[0-9]{1,3}){3}");
  }

  /** Whether a request may go from one to the other: never from an encrypted to an open one. */
  static boolean mayRedirect(URI from, URI to) {
    return "https".equals(to.getScheme())
        || ("http".equals(to.getScheme()) && "http".equals(from.getScheme()));
  }

  /** Credentials go back to where they are for, and nowhere else. */
  static boolean sameOrigin(URI one, URI other) {
    return String.valueOf(one.getScheme()).equals(other.getScheme())
        && String.valueOf(one.getAuthority()).equals(other.getAuthority());
  }
}
