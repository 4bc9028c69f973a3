package dev.jctl.controller.audit;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.access.Identity;
import dev.jctl.controller.rbac.AccessRequest;
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

  /** With a line's end. */
  String line() {
    ObjectNode event = JsonNodeFactory.instance.objectNode();
    event.put("kind", "Event").put("apiVersion", "audit.k8s.io/v1").put("level", "Metadata");
    event.put("auditID", UUID.randomUUID().toString()).put("stage", "ResponseComplete");
    event.put("requestURI", shortened(uri)).put("verb", request.verb());
    put(event.putObject("user"), who.orElse(NOBODY));
    acting.ifPresent(identity -> put(event.putObject("impersonatedUser"), identity));
    if (!peer.isEmpty()) {
      event.putArray("sourceIPs").add(peer);
    }
    event.put("userAgent", shortened(userAgent));
    if (request instanceof AccessRequest.OfResource r) {
      put(event.putObject("objectRef"), r);
    }
    ObjectNode status = event.putObject("responseStatus");
    status.putObject("metadata");
    if (!reason.isEmpty()) {
      status.put("status", "Failure").put("reason", reason);
    }
    status.put("code", code);
    event.put("requestReceivedTimestamp", MICROS.format(received));
    event.put("stageTimestamp", MICROS.format(answered));
    event
        .putObject("annotations")
        .put("authorization.k8s.io/decision", code == FORBIDDEN ? "forbid" : "allow");
    return event + "\n";
  }

  private static final Identity NOBODY =
      new Identity(Identity.ANONYMOUS, "", java.util.List.of(Identity.UNAUTHENTICATED));

  private static void put(ObjectNode user, Identity identity) {
    user.put("username", shortened(identity.user()));
    putUnlessEmpty(user, "uid", identity.uid());
    identity.groups().forEach(user.putArray("groups")::add);
  }

  private static void put(ObjectNode reference, AccessRequest.OfResource r) {
    reference.put("resource", r.resource());
    putUnlessEmpty(reference, "namespace", r.namespace());
    putUnlessEmpty(reference, "name", r.name());
    putUnlessEmpty(reference, "apiGroup", r.group());
    putUnlessEmpty(reference, "subresource", r.subresource());
  }

  private static void putUnlessEmpty(ObjectNode object, String field, String text) {
    if (!text.isEmpty()) {
      object.put(field, text);
    }
  }

  /** What a client can make long. */
  private static String shortened(String text) {
    return text.length() <= MAX_TEXT ? text : text.substring(0, MAX_TEXT) + "…";
  }
}
