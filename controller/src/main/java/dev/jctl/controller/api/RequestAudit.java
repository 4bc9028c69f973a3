package dev.jctl.controller.api;

import dev.jctl.controller.access.Identity;
import dev.jctl.controller.audit.AuditEvent;
import dev.jctl.controller.audit.AuditTrail;
import dev.jctl.controller.rbac.AccessRequest;
import dev.jctl.controller.resources.ApiException;
import dev.jctl.controller.resources.ObjectRef;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/** Tells the audit trail what became of requests. */
final class RequestAudit {
  private static final int SWITCHING = 101;
  private static final int OK = 200;

  private final AuditTrail trail;
  private final InstantSource clock;

  RequestAudit(AuditTrail trail, InstantSource clock) {
    this.trail = trail;
    this.clock = clock;
  }

  /** Who reads may do so, and is not noted; most requests do. */
  void answered(ApiRequest request, Instant received, ApiReply reply) {
    if (request.method().equals("GET") || request.method().equals("HEAD")) {
      return;
    }
    AccessRequest access = access(request);
    switch (reply) {
      case ApiReply.Tagged t -> add(request, access, received, OK, "");
      case ApiReply.Pieces p -> add(request, access, received, OK, "");
      case ApiReply.Streamed s -> add(request, access, received, OK, "");
      case ApiReply.Headed h -> add(request, access, received, h.status(), "");
      case ApiReply.Whole whole -> {
        for (AccessRequest each : written(access, whole.written())) {
          add(request, each, received, whole.status(), "");
        }
      }
    }
  }

  void refused(ApiRequest request, Instant received, ApiException e) {
    add(request, access(request), received, e.reason().code(), e.reason().text());
  }

  void takenOver(ApiRequest request) {
    add(request, access(request), clock.instant(), SWITCHING, "");
  }

  private static AccessRequest access(ApiRequest request) {
    return AccessRequests.of(request.method(), request.path(), request.query());
  }

  /** Of a set, an event for each object; what is created has a name only afterwards. */
  private static List<AccessRequest> written(AccessRequest access, List<ObjectRef> refs) {
    return refs.isEmpty()
        ? List.of(access)
        : refs.stream()
            .<AccessRequest>map(
                ref ->
                    new AccessRequest.OfResource(
                        access.verb(),
                        ref.kind().group(),
                        ref.kind().plural(),
                        "",
                        ref.name(),
                        ref.namespace()))
            .toList();
  }

  private void add(
      ApiRequest request, AccessRequest access, Instant received, int code, String reason) {
    Impersonation as = request.impersonation();
    Optional<Identity> acting =
        as.user().isEmpty()
            ? Optional.empty()
            : Optional.of(Identity.impersonated(as.user(), as.uid(), as.groups()));
    trail.add(
        new AuditEvent(
            request.identity(),
            acting,
            access,
            request.uri(),
            request.peer(),
            request.userAgent(),
            received,
            clock.instant(),
            code,
            reason));
  }
}
