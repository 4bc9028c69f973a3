package dev.jctl.controller.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.access.AccountTokens;
import dev.jctl.controller.access.AccountTokens.Bound;
import dev.jctl.controller.access.AccountTokens.Issued;
import dev.jctl.controller.access.AccountTokens.Wanted;
import dev.jctl.controller.resources.ApiException;
import dev.jctl.controller.resources.ApiException.Cause;
import dev.jctl.controller.resources.ApiException.Reason;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.Resources;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.manifests.model.ResourceKind;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** authentication.k8s.io/v1 TokenRequest: {@code kubectl create token}. */
final class TokenRequests {
  private static final long DEFAULT_SECONDS = 3600;
  private static final long MIN_SECONDS = 600;
  private static final long MAX_SECONDS = 1L << 32;

  private final Resources resources;
  private final AccountTokens tokens;

  TokenRequests(Resources resources, AccountTokens tokens) {
    this.resources = resources;
    this.tokens = tokens;
  }

  /** The request that was sent, with the token in its status. */
  ObjectNode answer(ObjectRef account, ApiRequest request) {
    ObjectNode body = RequestBodies.object(request);
    StoredObject found = resources.get(account);
    JsonNode spec = body.path("spec");
    long seconds = spec.path("expirationSeconds").asLong(DEFAULT_SECONDS);
    requireBetween(seconds);
    Issued issued =
        tokens.issue(
            new Wanted(
                bound(found),
                spec.path("audiences").valueStream().map(JsonNode::asText).toList(),
                Duration.ofSeconds(seconds),
                boundTo(account.namespace(), spec.path("boundObjectRef"))));
    body.put("apiVersion", "authentication.k8s.io/v1").put("kind", "TokenRequest");
    body.withObject("/metadata").put("name", account.name()).put("namespace", account.namespace());
    body.withObject("/spec").put("expirationSeconds", seconds);
    body.putObject("status")
        .put("token", issued.token())
        .put("expirationTimestamp", issued.expires().toString());
    return body;
  }

  private static void requireBetween(long seconds) {
    if (seconds < MIN_SECONDS) {
      throw invalid("may not specify a duration less than 10 minutes");
    }
    if (seconds > MAX_SECONDS) {
      throw invalid("may not specify a duration larger than 2^32 seconds");
    }
  }

  private static ApiException invalid(String message) {
    return new ApiException(
        Reason.INVALID,
        "TokenRequest.authentication.k8s.io \"\" is invalid: spec.expirationSeconds: " + message,
        null,
        List.of(new Cause("FieldValueInvalid", message, "spec.expirationSeconds")));
  }

  private static Bound bound(StoredObject object) {
    ObjectRef ref = object.ref();
    return new Bound(ref.kind().kind(), ref.namespace(), ref.name(), object.uid());
  }

  private @Nullable Bound boundTo(String namespace, JsonNode reference) {
    if (!reference.isObject()) {
      return null;
    }
    String name = reference.path("kind").asText("");
    ResourceKind kind =
        ResourceKind.of(reference.path("apiVersion").asText("v1"), name)
            .filter(k -> k == ResourceKind.POD || k == ResourceKind.SECRET)
            .orElseThrow(
                () ->
                    ApiException.badRequest(
                        "cannot bind token to object of kind \"" + name + "\": use Pod or Secret"));
    StoredObject object =
        resources.get(new ObjectRef(kind, namespace, reference.path("name").asText("")));
    String uid = reference.path("uid").asText("");
    if (!uid.isEmpty() && !uid.equals(object.uid())) {
      throw new ApiException(
          Reason.CONFLICT,
          "the UID in the bound object reference (%s) does not match the UID in record (%s)"
              .formatted(uid, object.uid()),
          object.ref(),
          List.of());
    }
    return bound(object);
  }
}
