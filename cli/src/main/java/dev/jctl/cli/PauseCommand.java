package dev.jctl.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.cli.args.CommandSpec;
import dev.jctl.cli.args.UsageException;
import dev.jctl.cli.client.StatusException;
import dev.jctl.cli.client.Target;
import dev.jctl.cli.output.Readiness;
import dev.jctl.manifests.json.Json;
import dev.jctl.manifests.model.Annotations;
import dev.jctl.manifests.model.ResourceKind;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** {@code jctl pause} and {@code jctl unpause}: declares it, and waits until it is so. */
final class PauseCommand implements Command {
  private static final Duration WAIT = Duration.ofMinutes(1);

  /** What is wanted, and how that is said. */
  private enum Direction {
    PAUSE("pause", "Stop the processes of pods and containers where they are", "paused"),
    UNPAUSE("unpause", "Let the processes of paused pods and containers go on", "unpaused");

    private final String command;
    private final String summary;
    private final String done;

    Direction(String command, String summary, String done) {
      this.command = command;
      this.summary = summary;
      this.done = done;
    }

    boolean isMet(boolean paused) {
      return paused == (this == PAUSE);
    }
  }

  private final Direction direction;

  private PauseCommand(Direction direction) {
    this.direction = direction;
  }

  static PauseCommand pause() {
    return new PauseCommand(Direction.PAUSE);
  }

  static PauseCommand unpause() {
    return new PauseCommand(Direction.UNPAUSE);
  }

  @Override
  public CommandSpec spec() {
    return new CommandSpec(
        direction.command,
        direction.command + " NAME… [--timeout=1m]",
        direction.summary,
        CommandSpec.Operands.POD,
        List.of(Options.TIMEOUT),
        List.of("jctl " + direction.command + " web", "jctl " + direction.command + " pod/web"));
  }

  @Override
  public int run(Invocation in) throws InterruptedException {
    Map<ObjectWait.Key, ObjectWait.Seen> asked = new LinkedHashMap<>();
    for (String word : in.arguments().operands()) {
      JsonNode object = declare(in, declaredBy(in, word));
      asked.put(ObjectWait.Key.of(object), new ObjectWait.Seen(object));
    }
    if (asked.isEmpty()) {
      throw new UsageException("name at least one pod or container, for example web");
    }
    ObjectWait wait = new ObjectWait(asked, (key, seen) -> isMet(seen.object()), seen -> {});
    wait.awaitAll(in, in.timeout(WAIT));
    asked.keySet().forEach(key -> in.console().line(key.objectName() + " " + direction.done));
    return ExitCode.OK;
  }

  /** What of a Container is said in its Pod follows from the Container. */
  private static ObjectName declaredBy(Invocation in, String word) {
    ObjectName name =
        word.contains("/") ? ObjectName.parse(word) : new ObjectName(ResourceKind.POD, word);
    if (name.kind() != ResourceKind.POD && name.kind() != ResourceKind.CONTAINER) {
      throw new UsageException(name + " runs nothing; name a pod or a container");
    }
    return container(in, name.name())
        .map(found -> new ObjectName(ResourceKind.CONTAINER, name.name()))
        .orElse(name);
  }

  private static Optional<JsonNode> container(Invocation in, String name) {
    try {
      return Optional.of(in.api().get(Target.of(ResourceKind.CONTAINER, in.namespace(), name)));
    } catch (StatusException e) {
      if (!e.isNotFound()) {
        throw e;
      }
      return Optional.empty();
    }
  }

  private JsonNode declare(Invocation in, ObjectName name) {
    // a merge patch removes what is null
    Boolean paused = direction == Direction.PAUSE ? Boolean.TRUE : null;
    ObjectNode patch = Json.object();
    if (name.kind() == ResourceKind.CONTAINER) {
      patch.putObject("spec").put("paused", paused);
    } else {
      patch
          .putObject("metadata")
          .putObject("annotations")
          .put(Annotations.PAUSED, paused == null ? null : paused.toString());
    }
    return in.api().patch(Target.of(name.kind(), in.namespace(), name.name()), patch);
  }

  private boolean isMet(@Nullable JsonNode object) {
    if (object == null) {
      return true;
    }
    boolean seen =
        object.at("/status/observedGeneration").asLong()
            >= object.at("/metadata/generation").asLong();
    return seen && direction.isMet(Readiness.isPaused(object));
  }
}
