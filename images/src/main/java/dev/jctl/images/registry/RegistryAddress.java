package dev.jctl.images.registry;

import dev.jctl.images.reference.ImageReference;
import java.net.URI;

/** Pure: where a registry's API is. HTTP for loopback only; HTTPS everywhere else. */
final class RegistryAddress {
  private RegistryAddress() {}

  /** {@code https://host/v2/name/kind/version}. */
  static URI of(ImageReference image, String kind, String version) {
    String host = image.registry().equals("docker.io") ? "registry-1.docker.io" : image.registry();
    return URI.create(
        "%s://%s/v2/%s/%s/%s"
            .formatted(
                isLoopback(host) ? "http" : "https", host, image.repository(), kind, version));
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
