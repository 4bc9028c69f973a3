package dev.jctl.cli.output;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * The STATUS column of a Pod, as kubectl computes it (printPod in pkg/printers/internalversion),
 * but that a reason of the whole Pod counts before those of its containers.
 */
final class PodStatusWord {
  private PodStatusWord() {}

  static String of(JsonNode pod) {
    JsonNode status = pod.path("status");
    if (status.hasNonNull("reason")) {
      return status.path("reason").asText();
    }
    if (Readiness.isPaused(pod)) {
      return Readiness.PAUSED;
    }
    String word = status.path("phase").asText("Pending");
    int index = 0;
    for (JsonNode c : status.path("initContainerStatuses")) {
      String init = initWord(c, index, pod.path("spec").path("initContainers").size());
      if (!init.isEmpty()) {
        return init;
      }
      index++;
    }
    for (JsonNode c : status.path("containerStatuses")) {
      String waiting = c.path("state").path("waiting").path("reason").asText("");
      JsonNode terminated = c.path("state").path("terminated");
      if (!waiting.isEmpty()) {
        word = waiting;
      } else if (!terminated.isMissingNode()) {
        word = terminatedWord(terminated);
      }
    }
    return word;
  }

  /** Empty when it is done. */
  private static String initWord(JsonNode container, int index, int total) {
    JsonNode state = container.path("state");
    JsonNode terminated = state.path("terminated");
    if (!terminated.isMissingNode()) {
      return terminated.path("exitCode").asInt() == 0 ? "" : "Init:" + terminatedWord(terminated);
    }
    if (container.path("started").asBoolean(false)) {
      return ""; // a side-car that runs
    }
    String waiting = state.path("waiting").path("reason").asText("");
    return waiting.isEmpty() || waiting.equals("PodInitializing")
        ? "Init:" + index + "/" + total
        : "Init:" + waiting;
  }

  private static String terminatedWord(JsonNode terminated) {
    String reason = terminated.path("reason").asText("");
    if (!reason.isEmpty()) {
      return reason;
    }
    int signal = terminated.path("signal").asInt(0);
    return signal != 0 ? "Signal:" + signal : "ExitCode:" + terminated.path("exitCode").asInt();
  }
}
