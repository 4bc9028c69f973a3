package dev.jctl.controller.admission;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.merge.Trees;
import dev.jctl.manifests.model.ResourceKind;
import dev.jctl.manifests.schema.CelRules;
import dev.jctl.manifests.schema.FieldError;
import dev.jctl.manifests.schema.MutableFields;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** What of an object may not change once it is there. */
final class Immutability {
  private static final Set<String> MUTABLE_POD_FIELDS =
      Set.of("activeDeadlineSeconds", "terminationGracePeriodSeconds", "tolerations");

  private static final Set<String> CONTAINER_LISTS = Set.of("containers", "initContainers");

  private Immutability() {}

  static List<FieldError> check(ResourceKind kind, ObjectNode old, ObjectNode now) {
    List<FieldError> errors = new ArrayList<>(newFinalizers(old, now));
    for (CelRules.Rule rule : CelRules.of(kind)) {
      if (rule.fixes()) {
        checkSame(rule.path(), at(old, rule.path()), at(now, rule.path()), rule.message(), errors);
      }
    }
    JsonNode before = old.path("spec");
    JsonNode after = now.path("spec");
    switch (kind) {
      case POD -> checkPod(before, after, errors);
      case DEPLOYMENT, REPLICA_SET -> checkFixed(List.of("selector"), before, after, errors);
      case JOB ->
          checkFixed(
              List.of("selector", "completions", "template", "completionMode"),
              before,
              after,
              errors);
      case VOLUME -> checkVolume(before, after, errors);
      case VOLUME_SNAPSHOT -> {
        for (String field : List.of("volume", "archive", "quiesce")) {
          checkSame(
              "spec." + field,
              before.path(field),
              after.path(field),
              "a snapshot is taken once; make another VolumeSnapshot",
              errors);
        }
      }
      case PERSISTENT_VOLUME_CLAIM -> {
        checkFixed(
            List.of("accessModes", "storageClassName", "volumeMode", "dataSource"),
            before,
            after,
            errors);
        if (before.hasNonNull("volumeName")) {
          checkFixed(List.of("volumeName"), before, after, errors);
        }
      }
      case CONFIG_MAP -> checkFrozen(old, now, errors);
      case SECRET -> {
        checkFrozen(old, now, errors);
        checkSame(
            "type",
            old.path("type"),
            now.path("type"),
            "the type of a Secret cannot change; delete it and make it anew",
            errors);
      }
      case SERVICE -> checkService(before, after, errors);
      case ENDPOINT_SLICE ->
          checkSame(
              "addressType",
              old.path("addressType"),
              now.path("addressType"),
              "the addressType of an EndpointSlice cannot change; delete it and make it anew",
              errors);
      case ROLE_BINDING, CLUSTER_ROLE_BINDING ->
          checkSame(
              "roleRef",
              old.path("roleRef"),
              now.path("roleRef"),
              "cannot change roleRef; delete the binding and make it anew",
              errors);
      case NETWORK -> {
        for (String field : List.of("driver", "parent", "mode")) {
          checkSame(
              "spec." + field,
              before.path(field),
              after.path(field),
              "what a network is made of cannot change; make another Network",
              errors);
        }
      }
      case IMAGE,
          CONTAINER,
          GIT_REPOSITORY,
          MANIFEST_SOURCE,
          CRON_JOB,
          MANIFEST_SET,
          NAMESPACE,
          NODE,
          EVENT,
          SERVICE_ACCOUNT,
          ROLE,
          CLUSTER_ROLE,
          ENDPOINTS,
          NETWORK_POLICY,
          LEASE -> {}
    }
    return errors;
  }

  /** The address that it was given is kept where it is left out, and gone with an ExternalName. */
  private static void checkService(JsonNode before, JsonNode after, List<FieldError> errors) {
    String held = before.path("clusterIPs").path(0).asText("");
    String asked = after.path("clusterIP").asText("");
    boolean both = isAddressed(before) && isAddressed(after);
    if (both && !held.isEmpty() && !asked.isEmpty() && !asked.equals(held)) {
      errors.add(
          new FieldError(
              "spec.clusterIP",
              FieldError.Type.INVALID,
              "invalid value \"%s\": may not change once set; it is %s: leave this field out, or delete the Service and make it anew"
                  .formatted(asked, held)));
    }
  }

  private static boolean isAddressed(JsonNode service) {
    return !service.path("type").asText("").equals("ExternalName");
  }

  private static void checkVolume(JsonNode before, JsonNode after, List<FieldError> errors) {
    checkSame(
        "spec.source",
        before.path("source"),
        after.path("source"),
        "a volume is filled once, when it is made; make another Volume with this source",
        errors);
    for (String field : List.of("nfs", "plugin.name")) {
      checkSame(
          "spec." + field,
          at(before, field),
          at(after, field),
          "where the content of a volume is cannot change: Pods may have it mounted; make another"
              + " Volume, and let them name that one",
          errors);
    }
  }

  private static JsonNode at(JsonNode object, String path) {
    return object.at("/" + path.replace('.', '/'));
  }

  private static List<FieldError> newFinalizers(ObjectNode old, ObjectNode now) {
    if (!old.path("metadata").hasNonNull("deletionTimestamp")) {
      return List.of();
    }
    Set<String> added = new TreeSet<>();
    now.path("metadata").path("finalizers").forEach(f -> added.add(f.asText()));
    old.path("metadata").path("finalizers").forEach(f -> added.remove(f.asText()));
    return added.isEmpty()
        ? List.of()
        : List.of(
            new FieldError(
                "metadata.finalizers",
                FieldError.Type.FORBIDDEN,
                "no new finalizers can be added while the object is being deleted: " + added));
  }

  private static void checkFixed(
      List<String> fields, JsonNode before, JsonNode after, List<FieldError> errors) {
    for (String field : fields) {
      checkSame(
          "spec." + field,
          before.path(field),
          after.path(field),
          "field is immutable; delete the object and make it anew",
          errors);
    }
  }

  private static void checkFrozen(ObjectNode old, ObjectNode now, List<FieldError> errors) {
    if (!old.path("immutable").asBoolean()) {
      return;
    }
    for (String field : List.of("immutable", "data", "binaryData")) {
      checkSame(
          field,
          old.path(field),
          now.path(field),
          "cannot change when immutable is set; delete the object and make it anew",
          errors);
    }
  }

  private static void checkPod(JsonNode before, JsonNode after, List<FieldError> errors) {
    for (String field : names(before, after)) {
      JsonNode old = before.path(field);
      JsonNode now = after.path(field);
      if (field.equals("ephemeralContainers")) {
        checkEphemeral(old, now, errors);
      } else if (CONTAINER_LISTS.contains(field)) {
        checkContainers("spec." + field, old, now, errors);
      } else if (!MUTABLE_POD_FIELDS.contains(field) && !isFirst(field, old)) {
        checkSame("spec." + field, old, now, podMessage(MUTABLE_POD_FIELDS), errors);
      }
    }
  }

  /** They can be added, and stay with the Pod as they are. */
  private static void checkEphemeral(JsonNode before, JsonNode after, List<FieldError> errors) {
    for (JsonNode old : before) {
      boolean same =
          after.valueStream().anyMatch(now -> Trees.same(orMissing(old), orMissing(now)));
      if (!same) {
        errors.add(
            new FieldError(
                "spec.ephemeralContainers",
                FieldError.Type.FORBIDDEN,
                "existing ephemeral container \""
                    + old.path("name").asText()
                    + "\" may not be removed or changed"));
      }
    }
  }

  /** A Pod is put on its node once. */
  private static boolean isFirst(String field, JsonNode old) {
    return field.equals("nodeName") && old.asText("").isEmpty();
  }

  private static void checkContainers(
      String path, JsonNode before, JsonNode after, List<FieldError> errors) {
    if (before.size() != after.size()) {
      errors.add(
          new FieldError(
              path, FieldError.Type.FORBIDDEN, "containers of a Pod cannot be added or removed"));
      return;
    }
    for (int i = 0; i < before.size(); i++) {
      for (String field : names(before.get(i), after.get(i))) {
        if (!MutableFields.OF_CONTAINERS.contains(field)) {
          checkSame(
              path + "[" + i + "]." + field,
              before.get(i).path(field),
              after.get(i).path(field),
              podMessage(MutableFields.OF_CONTAINERS),
              errors);
        }
      }
    }
  }

  private static String podMessage(Set<String> mutable) {
    return "cannot change while the Pod exists (only "
        + String.join(", ", new TreeSet<>(mutable))
        + " can); delete the Pod and make it anew";
  }

  private static Set<String> names(JsonNode a, JsonNode b) {
    Set<String> names = new TreeSet<>();
    a.fieldNames().forEachRemaining(names::add);
    b.fieldNames().forEachRemaining(names::add);
    return names;
  }

  private static void checkSame(
      String path, JsonNode before, JsonNode after, String message, List<FieldError> errors) {
    if (!Trees.same(orMissing(before), orMissing(after))) {
      errors.add(new FieldError(path, FieldError.Type.FORBIDDEN, message));
    }
  }

  /** An empty list says as much as none. */
  private static JsonNode orMissing(JsonNode node) {
    return node instanceof ArrayNode array && array.isEmpty() ? MissingNode.getInstance() : node;
  }
}
