package dev.jctl.controller.container;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.manifests.model.ResourceKind;
import java.util.List;
import java.util.Optional;

/** What a change of a Container will do to its Pod: the planner itself is asked. Pure. */
public sealed interface ContainerForecast {
  record Nothing() implements ContainerForecast {}

  /** The Pod goes, and another comes; {@code fields} of the spec force it. */
  record ReplacesPod(List<String> fields) implements ContainerForecast {
    public ReplacesPod {
      fields = List.copyOf(fields);
    }
  }

  /** The Pod changes; what that takes is for its own planner to say. */
  record ChangesPod(StoredObject before, StoredObject after) implements ContainerForecast {}

  /** {@code pod}: empty when there is none; then one as it would be. */
  static ContainerForecast of(StoredObject before, StoredObject after, Optional<StoredObject> pod) {
    StoredObject running = pod.orElseGet(() -> podOf(before));
    return switch (ContainerPlanner.plan(after, Optional.of(running))) {
      case ContainerAction.UpdatePod update -> {
        ObjectNode changed = running.tree().deepCopy();
        ContainerPlanner.update(changed, update.template(), update.fields());
        yield new ChangesPod(running, new StoredObject(running.ref(), changed, 0));
      }
      case ContainerAction.ReplacePod replace -> new ReplacesPod(replace.fields());
      case ContainerAction.Keep a -> new Nothing();
      case ContainerAction.CreatePod a -> new Nothing();
      case ContainerAction.AwaitPod a -> new Nothing();
      case ContainerAction.Refuse a -> new Nothing();
      case ContainerAction.DeletePod a -> new Nothing();
      case ContainerAction.Release a -> new Nothing();
    };
  }

  private static StoredObject podOf(StoredObject container) {
    ObjectRef ref =
        new ObjectRef(ResourceKind.POD, container.ref().namespace(), container.ref().name());
    return new StoredObject(ref, PodTemplates.pod(container, PodTemplates.template(container)), 0);
  }
}
