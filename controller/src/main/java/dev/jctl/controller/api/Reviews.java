package dev.jctl.controller.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.access.Identity;

/**
 * What one may ask about itself (authentication.k8s.io/v1 SelfSubjectReview,
 * authorization.k8s.io/v1 SelfSubjectAccessReview and SelfSubjectRulesReview). Answers, and stores
 * nothing.
 */
final class Reviews {
  private Reviews() {}

  /** The kind of a resource of {@link ApiTarget#REVIEWS}. */
  static String kind(String resource) {
    return switch (resource) {
      case "selfsubjectreviews" -> "SelfSubjectReview";
      case "selfsubjectaccessreviews" -> "SelfSubjectAccessReview";
      case "selfsubjectrulesreviews" -> "SelfSubjectRulesReview";
      default -> throw new IllegalArgumentException(resource);
    };
  }

  /** The review that was sent, with its status. */
  static ObjectNode of(String resource, ApiRequest request) {
    ObjectNode review = RequestBodies.object(request);
    Identity identity = request.identity().orElseThrow();
    review.set(
        "status",
        switch (resource) {
          case "selfsubjectreviews" -> self(identity);
          case "selfsubjectaccessreviews" -> access(identity);
          default -> rules(identity);
        });
    return review;
  }

  private static ObjectNode self(Identity identity) {
    ObjectNode status = JsonNodeFactory.instance.objectNode();
    ObjectNode user = status.putObject("userInfo").put("username", identity.user());
    identity.groups().forEach(user.putArray("groups")::add);
    return status;
  }

  /** Whatever is asked: members of {@link Identity#MASTERS} may do anything, others nothing. */
  private static ObjectNode access(Identity identity) {
    ObjectNode status = JsonNodeFactory.instance.objectNode().put("allowed", identity.isMaster());
    return identity.isMaster()
        ? status
        : status.put("reason", "only members of " + Identity.MASTERS + " may");
  }

  private static ObjectNode rules(Identity identity) {
    ObjectNode status = JsonNodeFactory.instance.objectNode().put("incomplete", false);
    ArrayNode resources = status.putArray("resourceRules");
    ArrayNode others = status.putArray("nonResourceRules");
    if (identity.isMaster()) {
      ObjectNode everything = resources.addObject();
      everything.putArray("verbs").add("*");
      everything.putArray("apiGroups").add("*");
      everything.putArray("resources").add("*");
      ObjectNode everywhere = others.addObject();
      everywhere.putArray("verbs").add("*");
      everywhere.putArray("nonResourceURLs").add("*");
    }
    return status;
  }
}
