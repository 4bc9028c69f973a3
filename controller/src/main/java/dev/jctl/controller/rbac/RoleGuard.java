package dev.jctl.controller.rbac;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.access.Identity;
import dev.jctl.controller.rbac.Coverage.TooManyException;
import dev.jctl.controller.resources.ApiException;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.WriteGuard;
import dev.jctl.manifests.model.ResourceKind;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Keeps somebody from granting what it does not have itself: by writing a role, unless it may
 * {@code escalate} it; by binding one, unless it may {@code bind} it.
 *
 * @see <a
 *     href="https://kubernetes.io/docs/reference/access-authn-authz/rbac/#privilege-escalation-prevention-and-bootstrapping">privilege
 *     escalation prevention</a>
 */
public final class RoleGuard implements WriteGuard {
  private static final List<String> OF_ROLE = List.of("rules", "aggregationRule");
  private static final List<String> OF_BINDING = List.of("subjects", "roleRef");

  private final Authorizer authorizer;
  private final Identity who;

  public RoleGuard(Authorizer authorizer, Identity who) {
    this.authorizer = authorizer;
    this.who = who;
  }

  @Override
  public void check(ObjectRef ref, @Nullable ObjectNode before, ObjectNode after) {
    if (who.isMaster()) {
      return;
    }
    switch (ref.kind()) {
      case ROLE, CLUSTER_ROLE -> checkRole(ref, before, after);
      case ROLE_BINDING, CLUSTER_ROLE_BINDING -> checkBinding(ref, before, after);
      default -> {}
    }
  }

  private void checkRole(ObjectRef role, @Nullable ObjectNode before, ObjectNode after) {
    // a label may make it part of another role
    boolean same =
        isSame(OF_ROLE, before, after)
            && before != null
            && before.at("/metadata/labels").equals(after.at("/metadata/labels"));
    if (same || may("escalate", role, role.namespace())) {
      return;
    }
    boolean gathers =
        Stream.of(before, after).anyMatch(o -> o != null && o.hasNonNull("aggregationRule"));
    // what gathers others' rules can gather anything
    requireHeld(role, gathers ? PolicyRule.FULL : PolicyRule.all(after.path("rules")));
  }

  private void checkBinding(ObjectRef binding, @Nullable ObjectNode before, ObjectNode after) {
    ObjectRef role = RoleIndex.role(binding.namespace(), after.path("roleRef"));
    if (isSame(OF_BINDING, before, after) || may("bind", role, binding.namespace())) {
      return;
    }
    requireHeld(binding, authorizer.rules(role).orElseThrow(() -> ApiException.notFound(role)));
  }

  private static boolean isSame(
      List<String> fields, @Nullable ObjectNode before, ObjectNode after) {
    return before != null && fields.stream().allMatch(f -> same(before.path(f), after.path(f)));
  }

  private static boolean same(JsonNode before, JsonNode after) {
    return before.equals(after) || (before.isEmpty() && after.isEmpty());
  }

  private boolean may(String verb, ObjectRef role, String namespace) {
    ResourceKind kind = role.kind();
    return authorizer
        .decide(
            who,
            new AccessRequest.OfResource(
                verb, kind.group(), kind.plural(), "", role.name(), namespace))
        .allowed();
  }

  private void requireHeld(ObjectRef ref, List<PolicyRule> granted) {
    List<PolicyRule> missing;
    try {
      missing = Coverage.missing(authorizer.rules(who, ref.namespace()), granted);
    } catch (TooManyException e) {
      throw forbidden(
          ref,
          "its rules have more than %d combinations of verb, resource and name; write several roles"
              .formatted(Coverage.MAX_COMBINATIONS));
    }
    if (!missing.isEmpty()) {
      String rules =
          String.join("\n", missing.stream().map(PolicyRule::toString).sorted().toList());
      throw forbidden(
          ref,
          "user \"%s\" (groups=%s) is attempting to grant RBAC permissions not currently held:\n%s"
              .formatted(who.user(), PolicyRule.quoted(who.groups()), rules));
    }
  }

  private static ApiException forbidden(ObjectRef ref, String why) {
    return ApiException.forbidden(
        new ApiException.Details(ref.kind().group(), ref.kind().plural(), ref.name()), why);
  }
}
