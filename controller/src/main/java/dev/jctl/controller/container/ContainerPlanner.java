package dev.jctl.controller.container;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.resources.ResourceCodec;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.controller.status.Finalizers;
import dev.jctl.controller.status.ObjectWriter;
import dev.jctl.manifests.schema.MutableFields;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** A Container and the Pod there is → what to do. Pure. */
final class ContainerPlanner {
  /** What the API lets change of a Pod beside fields of its container. */
  private static final Set<String> CHANGEABLE =
      Set.of("terminationGracePeriodSeconds", "labels", "annotations");

  private ContainerPlanner() {}

  static ContainerAction plan(StoredObject container, Optional<StoredObject> pod) {
    if (container.isDeleting()) {
      return planDeletion(container, pod);
    }
    ObjectNode template = PodTemplates.template(container);
    if (pod.isEmpty()) {
      return new ContainerAction.CreatePod(PodTemplates.pod(container, template));
    }
    if (!isOwner(container, pod.get())) {
      return new ContainerAction.Refuse(
          "a Pod named "
              + pod.get().ref().name()
              + " exists that is not this Container's; delete it or rename the Container");
    }
    return pod.get().isDeleting() ? new ContainerAction.AwaitPod() : compare(template, pod.get());
  }

  private static ContainerAction planDeletion(StoredObject container, Optional<StoredObject> pod) {
    if (ObjectWriter.hasFinalizer(container.tree(), Finalizers.ORPHAN)) {
      return new ContainerAction.Keep();
    }
    if (pod.isEmpty() || !isOwner(container, pod.get())) {
      return new ContainerAction.Release();
    }
    return new ContainerAction.DeletePod();
  }

  static boolean isOwner(StoredObject container, StoredObject pod) {
    for (JsonNode owner : pod.tree().path("metadata").path("ownerReferences")) {
      if (container.uid().equals(owner.path("uid").asText())) {
        return true;
      }
    }
    return false;
  }

  private static ContainerAction compare(ObjectNode template, StoredObject pod) {
    List<String> fields = changedFields(former(pod), template);
    if (fields.isEmpty()) {
      return new ContainerAction.Keep();
    }
    String phase = pod.tree().path("status").path("phase").asText();
    boolean ended = phase.equals("Succeeded") || phase.equals("Failed");
    boolean onlyLabels = fields.equals(List.of("labels"));
    return fields.stream().allMatch(ContainerPlanner::isChangeable) && (!ended || onlyLabels)
        ? new ContainerAction.UpdatePod(template, fields)
        : new ContainerAction.ReplacePod(fields);
  }

  private static boolean isChangeable(String field) {
    return CHANGEABLE.contains(field) || MutableFields.OF_CONTAINERS.contains(field);
  }

  private static JsonNode former(StoredObject pod) {
    JsonNode text = pod.tree().path("metadata").path("annotations").path(PodTemplates.TEMPLATE);
    try {
      return ResourceCodec.MAPPER.readTree(text.asText("{}"));
    } catch (JsonProcessingException e) {
      // Not ours any more: everything counts as changed.
      return MissingNode.getInstance();
    }
  }

  /** Names as users know them from the Container's spec. */
  static List<String> changedFields(JsonNode before, JsonNode now) {
    TreeSet<String> fields = new TreeSet<>();
    addDifferent(fields, before.path("spec"), now.path("spec"), Set.of("containers"));
    addDifferent(
        fields,
        before.path("spec").path("containers").path(0),
        now.path("spec").path("containers").path(0),
        Set.of());
    addDifferent(fields, before, now, Set.of("spec"));
    if (fields.remove("volumes")) {
      fields.add("volumeMounts");
    }
    return List.copyOf(fields);
  }

  private static void addDifferent(
      Set<String> fields, JsonNode before, JsonNode now, Set<String> except) {
    Set<String> names = new TreeSet<>();
    before.fieldNames().forEachRemaining(names::add);
    now.fieldNames().forEachRemaining(names::add);
    names.removeAll(except);
    for (String name : names) {
      if (!before.path(name).equals(now.path(name))) {
        fields.add(name);
      }
    }
  }

  /** Puts what changed of the template into the Pod. */
  static void update(ObjectNode pod, ObjectNode template, List<String> fields) {
    PodTemplates.setMetadata(pod, template);
    ObjectNode spec = pod.withObject("/spec");
    if (spec.path("containers").path(0) instanceof ObjectNode main) {
      JsonNode wanted = template.path("spec").path("containers").path(0);
      for (String field : fields) {
        if (field.equals("terminationGracePeriodSeconds")) {
          set(spec, field, template.path("spec").path(field));
        } else if (!field.equals("labels") && !field.equals("annotations")) {
          set(main, field, wanted.path(field));
        }
      }
    }
  }

  private static void set(ObjectNode object, String field, JsonNode value) {
    if (value.isMissingNode()) {
      object.remove(field);
    } else {
      object.set(field, value.deepCopy());
    }
  }
}
