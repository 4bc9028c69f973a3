package dev.jctl.controller.pod;

import dev.jctl.manifests.model.Resource;
import dev.jctl.manifests.model.ResourceKind;
import dev.jctl.shim.spec.TerminationMessage;
import io.fabric8.kubernetes.api.model.Container;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;

/** Where a Pod's container says why it ends, with the defaults of Kubernetes. Pure. */
final class TerminationMessages {
  private static final String OR_LOG = "FallbackToLogsOnError";
  private static final Path ROOT = Path.of("/");
  private static final String FILE = "dev/termination-log";

  private TerminationMessages() {}

  /** None in the Pod of a Container object, which has no place to show it. */
  static Optional<TerminationMessage> of(Resource.Pod pod, Container c) {
    boolean isContainers =
        pod.metadata().getOwnerReferences().stream()
            .anyMatch(owner -> owner.getKind().equals(ResourceKind.CONTAINER.kind()));
    if (isContainers) {
      return Optional.empty();
    }
    String path = Objects.requireNonNullElse(c.getTerminationMessagePath(), "");
    return Optional.of(
        new TerminationMessage(
            ROOT.resolve(path.isEmpty() ? FILE : path).toString(),
            OR_LOG.equals(c.getTerminationMessagePolicy())));
  }
}
