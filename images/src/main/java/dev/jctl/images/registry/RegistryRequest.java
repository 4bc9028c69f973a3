package dev.jctl.images.registry;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.util.Map;

/**
 * One request, which may be sent several times.
 *
 * @param body made anew for each time it is sent
 */
record RegistryRequest(String method, URI uri, Map<String, String> headers, Body body) {
  /** What is sent along. */
  @FunctionalInterface
  interface Body {
    Body NONE = HttpRequest.BodyPublishers::noBody;

    HttpRequest.BodyPublisher open() throws FileNotFoundException, IOException;
  }

  RegistryRequest {
    headers = Map.copyOf(headers);
  }

  static RegistryRequest get(URI uri, Map<String, String> headers) {
    return new RegistryRequest("GET", uri, headers, Body.NONE);
  }

  RegistryRequest at(URI other) {
    return new RegistryRequest(method, other, headers, body);
  }

  /** Whether it may be sent to where a redirect leads. RFC 9110, 15.4. */
  boolean follows(int status) {
    return switch (status) {
      case 307, 308 -> true;
      case 301, 302, 303 -> method.equals("GET") || method.equals("HEAD");
      default -> false;
    };
  }
}
