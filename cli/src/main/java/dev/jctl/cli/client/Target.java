package dev.jctl.cli.client;

import dev.jctl.manifests.model.ResourceKind;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Path and query of a request, percent-encoded. */
public record Target(String path, String query) {

  /** The collection of a kind; {@code namespace} null: in all namespaces. */
  public static Target of(ResourceKind kind, @Nullable String namespace) {
    String inNamespace =
        kind.namespaced() && namespace != null ? "/namespaces/" + encode(namespace) : "";
    return new Target(kind.pathPrefix() + inNamespace + "/" + kind.plural(), "");
  }

  /** One object. */
  public static Target of(ResourceKind kind, @Nullable String namespace, String name) {
    return of(kind, namespace).at(name);
  }

  public static Target path(String path) {
    return new Target(path, "");
  }

  /** A further segment: an object's name, or a subresource. */
  public Target at(String segment) {
    return new Target(path + "/" + encode(segment), query);
  }

  public Target with(String key, String value) {
    return new Target(
        path, query + (query.isEmpty() ? "?" : "&") + encode(key) + "=" + encode(value));
  }

  /** As {@link #with(String, String)}, unless the value is null or empty. */
  public Target withOptional(String key, @Nullable String value) {
    return value == null || value.isEmpty() ? this : with(key, value);
  }

  @Override
  public String toString() {
    return path + query;
  }

  /** RFC 3986, 2.3: all but unreserved characters. */
  private static String encode(String text) {
    StringBuilder encoded = new StringBuilder(text.length());
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      char c = (char) (b & 0xff);
      if ((c >= 'a' && c <= 'z')
          || (c >= 'A' && c <= 'Z')
          || (c >= '0' && c <= '9')
          || "-._~".indexOf(c) >= 0) {
        encoded.append(c);
      } else {
        encoded.append('%').append(Character.toUpperCase(Character.forDigit(c >> 4, 16)));
        encoded.append(Character.toUpperCase(Character.forDigit(c & 15, 16)));
      }
    }
    return encoded.toString();
  }
}
