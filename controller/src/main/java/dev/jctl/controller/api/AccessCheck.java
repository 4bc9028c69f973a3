package dev.jctl.controller.api;

import dev.jctl.controller.access.Identity;
import dev.jctl.controller.distribution.RegistryTarget;
import dev.jctl.controller.rbac.AccessRequest;
import dev.jctl.controller.rbac.Authorizer;
import dev.jctl.controller.rbac.Authorizer.Decision;
import dev.jctl.controller.rbac.RoleGuard;
import dev.jctl.controller.resources.ApiException;
import dev.jctl.controller.resources.ApiException.Details;
import dev.jctl.controller.resources.ApiException.Reason;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.WriteGuard;
import dev.jctl.manifests.model.ResourceKind;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Whether who asks may have what is asked for, and as whom. Health and version are for everybody,
 * as with kube-apiserver, and webhooks prove themselves in their own way; everything else is the
 * {@link Authorizer}'s to decide.
 */
final class AccessCheck {
  private static final String USERS = "authentication.k8s.io";

  private final Authorizer authorizer;

  AccessCheck(Authorizer authorizer) {
    this.authorizer = authorizer;
  }

  /**
   * The request, by whom it acts as.
   *
   * @throws ApiException 401 when nobody is proven to ask, 403 when it may not
   */
  ApiRequest admit(ApiRequest request, Optional<ApiTarget> target) {
    if (target.filter(AccessCheck::isOpen).isPresent()) {
      return request;
    }
    Identity proven =
        request
            .identity()
            .orElseThrow(
                () -> new ApiException(Reason.UNAUTHORIZED, "Unauthorized", null, List.of()));
    Identity acting = impersonated(proven, request.impersonation());
    if (target.filter(AccessCheck::isCheckedLater).isEmpty()) {
      AccessRequest wanted = AccessRequests.of(request.method(), request.path(), request.query());
      require(acting, wanted);
      if (target.filter(AccessCheck::opensConnection).isPresent()) {
        require(acting, creating(wanted));
      }
    }
    return request.by(acting);
  }

  private static boolean isOpen(ApiTarget target) {
    return target instanceof ApiTarget.Health
        || target instanceof ApiTarget.Version
        || target instanceof ApiTarget.Webhook;
  }

  /** Of a set each object; of a registry's catalog each namespace. */
  private static boolean isCheckedLater(ApiTarget target) {
    return target instanceof ApiTarget.ApplySet
        || (target instanceof ApiTarget.Distribution(var registry)
            && (registry instanceof RegistryTarget.Base
                || registry instanceof RegistryTarget.Catalog
                || registry instanceof RegistryTarget.BadName));
  }

  private static boolean opensConnection(ApiTarget target) {
    return target instanceof ApiTarget.PodExec
        || target instanceof ApiTarget.PodAttach
        || target instanceof ApiTarget.PodPortForward;
  }

  /**
   * A WebSocket begins with a GET, but a command in a container is no reading: who may get it must
   * be allowed to create it too, as of Kubernetes 1.35.
   */
  private static AccessRequest creating(AccessRequest request) {
    return request instanceof AccessRequest.OfResource r
        ? new AccessRequest.OfResource(
            "create", r.group(), r.resource(), r.subresource(), r.name(), r.namespace())
        : request;
  }

  boolean allows(Identity who, AccessRequest request) {
    return authorizer.decide(who, request).allowed();
  }

  /**
   * @throws ApiException 403
   */
  void require(Identity who, AccessRequest request) {
    Decision decision = authorizer.decide(who, request);
    if (decision.allowed()) {
      return;
    }
    String why = request.refusal(who.user());
    throw ApiException.forbidden(
        details(request), decision.reason().isEmpty() ? why : why + ": " + decision.reason());
  }

  private static Details details(AccessRequest request) {
    return switch (request) {
      case AccessRequest.OfResource r -> new Details(r.group(), r.resource(), r.name());
      case AccessRequest.OfPath p -> new Details("", "", "");
    };
  }

  /**
   * Of what is created or updated by somebody who may: it must not grant more than that one has.
   */
  WriteGuard guard(ApiRequest request) {
    return new RoleGuard(authorizer, request.identity().orElseThrow());
  }

  /** Of what is applied: whoever may patch may not therefore create. */
  WriteGuard guardOfApply(ApiRequest request) {
    Identity who = request.identity().orElseThrow();
    WriteGuard roles = new RoleGuard(authorizer, who);
    return (ref, before, after) -> {
      if (before == null) {
        require(who, on(ref, "create"));
      }
      roles.check(ref, before, after);
    };
  }

  static AccessRequest on(ObjectRef ref, String verb) {
    ResourceKind kind = ref.kind();
    String namespace = kind == ResourceKind.NAMESPACE ? ref.name() : ref.namespace();
    return new AccessRequest.OfResource(
        verb, kind.group(), kind.plural(), "", ref.name(), namespace);
  }

  private Identity impersonated(Identity proven, Impersonation as) {
    if (as.isNone()) {
      return proven;
    }
    if (as.user().isEmpty()) {
      throw new ApiException(
          Reason.INTERNAL_ERROR,
          "Internal error occurred: requested "
              + as.groups()
              + " without impersonating a user; give Impersonate-User too",
          null,
          List.of());
    }
    Identity acting = Identity.impersonated(as.user(), as.uid(), as.groups());
    require(
        proven,
        acting
            .serviceAccount()
            .map(a -> impersonating("", "serviceaccounts", "", a.name(), a.namespace()))
            .orElseGet(() -> impersonating("", "users", "", as.user(), "")));
    as.groups().forEach(g -> require(proven, impersonating("", "groups", "", g, "")));
    if (!as.uid().isEmpty()) {
      require(proven, impersonating(USERS, "uids", "", as.uid(), ""));
    }
    for (Map.Entry<String, List<String>> extra : as.extras().entrySet()) {
      for (String value : extra.getValue()) {
        require(proven, impersonating(USERS, "userextras", extra.getKey(), value, ""));
      }
    }
    return acting;
  }

  private static AccessRequest impersonating(
      String group, String resource, String subresource, String name, String namespace) {
    return new AccessRequest.OfResource(
        "impersonate", group, resource, subresource, name, namespace);
  }
}
