package dev.jctl.controller.api;

import dev.jctl.controller.access.Identity;
import dev.jctl.controller.resources.ApiException;
import dev.jctl.controller.resources.ApiException.Reason;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Whether who asks may have what is asked for. Pure. Health and version are for everybody, as with
 * kube-apiserver; everything else is for members of {@code system:masters}.
 */
final class AccessCheck {
  private AccessCheck() {}

  /**
   * @throws ApiException 401 when nobody is proven to ask, 403 when it may not
   */
  static void require(Optional<Identity> identity, String method, Optional<ApiTarget> target) {
    boolean open =
        target
            .map(t -> t instanceof ApiTarget.Health || t instanceof ApiTarget.Version)
            .orElse(false);
    if (open) {
      return;
    }
    if (identity.isEmpty()) {
      throw new ApiException(Reason.UNAUTHORIZED, "Unauthorized", null, List.of());
    }
    // as by Kubernetes' role system:basic-user: everybody may ask about itself
    boolean aboutItself = target.filter(ApiTarget.ToReview.class::isInstance).isPresent();
    if (!aboutItself && !identity.get().isMaster()) {
      throw new ApiException(
          Reason.FORBIDDEN,
          "forbidden: User \"%s\" cannot %s: only members of %s may"
              .formatted(identity.get().user(), method.toLowerCase(Locale.ROOT), Identity.MASTERS),
          null,
          List.of());
    }
  }
}
