package dev.jctl.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.cli.output.LiveLines;
import dev.jctl.cli.output.Readiness;
import dev.jctl.manifests.model.Annotations;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Waits until an Image is there, or could not be had. */
final class ImageWait {
  private static final Duration PATIENCE = Duration.ofHours(1);

  private ImageWait() {}

  /**
   * @param applied as it was answered
   * @return the Image, whose content is here
   * @throws CommandFailure saying what is wrong with it
   */
  static JsonNode run(Invocation in, JsonNode applied) throws InterruptedException {
    ObjectWait.Key key = ObjectWait.Key.of(applied);
    LiveLines lines = new LiveLines(in.console());
    ObjectWait wait =
        new ObjectWait(
            Map.of(key, new ObjectWait.Seen(applied)),
            (k, seen) -> end(seen).isPresent(),
            seen -> show(in, lines, seen));
    boolean inTime = wait.await(in, in.timeout(PATIENCE));
    lines.clear();
    JsonNode image = object(wait.latest().values().iterator().next());
    Readiness readiness = Readiness.of(image);
    if (readiness.state() == Readiness.State.READY) {
      return image;
    }
    throw new CommandFailure(
        inTime ? ExitCode.FAILED : ExitCode.TIMED_OUT,
        readiness.message().isEmpty() ? readiness.status() : readiness.message());
  }

  private static JsonNode object(ObjectWait.Seen seen) {
    JsonNode object = seen.object();
    if (object == null) {
      throw new CommandFailure(ExitCode.FAILED, "the Image was deleted meanwhile");
    }
    return object;
  }

  /** How it ended, if it has. */
  private static Optional<Readiness> end(ObjectWait.Seen seen) {
    JsonNode object = seen.object();
    if (object == null) {
      return Optional.of(new Readiness(Readiness.State.FAILED, "Deleted", ""));
    }
    String asked = object.path("metadata").path("annotations").path(Annotations.PULL).asText("");
    if (!object.at("/status/observedPull").asText("").equals(asked)) {
      return Optional.empty();
    }
    Readiness readiness = Readiness.of(object);
    boolean failed = object.at("/status/phase").asText("").equals("Failed");
    return failed || readiness.state() == Readiness.State.READY
        ? Optional.of(readiness)
        : Optional.empty();
  }

  private static void show(
      Invocation in, LiveLines lines, Map<ObjectWait.Key, ObjectWait.Seen> seen) {
    if (!in.console().outIsTerminal()) {
      return;
    }
    Map<String, String> shown = new LinkedHashMap<>();
    seen.forEach(
        (key, s) -> {
          JsonNode status = s.object() == null ? null : s.object().path("status");
          if (status != null) {
            shown.put(
                key.toString(),
                key.name()
                    + ": "
                    + status.path("phase").asText("Pending")
                    + " "
                    + status.path("progress").asText(""));
          }
        });
    lines.show(shown);
  }
}
