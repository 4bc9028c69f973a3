package dev.jctl.images.registry;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.util.Map;
import java.util.Set;

/**
 * One request, which may be sent several times.
 *
 * @param body made anew for each time it is sent
 * @param outcomes statuses that are answers too, beside those of success
 */
record RegistryRequest(
    String method, URI uri, Map<String, String> headers, Body body, Set<Integer> outcomes) {
  /** What is sent along. */
  @FunctionalInterface
  interface Body {
    Body NONE = HttpRequest.BodyPublishers::noBody;

    HttpRequest.BodyPublisher open() throws IOException;
  }

  RegistryRequest {
    headers = Map.copyOf(headers);
    outcomes = Set.copyOf(outcomes);
  }

  RegistryRequest(String method, URI uri, Map<String, String> headers, Body body) {
    this(method, uri, headers, body, Set.of());
  }

  static RegistryRequest get(URI uri, Map<String, String> headers) {
    return new RegistryRequest("GET", uri, headers, Body.NONE);
  }

  /** With an answer beside those of success. */
  RegistryRequest or(int outcome) {
    return new RegistryRequest(method, uri, headers, body, Set.of(outcome));
  }

  RegistryRequest at(URI other) {
    return new RegistryRequest(method, other, headers, body, outcomes);
  }

  boolean isAnswer(int status) {
    return status / 100 == 2 || outcomes.contains(status);
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
