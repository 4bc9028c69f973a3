package dev.jctl.controller.usage;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.controller.resources.StoredObject;
import java.util.ArrayList;
import java.util.List;

/**
 * A container that its Pod's status says runs.
 *
 * @param id the runtime's
 */
public record RunningContainer(String namespace, String pod, String name, String id) {
  private static final String SCHEME = "jctl://";

  public static List<RunningContainer> ofAll(List<StoredObject> pods) {
    return pods.stream().flatMap(pod -> of(pod).stream()).toList();
  }

  public static List<RunningContainer> of(StoredObject pod) {
    List<RunningContainer> running = new ArrayList<>();
    JsonNode status = pod.tree().path("status");
    for (String list : List.of("initContainerStatuses", "containerStatuses")) {
      for (JsonNode container : status.path(list)) {
        String id = container.path("containerID").asText("");
        if (id.startsWith(SCHEME) && container.path("state").has("running")) {
          running.add(
              new RunningContainer(
                  pod.ref().namespace(),
                  pod.ref().name(),
                  container.path("name").asText(),
                  id.substring(SCHEME.length())));
        }
      }
    }
    return running;
  }
}
