package dev.jctl.images.registry;

import dev.jctl.images.ImageException;
import dev.jctl.images.ImageException.Reason;
import dev.jctl.images.content.BlobWriter;
import dev.jctl.images.oci.Descriptor;
import dev.jctl.images.reference.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One repository at one registry, for one credential: what was granted to it is for nobody else.
 * Tries again what failed for a while. For many threads.
 */
public final class RegistrySession {
  private static final int MAX_ERROR_BYTES = 1 << 16;

  private final RegistryHttp http;
  private final RetryPolicy retry;
  private final RepositoryAddress repository;
  private final RegistryAuthorization authorization;
  private final String remark;

  /** What a kind of request was let in with, so that the next one need not be refused first. */
  private final ConcurrentMap<String, String> granted = new ConcurrentHashMap<>();

  /**
   * @param remark for messages of a refusal: whose credentials these are
   */
  RegistrySession(
      RegistryHttp http,
      RetryPolicy retry,
      RepositoryAddress repository,
      RegistryAuthorization authorization,
      String remark) {
    this.http = http;
    this.retry = retry;
    this.repository = repository;
    this.authorization = authorization;
    this.remark = remark;
  }

  /** Makes something of a successful answer; an IOException means: try again. */
  interface Reading<T> {
    T of(HttpResponse<InputStream> response) throws IOException;
  }

  /** The next attempt may differ, to go on where the last one ended. */
  interface Attempts {
    RegistryRequest next() throws IOException;
  }

  /**
   * @param what for messages: which reference, and what of it
   * @param version tag or digest
   */
  public byte[] manifest(String what, String version) {
    return new ManifestEndpoint(this).get(what + ": manifest " + version, version);
  }

  public List<String> tags(String what) {
    return new TagsEndpoint(this).get(what + ": list of tags");
  }

  /** The manifests that say that they are about this one: signatures and such. */
  public List<Descriptor> referrers(String what, Digest subject) {
    return new ReferrersEndpoint(this).get(what + ": referrers of " + subject, subject);
  }

  /** Fills {@code out} with a blob, trying again and going on where it broke off. */
  public void blob(String what, Descriptor blob, BlobWriter out, LongConsumer progress) {
    new BlobEndpoint(this).get(what + ": blob " + blob.digest(), blob, out, progress);
  }

  /**
   * Sends a blob, unless it is there.
   *
   * @param beside a repository of the same registry that may have it
   */
  public void upload(String what, BlobSource blob, Optional<String> beside, LongConsumer progress) {
    new UploadEndpoint(this).put(what + ": blob " + blob.digest(), blob, beside, progress);
  }

  /** Sends a manifest, whose blobs must be there. */
  public void putManifest(String what, String version, String mediaType, byte[] content) {
    new ManifestEndpoint(this).put(what + ": manifest " + version, version, mediaType, content);
  }

  /** How much of a blob is sent with one request. */
  int chunkBytes() {
    return retry.chunkBytes();
  }

  RepositoryAddress repository() {
    return repository;
  }

  /**
   * Sends a request until it is answered.
   *
   * @param scope requests with equal ones are let in with the same token
   */
  <T> T call(String what, String scope, Attempts attempts, Reading<T> reading) {
    return call(what, scope, attempts, () -> 0, reading);
  }

  /**
   * @param done bytes so far: when a good deal was added, a failure counts as the first one again
   */
  <T> T call(String what, String scope, Attempts attempts, LongSupplier done, Reading<T> reading) {
    long before = done.getAsLong();
    for (int attempt = 1; ; attempt++) {
      Optional<Duration> retryAfter;
      ImageException failure;
      try {
        RegistryRequest request = attempts.next();
        HttpResponse<InputStream> response = authorized(what, scope, request);
        try (InputStream body = response.body()) {
          if (request.isAnswer(response.statusCode())) {
            return reading.of(response);
          }
          failure = failure(what, response.statusCode(), body.readNBytes(MAX_ERROR_BYTES));
          if (!RetryPolicy.isTransient(response.statusCode())) {
            throw failure;
          }
          retryAfter =
              response
                  .headers()
                  .firstValue("Retry-After")
                  .flatMap(header -> RetryPolicy.retryAfter(header, Instant.now()));
        }
      } catch (IOException e) {
        failure = RegistryFailure.unreachable(what, repository.base(), e);
        retryAfter = Optional.empty();
      }
      if (retry.isGoodDeal(done.getAsLong() - before)) {
        before = done.getAsLong();
        attempt = 1;
      }
      pause(what, retry.delay(attempt, retryAfter).orElse(null), failure);
    }
  }

  private ImageException failure(String what, int status, byte[] body) {
    return remarked(RegistryFailure.of(what, repository.base(), status, body));
  }

  private ImageException remarked(ImageException failure) {
    return failure.reason() == Reason.UNAUTHORIZED
        ? new ImageException(failure.reason(), failure.getMessage() + "; " + remark)
        : failure;
  }

  private static void pause(String what, @Nullable Duration delay, ImageException failure) {
    if (delay == null) {
      throw failure;
    }
    try {
      Thread.sleep(delay);
    } catch (InterruptedException e) {
      throw RegistryHttp.interrupted(what, e);
    }
  }

  private HttpResponse<InputStream> authorized(String what, String scope, RegistryRequest request)
      throws IOException {
    URI home = repository.base();
    String known = granted.getOrDefault(scope, authorization.unasked().orElse(null));
    HttpResponse<InputStream> response = http.follow(what, request, home, known);
    if (response.statusCode() != 401) {
      return response;
    }
    Optional<String> fresh = answer(what, request.uri(), response);
    if (fresh.isEmpty() || fresh.get().equals(known)) {
      return response;
    }
    response.body().close();
    granted.put(scope, fresh.get());
    return http.follow(what, request, home, fresh.get());
  }

  private Optional<String> answer(String what, URI uri, HttpResponse<InputStream> response)
      throws IOException {
    try {
      return authorization.answer(what, uri, response.headers().allValues("WWW-Authenticate"));
    } catch (ImageException e) {
      response.body().close();
      throw remarked(e);
    } catch (IOException e) {
      response.body().close();
      throw e;
    }
  }
}
