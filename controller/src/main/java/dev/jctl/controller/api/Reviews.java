package dev.jctl.controller.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.access.Authenticator;
import dev.jctl.controller.access.Identity;
import dev.jctl.controller.rbac.AccessRequest;
import dev.jctl.controller.rbac.Authorizer;
import dev.jctl.controller.rbac.Authorizer.Decision;
import dev.jctl.controller.rbac.PolicyRule;
import dev.jctl.controller.resources.ApiException;
import dev.jctl.controller.resources.ApiException.Cause;
import dev.jctl.controller.resources.ApiException.Reason;
import java.util.List;

/** Answers who somebody is and what it may do: {@code kubectl auth whoami}, {@code can-i}. */
final class Reviews {
  private final Authorizer authorizer;
  private final Authenticator authenticator;

  Reviews(Authorizer authorizer, Authenticator authenticator) {
    this.authorizer = authorizer;
    this.authenticator = authenticator;
  }

  /** The review that was sent, with its status. */
  ObjectNode answer(ApiTarget.ToReview target, ApiRequest request) {
    ObjectNode review = RequestBodies.object(request);
    Identity who = request.identity().orElseThrow();
    JsonNode spec = review.path("spec");
    review.set(
        "status",
        switch (target.review()) {
          case TOKEN -> token(spec);
          case SELF -> self(who);
          case OWN_ACCESS -> access(target.review(), who, spec);
          case ACCESS -> access(target.review(), subject(target.review(), spec), spec);
          case LOCAL_ACCESS -> {
            requireNamespace(target, spec);
            yield access(target.review(), subject(target.review(), spec), spec);
          }
          case OWN_RULES -> rules(authorizer.rules(who, namespace(target.review(), spec)));
        });
    return review;
  }

  /** Whose a bearer token is: of services that leave that question to the API. */
  private ObjectNode token(JsonNode spec) {
    String token = text(spec, "token");
    if (token.isEmpty()) {
      throw ApiException.badRequest("spec.token is required: the bearer token to look at");
    }
    List<String> audiences = spec.path("audiences").valueStream().map(JsonNode::asText).toList();
    ObjectNode status = JsonNodeFactory.instance.objectNode();
    authenticator
        .holder(token, audiences)
        .ifPresentOrElse(
            holder -> {
              status.put("authenticated", true).set("user", user(holder.identity()));
              holder.audiences().forEach(status.putArray("audiences")::add);
            },
            () -> {
              status.putObject("user");
              status.put("error", "invalid bearer token, or for none of the audiences");
            });
    return status;
  }

  private static ObjectNode self(Identity who) {
    ObjectNode status = JsonNodeFactory.instance.objectNode();
    status.set("userInfo", user(who));
    return status;
  }

  private static ObjectNode user(Identity who) {
    ObjectNode user = JsonNodeFactory.instance.objectNode().put("username", who.user());
    if (!who.uid().isEmpty()) {
      user.put("uid", who.uid());
    }
    who.groups().forEach(user.putArray("groups")::add);
    return user;
  }

  private ObjectNode access(Review review, Identity who, JsonNode spec) {
    Decision decision = authorizer.decide(who, asked(review, spec));
    ObjectNode status = JsonNodeFactory.instance.objectNode().put("allowed", decision.allowed());
    return decision.reason().isEmpty() ? status : status.put("reason", decision.reason());
  }

  private static AccessRequest asked(Review review, JsonNode spec) {
    JsonNode object = spec.path("resourceAttributes");
    JsonNode path = spec.path("nonResourceAttributes");
    if (object.isObject() == path.isObject()) {
      throw invalid(
          review,
          "spec.resourceAttributes",
          "exactly one of nonResourceAttributes or resourceAttributes must be specified");
    }
    return path.isObject()
        ? new AccessRequest.OfPath(text(path, "verb"), text(path, "path"))
        : new AccessRequest.OfResource(
            text(object, "verb"),
            text(object, "group"),
            text(object, "resource"),
            text(object, "subresource"),
            text(object, "name"),
            text(object, "namespace"));
  }

  private static Identity subject(Review review, JsonNode spec) {
    List<String> groups = spec.path("groups").valueStream().map(JsonNode::asText).toList();
    if (text(spec, "user").isEmpty() && groups.isEmpty()) {
      throw invalid(review, "spec.user", "at least one of user or group must be specified");
    }
    return new Identity(text(spec, "user"), text(spec, "uid"), groups);
  }

  private static void requireNamespace(ApiTarget.ToReview target, JsonNode spec) {
    String asked = text(spec.path("resourceAttributes"), "namespace");
    if (!asked.equals(target.namespace())) {
      throw invalid(
          target.review(),
          "spec.resourceAttributes.namespace",
          "must be " + target.namespace() + ", the namespace of the request");
    }
  }

  private static String namespace(Review review, JsonNode spec) {
    String namespace = text(spec, "namespace");
    if (namespace.isEmpty()) {
      throw ApiException.badRequest("no namespace on request: " + review.kind() + " needs one");
    }
    return namespace;
  }

  private static String text(JsonNode object, String field) {
    return object.path(field).asText("");
  }

  private static ApiException invalid(Review review, String field, String message) {
    return new ApiException(
        Reason.INVALID,
        "%s.authorization.k8s.io \"\" is invalid: %s: %s".formatted(review.kind(), field, message),
        null,
        List.of(new Cause("FieldValueInvalid", message, field)));
  }

  private static ObjectNode rules(List<PolicyRule> rules) {
    ObjectNode status = JsonNodeFactory.instance.objectNode().put("incomplete", false);
    ArrayNode resources = status.putArray("resourceRules");
    ArrayNode others = status.putArray("nonResourceRules");
    for (PolicyRule rule : rules) {
      if (!rule.resources().isEmpty()) {
        ObjectNode entry = resources.addObject();
        putAll(entry, "verbs", rule.verbs());
        putAll(entry, "apiGroups", rule.apiGroups());
        putAll(entry, "resources", rule.resources());
        if (!rule.resourceNames().isEmpty()) {
          putAll(entry, "resourceNames", rule.resourceNames());
        }
      }
      if (!rule.nonResourceUrls().isEmpty()) {
        ObjectNode entry = others.addObject();
        putAll(entry, "verbs", rule.verbs());
        putAll(entry, "nonResourceURLs", rule.nonResourceUrls());
      }
    }
    return status;
  }

  private static void putAll(ObjectNode entry, String field, List<String> texts) {
    texts.forEach(entry.putArray(field)::add);
  }
}
