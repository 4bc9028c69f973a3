package dev.jctl.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.cli.args.CommandSpec;
import dev.jctl.cli.args.Option;
import dev.jctl.cli.client.StatusException;
import dev.jctl.cli.client.Target;
import dev.jctl.manifests.json.Json;
import dev.jctl.manifests.model.ResourceKind;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** {@code jctl down --all}, its first part: the starting shell then ends the processes. */
final class DownCommand implements Command {
  private static final Option ALL =
      Option.flag(
          "delete all containers, pods and networks, and what would bring them back, first; images"
              + " and volumes stay",
          "--all");

  @Override
  public CommandSpec spec() {
    return new CommandSpec(
        "down",
        "down [--all]",
        "Stop the controller and the runtime; containers go on",
        CommandSpec.Operands.NONE,
        List.of(ALL, Options.TIMEOUT),
        List.of());
  }

  @Override
  public int run(Invocation in) throws InterruptedException {
    if (!in.is(ALL)) {
      return ExitCode.OK;
    }
    // first what would bring the others back
    for (ResourceKind kind :
        List.of(
            ResourceKind.GIT_REPOSITORY,
            ResourceKind.MANIFEST_SOURCE,
            ResourceKind.CRON_JOB,
            ResourceKind.JOB,
            ResourceKind.DEPLOYMENT,
            ResourceKind.REPLICA_SET,
            ResourceKind.CONTAINER,
            ResourceKind.POD,
            ResourceKind.NETWORK)) {
      if (!deleteAll(in, kind)) {
        throw new CommandFailure(
            ExitCode.TIMED_OUT, "timed out waiting for the deletion of all " + kind.plural());
      }
    }
    return ExitCode.OK;
  }

  /** The objects of a repository or source are deleted by kind: its images and volumes stay. */
  private static ObjectNode options(ResourceKind kind) {
    ObjectNode options = Json.object().put("kind", "DeleteOptions").put("apiVersion", "v1");
    return kind == ResourceKind.GIT_REPOSITORY || kind == ResourceKind.MANIFEST_SOURCE
        ? options.put("propagationPolicy", "Orphan")
        : options;
  }

  private static boolean deleteAll(Invocation in, ResourceKind kind) throws InterruptedException {
    Map<ObjectWait.Key, ObjectWait.Seen> going = new LinkedHashMap<>();
    for (JsonNode object : in.api().list(Target.of(kind, null)).items()) {
      ObjectWait.Key key = ObjectWait.Key.of(object);
      try {
        Target target = Target.of(kind, key.namespace(), key.name());
        in.api().delete(target, options(kind));
        going.put(key, new ObjectWait.Seen(in.api().get(target)));
      } catch (StatusException e) {
        if (!e.isNotFound()) {
          throw e;
        }
      }
    }
    return new ObjectWait(going, (k, s) -> s.object() == null, seen -> {})
        .await(in, in.timeout(Duration.ofMinutes(2)));
  }
}
