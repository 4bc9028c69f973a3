package dev.jctl.controller.admission;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a Pod is given to ask the API when it, or else its ServiceAccount, says {@code
 * automountServiceAccountToken: true}: a token of the account and what goes with it, where client
 * libraries look for them.
 */
final class ApiAccess {
  private static final String VOLUME = "kube-api-access";
  private static final String DIRECTORY = "/var/run/secrets/kubernetes.io/serviceaccount";
  private static final String AUTOMOUNT = "automountServiceAccountToken";

  private ApiAccess() {}

  /** To a new one. */
  static void give(ObjectNode pod, JsonNode account) {
    JsonNode said = pod.has(AUTOMOUNT) ? pod.path(AUTOMOUNT) : account.path(AUTOMOUNT);
    if (said.asBoolean(false)) {
      fillIn(pod, container -> true);
    }
  }

  /** To those of its containers that had it. */
  static void giveAgain(ObjectNode pod, JsonNode old) {
    Set<JsonNode> had =
        containers(old)
            .filter(ApiAccess::usesVolume)
            .map(container -> container.path("name"))
            .collect(Collectors.toSet());
    fillIn(pod, container -> had.contains(container.path("name")));
  }

  private static void fillIn(ObjectNode pod, Predicate<JsonNode> which) {
    List<JsonNode> containers = containers(pod).filter(which).toList();
    containers.forEach(ApiAccess::mount);
    if (containers.stream().anyMatch(ApiAccess::usesVolume)
        && !has(pod.path("volumes"), "name", VOLUME)) {
      list(pod, "volumes").ifPresent(ApiAccess::addVolume);
    }
  }

  private static Stream<JsonNode> containers(JsonNode pod) {
    return Stream.of("initContainers", "containers").flatMap(list -> pod.path(list).valueStream());
  }

  private static boolean usesVolume(JsonNode container) {
    return has(container.path("volumeMounts"), "name", VOLUME);
  }

  /** Not where it has something of its own. */
  private static void mount(JsonNode container) {
    if (container instanceof ObjectNode object
        && !has(object.path("volumeMounts"), "mountPath", DIRECTORY)) {
      list(object, "volumeMounts")
          .ifPresent(
              mounts ->
                  mounts
                      .addObject()
                      .put("name", VOLUME)
                      .put("mountPath", DIRECTORY)
                      .put("readOnly", true));
    }
  }

  /** Empty where something else is, which is told later. */
  private static Optional<ArrayNode> list(ObjectNode holder, String field) {
    JsonNode found = holder.path(field);
    if (found instanceof ArrayNode array) {
      return Optional.of(array);
    }
    return found.isMissingNode() || found.isNull()
        ? Optional.of(holder.putArray(field))
        : Optional.empty();
  }

  private static boolean has(JsonNode list, String field, String value) {
    return list.valueStream().anyMatch(item -> item.path(field).asText().equals(value));
  }

  private static void addVolume(ArrayNode volumes) {
    ArrayNode sources =
        volumes.addObject().put("name", VOLUME).putObject("projected").putArray("sources");
    sources.addObject().putObject("serviceAccountToken").put("path", "token");
    ObjectNode authority =
        sources.addObject().putObject("configMap").put("name", "kube-root-ca.crt");
    authority.putArray("items").addObject().put("key", "ca.crt").put("path", "ca.crt");
    ObjectNode namespace =
        sources
            .addObject()
            .putObject("downwardAPI")
            .putArray("items")
            .addObject()
            .put("path", "namespace");
    namespace.putObject("fieldRef").put("fieldPath", "metadata.namespace");
  }
}
