package dev.jctl.controller.service;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.access.ApiAddress;
import dev.jctl.controller.config.ProjectedToken;
import dev.jctl.controller.network.Lease;
import dev.jctl.controller.resources.StoredObject;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The Service {@code kubernetes}, by which containers reach the API: those of Pods that have a
 * token for it, and no others. Pure.
 */
public final class ApiService {
  private static final String PORT_NAME = "https";

  /** What it would lead elsewhere by. */
  private static final Set<String> FOREIGN = Set.of("selector", "externalIPs", "externalName");

  private ApiService() {}

  /** Whether it is let through. */
  public static boolean isFor(StoredObject pod) {
    return ProjectedToken.isForApi(pod.tree().path("spec"));
  }

  /** Addresses of those that are, in order. */
  static List<String> clients(Stream<StoredObject> pods) {
    return pods.filter(ApiService::isFor)
        .flatMap(pod -> Lease.of(pod.tree()).stream())
        .flatMap(lease -> lease.addresses().stream())
        .map(Lease::ip)
        .distinct()
        .sorted()
        .toList();
  }

  static ObjectNode tree(ApiAddress api) {
    ObjectNode tree = JsonNodeFactory.instance.objectNode();
    tree.withObject("/metadata/labels").put("component", "apiserver").put("provider", "kubernetes");
    tree.set("spec", spec(api));
    return tree;
  }

  static ObjectNode spec(ApiAddress api) {
    ObjectNode spec = JsonNodeFactory.instance.objectNode();
    spec.put("type", "ClusterIP").put("clusterIP", api.service());
    spec.putArray("ports")
        .addObject()
        .put("name", PORT_NAME)
        .put("port", ApiAddress.SERVICE_PORT)
        .put("protocol", "TCP")
        .put("targetPort", api.port());
    return spec;
  }

  /** Whether others have left it as it is to be. */
  static boolean isAsWanted(JsonNode spec, ApiAddress api) {
    return FOREIGN.stream().noneMatch(spec::hasNonNull)
        && spec(api).properties().stream()
            .allMatch(field -> field.getValue().equals(spec.path(field.getKey())));
  }

  static Backend backend(ApiAddress api) {
    return new Backend(
        api.host(), Backend.State.READY, PORT_NAME, Map.of(PORT_NAME, api.port()), null);
  }
}
