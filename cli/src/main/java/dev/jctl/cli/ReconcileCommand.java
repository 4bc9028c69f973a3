package dev.jctl.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.cli.args.CommandSpec;
import dev.jctl.cli.args.UsageException;
import dev.jctl.cli.client.Target;
import dev.jctl.cli.output.Readiness;
import dev.jctl.manifests.json.Json;
import dev.jctl.manifests.model.Annotations;
import dev.jctl.manifests.model.ResourceKind;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@code jctl reconcile}: what follows a source looks at it now. */
final class ReconcileCommand implements Command {
  private static final List<ResourceKind> FOLLOWED =
      List.of(ResourceKind.GIT_REPOSITORY, ResourceKind.MANIFEST_SOURCE);

  private static final Duration WAIT = Duration.ofMinutes(1);

  @Override
  public CommandSpec spec() {
    return new CommandSpec(
        "reconcile",
        "reconcile KIND/NAME… [--timeout=1m]",
        "Fetch and apply git repositories and manifest sources now",
        CommandSpec.Operands.KIND_THEN_NAMES,
        List.of(Options.TIMEOUT),
        List.of("jctl reconcile gitrepository/machine"));
  }

  @Override
  public int run(Invocation in) throws InterruptedException {
    String request = Instant.now().toString();
    Map<ObjectWait.Key, ObjectWait.Seen> asked = new LinkedHashMap<>();
    for (ObjectName name : Selection.of(in).names()) {
      if (!FOLLOWED.contains(name.kind())) {
        throw new UsageException(
            name
                + ": only a gitrepository or manifestsource follows a source; other objects are kept"
                + " all the time");
      }
      Target target = Target.of(name.kind(), in.namespace(), name.name());
      JsonNode object = in.api().patch(target, annotation(request));
      asked.put(ObjectWait.Key.of(object), new ObjectWait.Seen(object));
    }
    if (asked.isEmpty()) {
      throw new UsageException("name at least one, for example gitrepository/machine");
    }
    ObjectWait wait = new ObjectWait(asked, (k, s) -> isMet(s.object(), request), seen -> {});
    wait.awaitAll(in, in.timeout(WAIT));
    return asked.keySet().stream().mapToInt(key -> tell(in, key)).max().orElse(ExitCode.OK);
  }

  private static ObjectNode annotation(String request) {
    ObjectNode patch = Json.object();
    patch
        .putObject("metadata")
        .putObject("annotations")
        .put(Annotations.RECONCILE_REQUESTED, request);
    return patch;
  }

  /** A revision that has to become healthy is not judged yet. */
  private static boolean isMet(@Nullable JsonNode object, String request) {
    return object == null
        || (request.equals(object.at("/status/lastHandledReconcileRequest").asText())
            && !"Progressing".equals(object.at("/status/phase").asText()));
  }

  private static int tell(Invocation in, ObjectWait.Key key) {
    JsonNode object = in.api().get(Target.of(key.kind(), key.namespace(), key.name()));
    JsonNode ready = Readiness.condition(object, "Ready").orElseGet(Json::object);
    String message = key.objectName() + ": " + ready.path("message").asText();
    if ("True".equals(ready.path("status").asText())) {
      in.console().line(message);
      return ExitCode.OK;
    }
    in.console().error("error: " + message);
    return ExitCode.FAILED;
  }
}
