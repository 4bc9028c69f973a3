package dev.jctl.images.registry;

import dev.jctl.images.ImageException;
import dev.jctl.images.ImageException.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/**
 * GET with tokens, redirects and retries. Redirects are followed here, since the credentials must
 * not follow them to another host.
 */
final class RegistryHttp {
  private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(30);
  private static final int MAX_REDIRECTS = 5;
  private static final int MAX_ERROR_BYTES = 1 << 16;

  private final HttpClient client;
  private final RetryPolicy retry;
  private final TokenEndpoint tokenEndpoint;
  private final ConcurrentMap<BearerChallenge, String> tokens = new ConcurrentHashMap<>();

  /** The challenge that a repository answered with before, so that it need not be asked again. */
  private final ConcurrentMap<String, BearerChallenge> challenges = new ConcurrentHashMap<>();

  RegistryHttp(HttpClient client, RetryPolicy retry) {
    this.client = client;
    this.retry = retry;
    this.tokenEndpoint = new TokenEndpoint(this);
  }

  /** Makes something of a successful answer; an IOException means: try again. */
  interface Reading<T> {
    T of(HttpResponse<InputStream> response) throws IOException;
  }

  /** Headers may differ with each attempt, to go on where the last one ended. */
  interface Headers {
    Map<String, String> next();
  }

  /**
   * @param what for messages
   * @param scope of a token; requests with equal scopes share it
   */
  <T> T get(String what, URI uri, String scope, Headers headers, Reading<T> reading) {
    for (int attempt = 1; ; attempt++) {
      Optional<Duration> retryAfter;
      ImageException failure;
      try {
        HttpResponse<InputStream> response = authorized(what, uri, scope, headers.next());
        try (InputStream body = response.body()) {
          if (response.statusCode() / 100 == 2) {
            return reading.of(response);
          }
          failure =
              RegistryFailure.of(
                  what, uri, response.statusCode(), body.readNBytes(MAX_ERROR_BYTES));
          if (!RetryPolicy.isTransient(response.statusCode())) {
            throw failure;
          }
          retryAfter =
              response.headers().firstValue("Retry-After").flatMap(RetryPolicy::retryAfter);
        }
      } catch (IOException e) {
        failure = RegistryFailure.unreachable(what, uri, e);
        retryAfter = Optional.empty();
      }
      pause(what, retry.delay(attempt, retryAfter).orElse(null), failure);
    }
  }

  private static void pause(String what, @Nullable Duration delay, ImageException failure) {
    if (delay == null) {
      throw failure;
    }
    try {
      Thread.sleep(delay);
    } catch (InterruptedException e) {
      throw interrupted(what, e);
    }
  }

  private HttpResponse<InputStream> authorized(
      String what, URI uri, String scope, Map<String, String> headers) throws IOException {
    BearerChallenge known = challenges.get(scope);
    String token = known == null ? null : tokens.get(known);
    HttpResponse<InputStream> response = follow(what, uri, token, headers);
    if (response.statusCode() != 401) {
      return response;
    }
    Optional<BearerChallenge> challenge =
        response.headers().allValues("WWW-Authenticate").stream()
            .flatMap(header -> BearerChallenge.parse(header).stream())
            .filter(c -> RegistryAddress.mayRedirect(uri, c.realm()))
            .findFirst();
    if (challenge.isEmpty()) {
      return response;
    }
    response.body().close();
    String fresh = tokenEndpoint.token(what, challenge.get());
    challenges.put(scope, challenge.get());
    tokens.put(challenge.get(), fresh);
    return follow(what, uri, fresh, headers);
  }

  private HttpResponse<InputStream> follow(
      String what, URI uri, @Nullable String token, Map<String, String> headers)
      throws IOException {
    URI at = uri;
    for (int i = 0; i <= MAX_REDIRECTS; i++) {
      boolean home = RegistryAddress.sameOrigin(uri, at);
      HttpResponse<InputStream> response = send(what, at, home ? token : null, headers);
      Optional<String> location = response.headers().firstValue("Location");
      if (response.statusCode() / 100 != 3 || location.isEmpty()) {
        return response;
      }
      response.body().close();
      at = target(what, at, location.get());
    }
    throw new ImageException(
        Reason.UNREACHABLE, what + ": more than " + MAX_REDIRECTS + " redirects");
  }

  private static URI target(String what, URI from, String location) {
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
      String what, URI uri, @Nullable String token, Map<String, String> headers)
      throws IOException {
    HttpRequest.Builder request = HttpRequest.newBuilder(uri).timeout(ANSWER_TIMEOUT);
    headers.forEach(request::header);
    if (token != null) {
      request.header("Authorization", "Bearer " + token);
    }
    try {
      return client.send(request.build(), BodyHandlers.ofInputStream());
    } catch (InterruptedException e) {
      throw interrupted(what, e);
    }
  }

  private static ImageException interrupted(String what, InterruptedException e) {
    Thread.currentThread().interrupt();
    return new ImageException(Reason.IO, what + ": interrupted", e);
  }
}
