package dev.jctl.controller.audit;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.jctl.controller.access.Identity;
import dev.jctl.controller.rbac.AccessRequest;
import java.io.IOException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * One request and how it was answered: audit.k8s.io/v1 Event at level Metadata. Bodies are not in
 * it, so no secret is.
 *
 * @param who proven; empty when nobody is
 * @param acting as whom it was done, when that is somebody else
 * @param uri path and query
 * @param peer the address that it came from; empty for the Unix socket
 * @param reason of a Status, when it failed; else empty
 */
public record AuditEvent(
    Optional<Identity> who,
    Optional<Identity> acting,
    AccessRequest request,
    String uri,
    String peer,
    String userAgent,
    Instant received,
    Instant answered,
    int code,
    String reason) {
  private static final DateTimeFormatter MICROS =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);
  private static final Set<String> READING = Set.of("get", "list", "watch");

  /** Asked and answered, and nothing is changed by it. */
  private static final Set<String> REVIEWS =
      Set.of("authorization.k8s.io", "authentication.k8s.io");

  /** Renewed every few seconds by whoever leads. */
  private static final String LEASES = "coordination.k8s.io";

  private static final Set<String> CONNECTING = Set.of("exec", "attach", "portforward");
  private static final int UNAUTHORIZED = 401;
  private static final int FORBIDDEN = 403;
  private static final int MAX_TEXT = 4096;

  /** Whether it is to be kept: changes, connections into containers, and whatever was refused. */
  public boolean matters() {
    if (code == UNAUTHORIZED || code == FORBIDDEN) {
      return true;
    }
    return switch (request) {
      case AccessRequest.OfPath p -> !READING.contains(p.verb()) && !p.verb().equals("head");
      case AccessRequest.OfResource r ->
          CONNECTING.contains(r.subresource())
              || !(READING.contains(r.verb())
                  || REVIEWS.contains(r.group())
                  || r.group().equals(LEASES));
    };
  }

  /** As an object of JSON, field by field: a tree of it would cost half of a write's audit. */
  void writeTo(JsonGenerator json) throws IOException {
    json.writeStartObject();
    json.writeStringField("kind", "Event");
    json.writeStringField("apiVersion", "audit.k8s.io/v1");
    json.writeStringField("level", "Metadata");
    json.writeStringField("auditID", UUID.randomUUID().toString());
    json.writeStringField("stage", "ResponseComplete");
    json.writeStringField("requestURI", shortened(uri));
    json.writeStringField("verb", request.verb());
    write(json, "user", who.orElse(NOBODY));
    if (acting.isPresent()) {
      write(json, "impersonatedUser", acting.get());
    }
    if (!peer.isEmpty()) {
      json.writeArrayFieldStart("sourceIPs");
      json.writeString(peer);
      json.writeEndArray();
    }
    json.writeStringField("userAgent", shortened(userAgent));
    if (request instanceof AccessRequest.OfResource r) {
      write(json, r);
    }
    writeOutcome(json);
    json.writeEndObject();
  }

  private void writeOutcome(JsonGenerator json) throws IOException {
    json.writeObjectFieldStart("responseStatus");
    json.writeObjectFieldStart("metadata");
    json.writeEndObject();
    if (!reason.isEmpty()) {
      json.writeStringField("status", "Failure");
      json.writeStringField("reason", reason);
    }
    json.writeNumberField("code", code);
    json.writeEndObject();
    json.writeStringField("requestReceivedTimestamp", MICROS.format(received));
    json.writeStringField("stageTimestamp", MICROS.format(answered));
    json.writeObjectFieldStart("annotations");
    json.writeStringField("authorization.k8s.io/decision", code == FORBIDDEN ? "forbid" : "allow");
    json.writeEndObject();
  }

  private static final Identity NOBODY =
      new Identity(Identity.ANONYMOUS, "", java.util.List.of(Identity.UNAUTHENTICATED));

  private static void write(JsonGenerator json, String field, Identity identity)
      throws IOException {
    json.writeObjectFieldStart(field);
    json.writeStringField("username", shortened(identity.user()));
    writeUnlessEmpty(json, "uid", identity.uid());
    json.writeArrayFieldStart("groups");
    for (String group : identity.groups()) {
      json.writeString(group);
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private static void write(JsonGenerator json, AccessRequest.OfResource r) throws IOException {
    json.writeObjectFieldStart("objectRef");
    json.writeStringField("resource", r.resource());
    writeUnlessEmpty(json, "namespace", r.namespace());
    writeUnlessEmpty(json, "name", r.name());
    writeUnlessEmpty(json, "apiGroup", r.group());
    writeUnlessEmpty(json, "subresource", r.subresource());
    json.writeEndObject();
  }

  private static void writeUnlessEmpty(JsonGenerator json, String field, String text)
      throws IOException {
    if (!text.isEmpty()) {
      json.writeStringField(field, text);
    }
  }

  /** What a client can make long. */
  private static String shortened(String text) {
    return text.length() <= MAX_TEXT ? text : text.substring(0, MAX_TEXT) + "…";
  }
}
