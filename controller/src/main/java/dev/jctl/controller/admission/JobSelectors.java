package dev.jctl.controller.admission;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.merge.Trees;
import dev.jctl.manifests.model.ResourceKind;

/**
 * Which Pods are a Job's is not for users to say: its selector is made of its uid, unless {@code
 * manualSelector} is set. As with Kubernetes.
 */
final class JobSelectors {
  private static final String UID = "batch.kubernetes.io/controller-uid";
  private static final String NAME = "batch.kubernetes.io/job-name";

  /** What older clients look for. */
  private static final String FORMER_NAME = "job-name";

  private JobSelectors() {}

  static void fillIn(ResourceKind kind, ObjectNode candidate) {
    boolean whole =
        candidate.path("spec").path("template").isObject()
            && candidate.path("metadata").hasNonNull("uid");
    if (kind != ResourceKind.JOB
        || !whole
        || candidate.path("spec").path("manualSelector").asBoolean()) {
      return;
    }
    String uid = candidate.path("metadata").path("uid").asText();
    String name = candidate.path("metadata").path("name").asText();
    ObjectNode spec = Trees.objectAt(candidate, "spec");
    Trees.objectAt(Trees.objectAt(spec, "selector"), "matchLabels").put(UID, uid);
    ObjectNode template = Trees.objectAt(spec, "template");
    ObjectNode labels = Trees.objectAt(Trees.objectAt(template, "metadata"), "labels");
    labels.put(UID, uid).put(NAME, name).put(FORMER_NAME, name);
  }
}
