package dev.jctl.controller.pod;

import dev.jctl.controller.resources.OwnerReferences;
import dev.jctl.manifests.model.Resource;
import dev.jctl.manifests.model.ResourceKind;
import dev.jctl.shim.spec.TerminationMessage;
import io.fabric8.kubernetes.api.model.Container;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;

/** Where a Pod's container says why it ends, with the defaults of Kubernetes. Pure. */
final class TerminationMessages {
  private static final Path ROOT = Path.of("/");
  private static final String FILE = "dev/termination-log";

  private TerminationMessages() {}

  /** None in the Pod of a Container object, which has no place to show it. */
  static Optional<TerminationMessage> of(Resource.Pod pod, Container c) {
    if (OwnerReferences.include(pod.metadata(), ResourceKind.CONTAINER)) {
      return Optional.empty();
    }
    String path = Objects.requireNonNullElse(c.getTerminationMessagePath(), "");
    return Optional.of(
        TerminationMessage.of(
            ROOT.resolve(path.isEmpty() ? FILE : path).toString(),
            c.getTerminationMessagePolicy()));
  }
}
