package dev.jctl.controller.container;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** What is to be done about the Pod of one Container. */
sealed interface ContainerAction {
  record Keep() implements ContainerAction {}

  record CreatePod(ObjectNode pod) implements ContainerAction {}

  /** {@code fields} may change while the Pod lives; the Pod reconciler says what it takes. */
  record UpdatePod(ObjectNode template, List<String> fields) implements ContainerAction {
    public UpdatePod {
      fields = List.copyOf(fields);
    }
  }

  /** {@code fields} may not: this Pod goes, and a new one comes. */
  record ReplacePod(List<String> fields) implements ContainerAction {
    public ReplacePod {
      fields = List.copyOf(fields);
    }
  }

  /** The Pod is going. */
  record AwaitPod() implements ContainerAction {}

  /** A Pod of that name is not this Container's. */
  record Refuse(String message) implements ContainerAction {}

  /** The Container is deleted: so is its Pod. */
  record DeletePod() implements ContainerAction {}

  /** Let the object go. */
  record Release() implements ContainerAction {}
}
