package dev.jctl.controller.webhook;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.config.SecretText;
import dev.jctl.controller.resources.ApiException;
import dev.jctl.controller.resources.ApiException.Reason;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.Resources;
import dev.jctl.controller.resources.Resources.WriteOptions;
import dev.jctl.manifests.model.Annotations;
import dev.jctl.manifests.model.ResourceKind;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Calls that tell of new commits. Each must prove that it knows the key of {@code
 * spec.webhook.secretRef}; then the repository is looked at now. What a call says is not read: all
 * it can do is have a remote asked that is asked anyway.
 */
public final class Webhooks {
  /** What GitHub sends at most. */
  static final int MAX_BYTES = 25 << 20;

  private static final int AT_ONCE = 4;
  private static final String ALGORITHM = "HmacSHA256";

  private final Resources resources;
  private final InstantSource clock;
  private final Semaphore places = new Semaphore(AT_ONCE);
  private final CallRates wrong = new CallRates(10, Duration.ofSeconds(6));
  private final CallRates right = new CallRates(30, Duration.ofSeconds(1));

  /** Nobody knows it: a repository that is not there takes as long to refuse as any other. */
  private final String nobodys = HexFormat.of().formatHex(randomBytes());

  public Webhooks(Resources resources, InstantSource clock) {
    this.resources = resources;
    this.clock = clock;
  }

  private static byte[] randomBytes() {
    byte[] bytes = new byte[32];
    new SecureRandom().nextBytes(bytes);
    return bytes;
  }

  /**
   * @param headers the value of a header, or an empty text
   * @param peer the caller's address
   */
  public record Call(
      ObjectRef repository,
      UnaryOperator<String> headers,
      Supplier<InputStream> body,
      String peer) {}

  /**
   * Has the repository looked at.
   *
   * @throws ApiException 401 when the call proves nothing, whether there is such a repository or
   *     not; 413, 429
   */
  public void receive(Call call) {
    Instant now = clock.instant();
    if (!wrong.allows(call.peer(), now)) {
      throw tooMany("calls that prove nothing come from this address");
    }
    if (!places.tryAcquire()) {
      throw tooMany("webhooks are being received");
    }
    try {
      check(call, now);
    } finally {
      places.release();
    }
    if (!right.take(call.repository().toString(), now)) {
      throw tooMany("calls come for this repository");
    }
    request(call.repository(), now);
  }

  private void check(Call call, Instant now) {
    String known = key(call.repository()).orElse("");
    String key = known.isEmpty() ? nobodys : known;
    byte[] hmac = hmac(call, key);
    if (HookProof.of(call.headers()).filter(p -> HookProof.holds(p, key, hmac)).isEmpty()) {
      wrong.take(call.peer(), now);
      throw new ApiException(
          Reason.UNAUTHORIZED,
          "the call proves no knowledge of the key: expected X-Hub-Signature-256,"
              + " X-Gitea-Signature or X-Gitlab-Token with the key token of the Secret in"
              + " spec.webhook.secretRef",
          null,
          List.of());
    }
  }

  private Optional<String> key(ObjectRef repository) {
    return resources
        .find(repository)
        .map(r -> r.tree().at("/spec/webhook/secretRef/name").asText(""))
        .filter(name -> !name.isEmpty())
        .flatMap(
            name ->
                resources.find(new ObjectRef(ResourceKind.SECRET, repository.namespace(), name)))
        .map(SecretText::of)
        .map(texts -> texts.getOrDefault("token", "").strip());
  }

  private static byte[] hmac(Call call, String key) {
    try (InputStream body = call.body().get()) {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(new SecretKeySpec(key.getBytes(StandardCharsets.UTF_8), ALGORITHM));
      byte[] buffer = new byte[8192];
      long total = 0;
      for (int n = body.read(buffer); n >= 0; n = body.read(buffer)) {
        total += n;
        if (total > MAX_BYTES) {
          throw new ApiException(
              Reason.REQUEST_TOO_LARGE,
              "Request entity too large: limit is " + MAX_BYTES,
              null,
              List.of());
        }
        mac.update(buffer, 0, n);
      }
      return mac.doFinal();
    } catch (IOException e) {
      throw new UncheckedIOException("the caller has gone", e);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private void request(ObjectRef repository, Instant now) {
    resources.update(
        repository, tree -> withRequest(tree, "webhook " + now), WriteOptions.by("webhook"));
  }

  private static ObjectNode withRequest(ObjectNode tree, String request) {
    tree.withObject("/metadata/annotations").put(Annotations.RECONCILE_REQUESTED, request);
    return tree;
  }

  private static ApiException tooMany(String what) {
    return new ApiException(
        Reason.TOO_MANY_REQUESTS,
        "Too many requests, please try again later: " + what,
        null,
        List.of());
  }
}
