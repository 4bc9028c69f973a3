package dev.jctl.controller.api;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.controller.resources.ApiException;
import dev.jctl.controller.resources.ApiException.Reason;
import dev.jctl.controller.resources.StoredObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The containers of a Pod, as spec and status have them. Pure. */
final class PodContainers {
  private static final List<String> SPECS =
      List.of("containers", "initContainers", "ephemeralContainers");
  private static final List<String> STATUSES =
      List.of("containerStatuses", "initContainerStatuses", "ephemeralContainerStatuses");

  private PodContainers() {}

  /** The one asked for, or the only one. */
  static String choose(StoredObject pod, Optional<String> asked) {
    List<String> names = names(pod, "containers");
    if (asked.isEmpty()) {
      if (names.size() == 1) {
        return names.getFirst();
      }
      throw ApiException.badRequest(
          "a container name must be specified for pod "
              + pod.ref().name()
              + ", choose one of: "
              + names);
    }
    boolean known =
        SPECS.stream().flatMap(list -> names(pod, list).stream()).anyMatch(asked.get()::equals);
    if (!known) {
      throw ApiException.badRequest(
          "container " + asked.get() + " is not valid for pod " + pod.ref().name());
    }
    return asked.get();
  }

  private static List<String> names(StoredObject pod, String list) {
    List<String> names = new ArrayList<>();
    pod.tree().path("spec").path(list).forEach(c -> names.add(c.path("name").asText()));
    return names;
  }

  static Optional<JsonNode> status(StoredObject pod, String container) {
    for (String list : STATUSES) {
      for (JsonNode status : pod.tree().path("status").path(list)) {
        if (status.path("name").asText().equals(container)) {
          return Optional.of(status);
        }
      }
    }
    return Optional.empty();
  }

  /** The runtime's name for a container that runs. */
  static String runningId(StoredObject pod, String container) {
    JsonNode status = status(pod, container).orElse(null);
    String id = status == null ? "" : status.path("containerID").asText("");
    if (status == null || id.isEmpty() || !status.path("state").has("running")) {
      throw new ApiException(
          Reason.BAD_REQUEST,
          "container \""
              + container
              + "\" in pod \""
              + pod.ref().name()
              + "\" is not running"
              + because(status),
          pod.ref(),
          List.of());
    }
    return id.substring(id.indexOf("://") < 0 ? 0 : id.indexOf("://") + 3);
  }

  /** Why it does not run, as a supplement to a sentence. */
  static String because(@Nullable JsonNode status) {
    if (status == null) {
      return ": it was not started yet";
    }
    JsonNode waiting = status.path("state").path("waiting");
    JsonNode terminated = status.path("state").path("terminated");
    JsonNode said = waiting.isMissingNode() ? terminated : waiting;
    String reason = said.path("reason").asText("");
    String message = said.path("message").asText("");
    return (reason.isEmpty() ? "" : ": " + reason) + (message.isEmpty() ? "" : ": " + message);
  }

  /** Whether no process of it will run again. */
  static boolean isOver(StoredObject pod) {
    String phase = pod.tree().path("status").path("phase").asText("");
    return phase.equals("Succeeded") || phase.equals("Failed");
  }
}
