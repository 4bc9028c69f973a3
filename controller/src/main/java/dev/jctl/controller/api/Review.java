package dev.jctl.controller.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.access.Identity;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** What one may ask about itself. Is answered, and not stored. */
enum Review {
  SELF("authentication.k8s.io", "SelfSubjectReview"),
  ACCESS("authorization.k8s.io", "SelfSubjectAccessReview"),
  RULES("authorization.k8s.io", "SelfSubjectRulesReview");

  private final String group;
  private final String kind;

  Review(String group, String kind) {
    this.group = group;
    this.kind = kind;
  }

  String kind() {
    return kind;
  }

  /** As in the path. */
  String resource() {
    return kind.toLowerCase(Locale.ROOT) + "s";
  }

  static List<String> groups() {
    return Stream.of(values()).map(r -> r.group).distinct().toList();
  }

  static List<Review> of(String group) {
    return Stream.of(values()).filter(r -> r.group.equals(group)).toList();
  }

  /** The review that was sent, with its status. */
  ObjectNode answer(ApiRequest request) {
    ObjectNode review = RequestBodies.object(request);
    Identity identity = request.identity().orElseThrow();
    review.set(
        "status",
        switch (this) {
          case SELF -> self(identity);
          case ACCESS -> access(identity);
          case RULES -> rules(identity);
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
