package dev.jctl.images.registry;

import java.net.URI;

/** Pure: where a registry's API is, and where requests may go from there. */
final class RegistryAddress {
  private RegistryAddress() {}

  /** HTTP for loopback only, where no authority is named; HTTPS everywhere else. */
  static RepositoryAddress of(RegistryLocation location) {
    boolean open = isLoopback(location.host()) && location.authority() == null;
    return of(open ? "http" : "https", location);
  }

  static RepositoryAddress of(String scheme, RegistryLocation location) {
    String host = location.host().equals("docker.io") ? "registry-1.docker.io" : location.host();
    return new RepositoryAddress(URI.create(scheme + "://" + host + "/"), location.repository());
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
