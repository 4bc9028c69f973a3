package dev.jctl.controller.rbac;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/** rbac.authorization.k8s.io/v1 PolicyRule: allows what all of its parts match. */
public record PolicyRule(
    List<String> verbs,
    List<String> apiGroups,
    List<String> resources,
    List<String> resourceNames,
    List<String> nonResourceUrls) {
  static final String ALL = "*";

  /** What members of {@code system:masters} have. */
  static final List<PolicyRule> FULL =
      List.of(
          new PolicyRule(List.of(ALL), List.of(ALL), List.of(ALL), List.of(), List.of()),
          new PolicyRule(List.of(ALL), List.of(), List.of(), List.of(), List.of(ALL)));

  public PolicyRule {
    verbs = List.copyOf(verbs);
    apiGroups = List.copyOf(apiGroups);
    resources = List.copyOf(resources);
    resourceNames = List.copyOf(resourceNames);
    nonResourceUrls = List.copyOf(nonResourceUrls);
  }

  /** The {@code rules} of a role. */
  static List<PolicyRule> all(JsonNode rules) {
    return rules.valueStream().map(PolicyRule::of).toList();
  }

  private static PolicyRule of(JsonNode rule) {
    return new PolicyRule(
        texts(rule.path("verbs")),
        texts(rule.path("apiGroups")),
        texts(rule.path("resources")),
        texts(rule.path("resourceNames")),
        texts(rule.path("nonResourceURLs")));
  }

  private static List<String> texts(JsonNode list) {
    return list.valueStream().map(JsonNode::asText).toList();
  }

  boolean allows(AccessRequest request) {
    return switch (request) {
      case AccessRequest.OfResource r ->
          has(verbs, r.verb())
              && has(apiGroups, r.group())
              && hasResource(r.combined(), r.subresource())
              && (resourceNames.isEmpty() || resourceNames.contains(r.name()));
      case AccessRequest.OfPath p -> has(verbs, p.verb()) && hasUrl(p.path());
    };
  }

  private static boolean has(List<String> allowed, String asked) {
    return allowed.contains(ALL) || allowed.contains(asked);
  }

  /** {@code pods} is not {@code pods/exec}; {@code *}{@code /scale} is that of every resource. */
  private boolean hasResource(String combined, String subresource) {
    return has(resources, combined)
        || (!subresource.isEmpty() && resources.contains(ALL + "/" + subresource));
  }

  private boolean hasUrl(String path) {
    return nonResourceUrls.stream().anyMatch(url -> matches(url, path));
  }

  static boolean matches(String url, String path) {
    return url.equals(path)
        || (url.endsWith(ALL) && path.startsWith(url.substring(0, url.length() - 1)));
  }

  /** As Kubernetes writes a rule in messages. */
  @Override
  public String toString() {
    List<String> parts = new ArrayList<>();
    add(parts, "APIGroups", apiGroups);
    add(parts, "Resources", resources);
    add(parts, "NonResourceURLs", nonResourceUrls);
    add(parts, "ResourceNames", resourceNames);
    add(parts, "Verbs", verbs);
    return "{" + String.join(", ", parts) + "}";
  }

  private static void add(List<String> parts, String name, List<String> texts) {
    if (!texts.isEmpty()) {
      parts.add(name + ":" + quoted(texts));
    }
  }

  /** {@code ["a" "b"]}. */
  static String quoted(List<String> texts) {
    return texts.isEmpty() ? "[]" : "[\"" + String.join("\" \"", texts) + "\"]";
  }
}
