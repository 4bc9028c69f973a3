package dev.jctl.controller.workload;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.controller.status.Times;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** What of a Pod those who made it decide on. Pure. */
public final class PodFacts {
  private PodFacts() {}

  /** Counts: is neither over nor on its way out. */
  public static boolean isActive(StoredObject pod) {
    return !pod.isDeleting() && !isOver(pod);
  }

  /** Has run to its end. */
  public static boolean isOver(StoredObject pod) {
    return hasSucceeded(pod) || hasFailed(pod);
  }

  public static boolean hasSucceeded(StoredObject pod) {
    return phase(pod).equals("Succeeded");
  }

  public static boolean hasFailed(StoredObject pod) {
    return phase(pod).equals("Failed");
  }

  private static String phase(StoredObject pod) {
    return pod.tree().path("status").path("phase").asText("");
  }

  public static boolean isReady(StoredObject pod) {
    return readySince(pod).isPresent();
  }

  private static Optional<Instant> readySince(StoredObject pod) {
    for (JsonNode condition : pod.tree().path("status").path("conditions")) {
      if (condition.path("type").asText().equals("Ready")
          && condition.path("status").asText().equals("True")) {
        return Times.parse(condition.path("lastTransitionTime").asText());
      }
    }
    return Optional.empty();
  }

  /** Ready for so long. */
  public static boolean isAvailable(StoredObject pod, Duration minReady, Instant now) {
    return availableIn(pod, minReady, now).filter(Duration::isZero).isPresent();
  }

  /** How long until a ready Pod is available; zero when it is; empty when it is not ready. */
  public static Optional<Duration> availableIn(StoredObject pod, Duration minReady, Instant now) {
    return readySince(pod)
        .map(since -> Duration.between(now, since.plus(minReady)))
        .map(left -> left.isNegative() ? Duration.ZERO : left);
  }

  /** How often containers of it were started again. */
  public static int restarts(StoredObject pod) {
    int restarts = 0;
    for (String list : List.of("initContainerStatuses", "containerStatuses")) {
      for (JsonNode status : pod.tree().path("status").path(list)) {
        restarts += status.path("restartCount").asInt();
      }
    }
    return restarts;
  }

  /** When the last container of one that is over ended. */
  public static Optional<Instant> endedAt(StoredObject pod) {
    Optional<Instant> last = Optional.empty();
    for (JsonNode status : pod.tree().path("status").path("containerStatuses")) {
      Optional<Instant> end =
          Times.parse(status.path("state").path("terminated").path("finishedAt").asText());
      if (end.isPresent() && last.filter(l -> l.isAfter(end.get())).isEmpty()) {
        last = end;
      }
    }
    return last;
  }
}
