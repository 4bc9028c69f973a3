package dev.jctl.controller.container;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.resources.OwnerReferences;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.controller.status.Finalizers;
import dev.jctl.manifests.model.Annotations;
import dev.jctl.manifests.model.ResourceKind;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** A Container → the Pod that runs it, as trees: nothing is lost in between. Pure. */
public final class PodTemplates {
  /**
   * What the Pod was last made of; tells which fields changed, whatever defaults were filled in.
   */
  static final String TEMPLATE = "jctl.dev/template";

  private static final int MAX_LABEL = 63;
  private static final List<String> CONTAINER_FIELDS =
      List.of(
          "image",
          "imagePullPolicy",
          "command",
          "args",
          "workingDir",
          "env",
          "envFrom",
          "ports",
          "resources",
          "startupProbe",
          "readinessProbe",
          "livenessProbe",
          "securityContext",
          "stdin",
          "tty");
  private static final List<String> POD_FIELDS =
      List.of(
          "restartPolicy",
          "terminationGracePeriodSeconds",
          "hostname",
          "hostNetwork",
          "hostUsers",
          "imagePullSecrets");

  private PodTemplates() {}

  /** What of the Pod follows from the Container: spec, labels, annotations. */
  public static ObjectNode template(StoredObject container) {
    JsonNode spec = container.tree().path("spec");
    ObjectNode template = JsonNodeFactory.instance.objectNode();
    ObjectNode pod = template.putObject("spec");
    ObjectNode main = pod.putArray("containers").addObject();
    main.put("name", containerName(container.ref().name()));
    copy(spec, main, CONTAINER_FIELDS);
    copy(spec, pod, POD_FIELDS);
    addVolumes(spec, pod, main);
    JsonNode labels = container.tree().path("metadata").path("labels");
    if (!labels.isEmpty()) {
      template.set("labels", labels.deepCopy());
    }
    ObjectNode annotations = template.putObject("annotations");
    if (!spec.path("networks").isEmpty()) {
      annotations.put(Annotations.NETWORKS, spec.path("networks").toString());
    }
    if (!spec.path("publish").isEmpty()) {
      annotations.put(Annotations.PUBLISH, spec.path("publish").toString());
    }
    if (spec.hasNonNull("stopSignal")) {
      annotations.put(Annotations.STOP_SIGNAL, spec.path("stopSignal").asText());
    }
    if (spec.hasNonNull("onConfigChange")) {
      annotations.put(Annotations.ON_CONFIG_CHANGE, spec.path("onConfigChange").asText());
    }
    if (spec.path("paused").asBoolean()) {
      annotations.put(Annotations.PAUSED, "true");
    }
    if (spec.path("init").asBoolean()) {
      annotations.put(Annotations.INIT, "true");
    }
    if (spec.hasNonNull("expose")) {
      annotations.put(Annotations.EXPOSE, spec.path("expose").asText());
    }
    return template;
  }

  // The name of an object may hold dots and be longer than that of a container.
  private static String containerName(String name) {
    return name.length() <= MAX_LABEL && name.indexOf('.') < 0 ? name : "main";
  }

  private static void copy(JsonNode from, ObjectNode to, List<String> fields) {
    for (String field : fields) {
      if (from.hasNonNull(field)) {
        to.set(field, from.get(field).deepCopy());
      }
    }
  }

  private static void addVolumes(JsonNode spec, ObjectNode pod, ObjectNode main) {
    if (spec.path("volumeMounts").isEmpty()) {
      return;
    }
    ArrayNode mounts = main.putArray("volumeMounts");
    Set<String> names = new LinkedHashSet<>();
    for (JsonNode mount : spec.path("volumeMounts")) {
      names.add(mount.path("name").asText());
      mounts.add(mount.deepCopy());
    }
    ArrayNode volumes = pod.putArray("volumes");
    for (String name : names) {
      volumes
          .addObject()
          .put("name", name)
          .putObject("persistentVolumeClaim")
          .put("claimName", name);
    }
  }

  static ObjectNode pod(StoredObject container, ObjectNode template) {
    ObjectNode pod = JsonNodeFactory.instance.objectNode();
    pod.put("apiVersion", ResourceKind.POD.apiVersion());
    pod.put("kind", ResourceKind.POD.kind());
    ObjectNode metadata = pod.putObject("metadata");
    metadata.put("name", container.ref().name()).put("namespace", container.ref().namespace());
    metadata.putArray("finalizers").add(Finalizers.POD);
    metadata
        .putArray("ownerReferences")
        .add(OwnerReferences.toController(container).put("blockOwnerDeletion", true));
    setMetadata(pod, template);
    pod.set("spec", template.path("spec").deepCopy());
    return pod;
  }

  /** Labels and annotations that follow from the Container; others stay. */
  static void setMetadata(ObjectNode pod, ObjectNode template) {
    ObjectNode metadata = pod.withObject("/metadata");
    if (template.has("labels")) {
      metadata.set("labels", template.path("labels").deepCopy());
    } else {
      metadata.remove("labels");
    }
    ObjectNode annotations = metadata.withObject("/annotations");
    Annotations.OF_PODS.forEach(annotations::remove);
    annotations.setAll((ObjectNode) template.path("annotations").deepCopy());
    annotations.put(TEMPLATE, template.toString());
  }
}
