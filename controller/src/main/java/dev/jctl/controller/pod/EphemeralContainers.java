package dev.jctl.controller.pod;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.resources.ResourceCodec;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EphemeralContainer;
import io.fabric8.kubernetes.api.model.PodSpec;
import java.util.List;
import java.util.Objects;

/** Containers that were put into a Pod while it runs, as {@code kubectl debug} does it. Pure. */
final class EphemeralContainers {
  private EphemeralContainers() {}

  /** As containers like all others. */
  static List<Container> of(PodSpec spec) {
    return list(spec).stream().map(EphemeralContainers::container).toList();
  }

  private static List<EphemeralContainer> list(PodSpec spec) {
    return Objects.requireNonNullElse(spec.getEphemeralContainers(), List.of());
  }

  private static Container container(EphemeralContainer ephemeral) {
    ObjectNode tree = ResourceCodec.MAPPER.valueToTree(ephemeral);
    tree.remove("targetContainerName");
    return ResourceCodec.MAPPER.convertValue(tree, Container.class);
  }

  /** The container whose processes it sees; empty: only its own. */
  static String target(PodSpec spec, String name) {
    return list(spec).stream()
        .filter(c -> name.equals(c.getName()))
        .map(c -> Objects.requireNonNullElse(c.getTargetContainerName(), ""))
        .findFirst()
        .orElse("");
  }
}
