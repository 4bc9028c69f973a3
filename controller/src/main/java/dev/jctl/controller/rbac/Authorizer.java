package dev.jctl.controller.rbac;

import dev.jctl.controller.access.Identity;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Whether somebody may do something. Nothing is denied: what no rule allows is not allowed. Members
 * of {@code system:masters} may do everything, whatever roles there are.
 */
public final class Authorizer {
  private final RoleIndex index;

  public Authorizer(RoleIndex index) {
    this.index = index;
  }

  /** {@code reason}: in Kubernetes' words; may be empty. */
  public record Decision(boolean allowed, String reason) {}

  public Decision decide(Identity who, AccessRequest request) {
    if (who.isMaster()) {
      return new Decision(true, "");
    }
    List<String> dangling = new ArrayList<>();
    for (RoleIndex.Grant grant : index.grants(who, request.namespace())) {
      Optional<List<PolicyRule>> rules = index.rules(grant.binding().role());
      if (rules.isEmpty()) {
        dangling.add(missing(grant));
      } else if (rules.get().stream().anyMatch(rule -> rule.allows(request))) {
        return new Decision(true, "RBAC: allowed by " + grant);
      }
    }
    return new Decision(false, explained(dangling));
  }

  private static String missing(RoleIndex.Grant grant) {
    var role = grant.binding().role();
    return "%s.%s \"%s\" not found"
        .formatted(role.kind().singular(), role.kind().group(), role.name());
  }

  private static String explained(List<String> dangling) {
    List<String> distinct = dangling.stream().distinct().toList();
    return switch (distinct.size()) {
      case 0 -> "";
      case 1 -> "RBAC: " + distinct.getFirst();
      default -> "RBAC: [" + String.join(", ", distinct) + "]";
    };
  }

  /** All that it may in the namespace, or, when empty, in the cluster. */
  public List<PolicyRule> rules(Identity who, String namespace) {
    if (who.isMaster()) {
      return PolicyRule.FULL;
    }
    return index.grants(who, namespace).stream()
        .flatMap(grant -> index.rules(grant.binding().role()).stream())
        .flatMap(List::stream)
        .distinct()
        .toList();
  }

  /** Of a role; empty when there is no such role. */
  Optional<List<PolicyRule>> rules(dev.jctl.controller.resources.ObjectRef role) {
    return index.rules(role);
  }
}
