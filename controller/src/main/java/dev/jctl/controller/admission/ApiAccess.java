package dev.jctl.controller.admission;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a Pod that asks for it by {@code automountServiceAccountToken: true} is given: a token of
 * its ServiceAccount and what goes with it, where client libraries look for them.
 */
final class ApiAccess {
  private static final String VOLUME = "kube-api-access";
  private static final String DIRECTORY = "/var/run/secrets/kubernetes.io/serviceaccount";

  private ApiAccess() {}

  /** When it is created; what it is written as later may leave out what it has. */
  static void fillIn(@Nullable ObjectNode old, ObjectNode candidate) {
    if (old == null || has(old.at("/spec/volumes"), "name", VOLUME)) {
      fillIn(candidate.path("spec"));
    }
  }

  private static void fillIn(JsonNode spec) {
    if (!(spec instanceof ObjectNode pod)
        || !spec.path("automountServiceAccountToken").asBoolean(false)) {
      return;
    }
    List<JsonNode> containers =
        Stream.of("initContainers", "containers")
            .flatMap(list -> pod.path(list).valueStream())
            .toList();
    containers.forEach(ApiAccess::mount);
    boolean isUsed = containers.stream().anyMatch(c -> has(c.path("volumeMounts"), "name", VOLUME));
    if (isUsed && !has(pod.path("volumes"), "name", VOLUME)) {
      list(pod, "volumes").ifPresent(ApiAccess::addVolume);
    }
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
