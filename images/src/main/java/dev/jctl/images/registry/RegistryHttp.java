package dev.jctl.images.registry;

import dev.jctl.images.ImageException;
import dev.jctl.images.ImageException.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodySubscribers;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Sends requests and follows redirects, which is done here since credentials must not follow them
 * to another host.
 *
 * @param patience how long an answer may take, and its body be silent
 */
record RegistryHttp(HttpClient client, EnvironmentProxies proxies, Duration patience) {
  private static final long SLOWEST_BYTES_PER_SECOND = 32 << 10;
  private static final int MAX_REDIRECTS = 5;

  /**
   * @param what for messages
   * @param home where the authorization is for
   * @param authorization header; null for none
   */
  HttpResponse<InputStream> follow(
      String what, RegistryRequest request, URI home, @Nullable String authorization)
      throws IOException {
    URI at = request.uri();
    for (int i = 0; i <= MAX_REDIRECTS; i++) {
      boolean atHome = RegistryAddress.sameOrigin(home, at);
      HttpResponse<InputStream> response =
          send(what, request.at(at), atHome ? authorization : null);
      Optional<String> location = response.headers().firstValue("Location");
      if (!request.follows(response.statusCode()) || location.isEmpty()) {
        return response;
      }
      response.body().close();
      at = target(what, at, location.get());
    }
    throw new ImageException(
        Reason.UNREACHABLE, what + ": more than " + MAX_REDIRECTS + " redirects");
  }

  /** Where a {@code Location} leads, if a request may go there. */
  static URI target(String what, URI from, String location) {
    try {
      URI to = from.resolve(location);
      if (to.getHost() != null && RegistryAddress.mayRedirect(from, to)) {
        return to;
      }
    } catch (IllegalArgumentException notAUri) {
      // said below
    }
    throw new ImageException(
        Reason.UNREACHABLE,
        "%s: %s redirects to where it must not: \"%s\""
            .formatted(what, from.getAuthority(), location.replaceAll("\\p{Cntrl}", "?")));
  }

  /** One request and its answer, whatever it is. */
  HttpResponse<InputStream> send(
      String what, RegistryRequest request, @Nullable String authorization) throws IOException {
    BodyPublisher body = request.body().open();
    HttpRequest.Builder builder =
        HttpRequest.newBuilder(request.uri())
            .timeout(patience.plusSeconds(body.contentLength() / SLOWEST_BYTES_PER_SECOND))
            .method(request.method(), body);
    request.headers().forEach(builder::header);
    if (authorization != null) {
      builder.header("Authorization", authorization);
    }
    // to a proxy that tunnels the JDK sends it with its CONNECT, and to nobody else
    proxies.authorization(request.uri()).ifPresent(a -> builder.header("Proxy-Authorization", a));
    try {
      return client.send(
          builder.build(),
          answer ->
              BodySubscribers.mapping(
                  BodySubscribers.ofInputStream(), in -> new PatientBody(in, patience)));
    } catch (HttpConnectTimeoutException e) {
      throw e;
    } catch (HttpTimeoutException e) {
      throw new IOException("it took the request and was silent", e);
    } catch (InterruptedException e) {
      throw interrupted(what, e);
    }
  }

  static ImageException interrupted(String what, InterruptedException e) {
    Thread.currentThread().interrupt();
    return new ImageException(Reason.IO, what + ": interrupted", e);
  }
}
