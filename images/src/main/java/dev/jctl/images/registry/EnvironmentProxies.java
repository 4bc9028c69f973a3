package dev.jctl.images.registry;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * {@code HTTPS_PROXY}, {@code HTTP_PROXY} and {@code NO_PROXY}, in either case, as Go's programs
 * read them (golang.org/x/net/http/httpproxy): nothing on loopback goes through a proxy.
 */
public final class EnvironmentProxies extends ProxySelector {
  private static final List<Proxy> DIRECT = List.of(Proxy.NO_PROXY);

  private final Map<String, String> environment;

  public EnvironmentProxies(Map<String, String> environment) {
    this.environment = Map.copyOf(environment);
  }

  @Override
  public List<Proxy> select(URI uri) {
    return proxyFor(uri).map(EnvironmentProxies::proxy).map(List::of).orElse(DIRECT);
  }

  /** What the proxy of that address is to be sent, when there is a password for it. RFC 7617. */
  Optional<String> authorization(URI uri) {
    return proxyFor(uri)
        .filter(proxy -> type(proxy) == Proxy.Type.HTTP)
        .map(URI::getUserInfo)
        .map(user -> (user.indexOf(':') < 0 ? user + ":" : user).getBytes(StandardCharsets.UTF_8))
        .map(credentials -> "Basic " + Base64.getEncoder().encodeToString(credentials));
  }

  private Optional<URI> proxyFor(URI uri) {
    String host = String.valueOf(uri.getHost()).toLowerCase(Locale.ROOT);
    if (RegistryAddress.isLoopback(host) || isExempt(host, port(uri))) {
      return Optional.empty();
    }
    return address(variable(uri.getScheme() + "_proxy"));
  }

  private static int port(URI uri) {
    if (uri.getPort() >= 0) {
      return uri.getPort();
    }
    return "https".equals(uri.getScheme()) ? 443 : 80;
  }

  private String variable(String name) {
    String lower = environment.getOrDefault(name.toLowerCase(Locale.ROOT), "");
    return lower.isEmpty() ? environment.getOrDefault(name.toUpperCase(Locale.ROOT), "") : lower;
  }

  private static Optional<URI> address(String text) {
    if (text.isEmpty()) {
      return Optional.empty();
    }
    URI uri = URI.create(text.contains("://") ? text : "http://" + text);
    return uri.getHost() == null ? Optional.empty() : Optional.of(uri);
  }

  private static Proxy proxy(URI uri) {
    // resolved when it is connected to
    return new Proxy(type(uri), InetSocketAddress.createUnresolved(uri.getHost(), proxyPort(uri)));
  }

  private static Proxy.Type type(URI proxy) {
    return String.valueOf(proxy.getScheme()).startsWith("socks")
        ? Proxy.Type.SOCKS
        : Proxy.Type.HTTP;
  }

  private static int proxyPort(URI proxy) {
    return proxy.getPort() >= 0 ? proxy.getPort() : port(proxy);
  }

  private boolean isExempt(String host, int port) {
    return Arrays.stream(variable("no_proxy").split(",", -1))
        .map(entry -> entry.strip().toLowerCase(Locale.ROOT))
        .anyMatch(entry -> exempts(entry, host, port));
  }

  private static boolean exempts(String entry, String host, int port) {
    if (entry.equals("*")) {
      return true;
    }
    String name = entry.replaceFirst(":" + port + "$", "");
    if (name.isEmpty() || name.matches(".*[^\\]:]:[0-9]+")) {
      return false; // of another port
    }
    String domain = name.replaceFirst("^\\*?\\.", "");
    boolean below = host.endsWith("." + domain);
    return below || (name.equals(domain) && host.equals(domain));
  }

  @Override
  public void connectFailed(URI uri, SocketAddress address, IOException failure) {
    // there is no other one to try
  }
}
