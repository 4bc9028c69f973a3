package dev.jctl.controller.role;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.manifests.model.ResourceKind;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The roles and bindings that Kubernetes begins with, as far as they are about people, with our
 * kinds in {@code view} and {@code edit}. Taken from the bootstrap policy of Kubernetes 1.32; kinds
 * that are not served are in it, since rules about them harm nobody.
 */
final class DefaultRoles {
  static final String AUTO_UPDATE = "rbac.authorization.kubernetes.io/autoupdate";
  private static final String BOOTSTRAPPING = "kubernetes.io/bootstrapping";
  private static final String RBAC = ResourceKind.ROLE.group();
  private static final String AGGREGATE_TO = RBAC + "/aggregate-to-";

  private static final String READ = "get list watch";
  private static final String WRITE = "create delete deletecollection patch update";

  /**
   * {@code role: labels}, then a line for each rule: {@code verbs | groups | resources}, where a
   * dash is the core group, or {@code verbs | paths}. {@code from LABEL}: has the rules of those so
   * labelled.
   */
  private static final String TABLE =
      """
      cluster-admin:
        * | * | *
        * | *
      system:discovery:
        get | /api /api/* /apis /apis/* /healthz /livez /openapi /openapi/* /readyz /version /version/
      system:public-info-viewer:
        get | /healthz /livez /readyz /version /version/
      system:monitoring:
        get | /healthz /healthz/* /livez /livez/* /metrics /metrics/slis /readyz /readyz/*
      system:basic-user:
        create | authorization.k8s.io | selfsubjectaccessreviews selfsubjectrulesreviews
        create | authentication.k8s.io | selfsubjectreviews
      system:auth-delegator:
        create | authentication.k8s.io | tokenreviews
        create | authorization.k8s.io | subjectaccessreviews
      admin:
        from admin
      edit: admin
        from edit
      view: edit
        from view
      system:aggregate-to-admin: admin
        create | authorization.k8s.io | localsubjectaccessreviews
        READ WRITE | rbac.authorization.k8s.io | roles rolebindings
      system:aggregate-to-edit: edit
        READ | - | pods/attach pods/exec pods/portforward pods/proxy secrets services/proxy
        impersonate | - | serviceaccounts
        WRITE | - | pods pods/attach pods/exec pods/portforward pods/proxy
        create | - | pods/eviction
        WRITE | - | configmaps events persistentvolumeclaims replicationcontrollers replicationcontrollers/scale secrets serviceaccounts services services/proxy
        create | - | serviceaccounts/token
        WRITE | apps | daemonsets deployments deployments/rollback deployments/scale replicasets replicasets/scale statefulsets statefulsets/scale
        WRITE | autoscaling | horizontalpodautoscalers
        WRITE | batch | cronjobs jobs
        WRITE | policy | poddisruptionbudgets
        WRITE | networking.k8s.io | ingresses networkpolicies
        READ WRITE | coordination.k8s.io | leases
        WRITE | jctl.dev | containers images manifestsets networks volumes volumesnapshots
        create | jctl.dev | manifestsets/rollback
        READ | jctl.dev | images/archive images/buildlog images/config images/manifest manifestsets/revisions
      system:aggregate-to-view: view
        READ | - | configmaps endpoints persistentvolumeclaims persistentvolumeclaims/status pods replicationcontrollers replicationcontrollers/scale serviceaccounts services services/status
        READ | - | bindings events limitranges namespaces/status pods/log pods/status replicationcontrollers/status resourcequotas resourcequotas/status
        READ | - | namespaces
        READ | events.k8s.io | events
        READ | discovery.k8s.io | endpointslices
        READ | apps | controllerrevisions daemonsets daemonsets/status deployments deployments/scale deployments/status replicasets replicasets/scale replicasets/status statefulsets statefulsets/scale statefulsets/status
        READ | autoscaling | horizontalpodautoscalers horizontalpodautoscalers/status
        READ | batch | cronjobs cronjobs/status jobs jobs/status
        READ | policy | poddisruptionbudgets poddisruptionbudgets/status
        READ | networking.k8s.io | ingresses ingresses/status networkpolicies
        READ | jctl.dev | containers containers/status gitrepositories gitrepositories/status images images/status manifestsets manifestsets/status networks networks/status revisions volumes volumes/status volumesnapshots volumesnapshots/status
      system:aggregated-metrics-reader: view edit admin
        READ | metrics.k8s.io | pods nodes
      """;

  /** Groups by the role that they have. */
  private static final Map<String, List<String>> BOUND =
      Map.of(
          "cluster-admin", List.of("system:masters"),
          "system:discovery", List.of("system:authenticated"),
          "system:basic-user", List.of("system:authenticated"),
          "system:monitoring", List.of("system:monitoring"),
          "system:public-info-viewer", List.of("system:authenticated", "system:unauthenticated"));

  private static final Map<String, ObjectNode> ROLES = parse();

  private DefaultRoles() {}

  static List<ObjectRef> all() {
    return Stream.concat(
            ROLES.keySet().stream().map(r -> new ObjectRef(ResourceKind.CLUSTER_ROLE, "", r)),
            BOUND.keySet().stream()
                .map(r -> new ObjectRef(ResourceKind.CLUSTER_ROLE_BINDING, "", r)))
        .toList();
  }

  /** A copy. */
  static Optional<ObjectNode> role(String name) {
    return Optional.ofNullable(ROLES.get(name)).map(ObjectNode::deepCopy);
  }

  /** Adds to {@code role} the labels and rules that it lacks of {@code expected}. */
  static void complete(ObjectNode role, ObjectNode expected) {
    ObjectNode labels = role.withObject("/metadata/labels");
    expected
        .at("/metadata/labels")
        .properties()
        .forEach(label -> labels.putIfAbsent(label.getKey(), label.getValue()));
    ArrayNode rules = role.withArray("rules");
    for (JsonNode rule : expected.path("rules")) {
      if (rules.valueStream().noneMatch(rule::equals)) {
        rules.add(rule);
      }
    }
    if (expected.has("aggregationRule") && !role.has("aggregationRule")) {
      role.set("aggregationRule", expected.get("aggregationRule"));
    }
  }

  static Optional<ObjectNode> binding(String name) {
    return Optional.ofNullable(BOUND.get(name)).map(groups -> binding(name, groups));
  }

  private static ObjectNode binding(String name, List<String> groups) {
    ObjectNode binding = object(ResourceKind.CLUSTER_ROLE_BINDING, name);
    ArrayNode subjects = binding.putArray("subjects");
    groups.forEach(
        g -> subjects.addObject().put("kind", "Group").put("apiGroup", RBAC).put("name", g));
    binding
        .putObject("roleRef")
        .put("apiGroup", RBAC)
        .put("kind", ResourceKind.CLUSTER_ROLE.kind())
        .put("name", name);
    return binding;
  }

  private static ObjectNode object(ResourceKind kind, String name) {
    ObjectNode object = JsonNodeFactory.instance.objectNode();
    object.put("apiVersion", kind.apiVersion()).put("kind", kind.kind());
    ObjectNode metadata = object.putObject("metadata").put("name", name);
    metadata.putObject("labels").put(BOOTSTRAPPING, "rbac-defaults");
    metadata.putObject("annotations").put(AUTO_UPDATE, "true");
    return object;
  }

  private static Map<String, ObjectNode> parse() {
    Map<String, ObjectNode> roles = new LinkedHashMap<>();
    ObjectNode role = null;
    for (String line : TABLE.lines().toList()) {
      if (line.startsWith(" ")) {
        add(line.strip(), Objects.requireNonNull(role));
      } else {
        int end = line.lastIndexOf(':');
        role = object(ResourceKind.CLUSTER_ROLE, line.substring(0, end));
        for (String to : words(line.substring(end + 1))) {
          role.withObject("/metadata/labels").put(AGGREGATE_TO + to, "true");
        }
        roles.put(line.substring(0, end), role);
      }
    }
    return Collections.unmodifiableMap(roles);
  }

  private static void add(String line, ObjectNode role) {
    if (line.startsWith("from ")) {
      role.putObject("aggregationRule")
          .putArray("clusterRoleSelectors")
          .addObject()
          .putObject("matchLabels")
          .put(AGGREGATE_TO + line.substring("from ".length()), "true");
      return;
    }
    String[] parts = line.split(" \\| ", -1);
    ObjectNode rule = role.withArray("rules").addObject();
    put(rule, "verbs", parts[0].replace("READ", READ).replace("WRITE", WRITE));
    if (parts.length == 2) {
      put(rule, "nonResourceURLs", parts[1]);
    } else {
      put(rule, "apiGroups", parts[1]);
      put(rule, "resources", parts[2]);
    }
  }

  private static void put(ObjectNode rule, String field, String words) {
    words(words).forEach(word -> rule.withArray(field).add(word.equals("-") ? "" : word));
  }

  private static List<String> words(String text) {
    return text.isBlank() ? List.of() : List.of(text.strip().split(" +"));
  }
}
