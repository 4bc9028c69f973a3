package dev.jctl.controller.deployment;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.resources.StoredObject;
import java.util.Map;

/** What is to be done about the ReplicaSets of one Deployment. */
sealed interface DeploymentAction {
  /** One that nobody owns and that is selected. */
  record Adopt(StoredObject set) implements DeploymentAction {}

  record Create(ObjectNode set) implements DeploymentAction {}

  record Scale(StoredObject set, int replicas) implements DeploymentAction {}

  /** {@code annotations}: those that are to be changed. */
  record Annotate(StoredObject object, Map<String, String> annotations)
      implements DeploymentAction {
    public Annotate {
      annotations = Map.copyOf(annotations);
    }
  }

  /** One of a former template that is not needed for going back any more. */
  record Delete(StoredObject set) implements DeploymentAction {}
}
