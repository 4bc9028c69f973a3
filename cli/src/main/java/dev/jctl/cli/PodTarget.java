package dev.jctl.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.cli.args.UsageException;
import dev.jctl.cli.client.StatusException;
import dev.jctl.cli.client.Target;
import dev.jctl.manifests.model.ResourceKind;
import java.util.ArrayList;
import java.util.List;

/** The Pod and container that {@code logs} and {@code exec} are about. */
record PodTarget(String namespace, JsonNode pod, String container) {

  /** {@code web}, {@code pod/web}, {@code ctr/web}: a Container runs as the Pod of its name. */
  static PodTarget find(Invocation in, String word) {
    String namespace = in.namespace();
    ObjectName name =
        word.contains("/") ? ObjectName.parse(word) : new ObjectName(ResourceKind.POD, word);
    if (name.kind() != ResourceKind.POD && name.kind() != ResourceKind.CONTAINER) {
      throw new UsageException(name + " runs nothing; name a pod or a container");
    }
    JsonNode pod = pod(in, namespace, name);
    List<String> containers = new ArrayList<>();
    for (String list : List.of("containers", "initContainers")) {
      pod.path("spec").path(list).forEach(c -> containers.add(c.path("name").asText("")));
    }
    String container = in.value(Options.CONTAINER).orElseGet(() -> defaulted(in, containers));
    if (!containers.contains(container)) {
      throw new CommandFailure(
          ExitCode.FAILED,
          "container "
              + container
              + " is not in pod "
              + name.name()
              + "; it has "
              + String.join(", ", containers));
    }
    return new PodTarget(namespace, pod, container);
  }

  private static JsonNode pod(Invocation in, String namespace, ObjectName name) {
    try {
      return in.api().get(Target.of(ResourceKind.POD, namespace, name.name()));
    } catch (StatusException e) {
      if (!e.isNotFound()) {
        throw e;
      }
      JsonNode owner = in.api().get(Target.of(ResourceKind.CONTAINER, namespace, name.name()));
      throw new CommandFailure(
          ExitCode.FAILED,
          "container "
              + name.name()
              + " has not been started: "
              + dev.jctl.cli.output.Readiness.of(owner).message());
    }
  }

  private static String defaulted(Invocation in, List<String> containers) {
    String first = containers.isEmpty() ? "" : containers.get(0);
    if (containers.size() > 1) {
      in.console()
          .error("Defaulted container \"" + first + "\" out of: " + String.join(", ", containers));
    }
    return first;
  }

  String name() {
    return pod.path("metadata").path("name").asText("");
  }

  Target subresource(String name) {
    return Target.of(ResourceKind.POD, namespace, name()).at(name).with("container", container);
  }
}
