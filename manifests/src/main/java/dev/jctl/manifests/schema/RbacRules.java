package dev.jctl.manifests.schema;

import com.fasterxml.jackson.databind.JsonNode;

/** Roles and bindings, as rbac.authorization.k8s.io/v1 has them. */
final class RbacRules {
  private static final String GROUP = "rbac.authorization.k8s.io";

  private RbacRules() {}

  static void checkRole(JsonNode role, Findings findings) {
    for (Findings.Item rule : Findings.items("", role, "rules")) {
      if (!rule.node().path("nonResourceURLs").isEmpty()) {
        findings.add(
            rule.path("nonResourceURLs"),
            FieldError.Type.INVALID,
            "namespaced rules cannot apply to non-resource URLs; use a ClusterRole");
      } else {
        checkRule(rule, findings);
      }
    }
  }

  static void checkClusterRole(JsonNode role, Findings findings) {
    Findings.items("", role, "rules").forEach(rule -> checkRule(rule, findings));
    JsonNode aggregation = role.path("aggregationRule");
    if (aggregation.isObject() && aggregation.path("clusterRoleSelectors").isEmpty()) {
      findings.add(
          "aggregationRule.clusterRoleSelectors",
          FieldError.Type.REQUIRED,
          "at least one clusterRoleSelector required if aggregationRule is non-nil");
    }
  }

  private static void checkRule(Findings.Item rule, Findings findings) {
    JsonNode node = rule.node();
    require(rule, "verbs", "verbs must contain at least one value", findings);
    if (node.path("nonResourceURLs").isEmpty()) {
      require(rule, "apiGroups", "resource rules must supply at least one api group", findings);
      require(rule, "resources", "resource rules must supply at least one resource", findings);
      return;
    }
    boolean both =
        !node.path("apiGroups").isEmpty()
            || !node.path("resources").isEmpty()
            || !node.path("resourceNames").isEmpty();
    if (both) {
      findings.add(
          rule.path("nonResourceURLs"),
          FieldError.Type.INVALID,
          "rules cannot apply to both regular resources and non-resource URLs; make it two rules");
    }
  }

  private static void require(Findings.Item rule, String field, String message, Findings findings) {
    JsonNode list = rule.node().path(field);
    // a field that must be there and is not is the schema's to report
    boolean reported = list.isMissingNode() && field.equals("verbs");
    if (list.isEmpty() && !reported) {
      findings.add(rule.path(field), FieldError.Type.REQUIRED, message);
    }
  }

  static void checkRoleBinding(JsonNode binding, Findings findings) {
    checkRoleName(binding, findings);
    Findings.items("", binding, "subjects").forEach(s -> checkSubject(s, findings));
  }

  static void checkClusterRoleBinding(JsonNode binding, Findings findings) {
    checkRoleBinding(binding, findings);
    Findings.text(binding.path("roleRef"), "kind")
        .filter(kind -> kind.equals("Role"))
        .ifPresent(
            kind ->
                findings.add(
                    "roleRef.kind",
                    FieldError.Type.NOT_SUPPORTED,
                    "unsupported value \"Role\": expected ClusterRole, as a Role is of one"
                        + " namespace"));
  }

  private static void checkRoleName(JsonNode binding, Findings findings) {
    Findings.text(binding.path("roleRef"), "name")
        .filter(name -> !Names.isPathSegment(name))
        .ifPresent(name -> findings.invalid("roleRef.name", name, Names.PATH_SEGMENT));
  }

  private static void checkSubject(Findings.Item subject, Findings findings) {
    JsonNode node = subject.node();
    String group = node.path("apiGroup").asText("");
    String name = node.path("name").asText("");
    if (name.isEmpty() && node.path("name").isTextual()) {
      findings.add(subject.path("name"), FieldError.Type.REQUIRED, "name is required");
    }
    if (node.path("kind").asText("").equals("ServiceAccount")) {
      checkServiceAccount(subject, group, name, findings);
    } else if (!group.isEmpty() && !group.equals(GROUP)) {
      findings.add(
          subject.path("apiGroup"),
          FieldError.Type.NOT_SUPPORTED,
          "unsupported value \"" + Types.shortened(group) + "\": expected " + GROUP);
    }
  }

  private static void checkServiceAccount(
      Findings.Item subject, String group, String name, Findings findings) {
    if (!group.isEmpty()) {
      findings.add(
          subject.path("apiGroup"),
          FieldError.Type.NOT_SUPPORTED,
          "a ServiceAccount is in the core group; remove this field");
    }
    if (!name.isEmpty() && !Names.isSubdomain(name)) {
      findings.invalid(subject.path("name"), name, Names.SUBDOMAIN);
    }
    String namespace = subject.node().path("namespace").asText("");
    if (!Names.isLabel(namespace)) {
      findings.add(
          subject.path("namespace"),
          FieldError.Type.REQUIRED,
          "give the namespace that the ServiceAccount is in");
    }
  }
}
