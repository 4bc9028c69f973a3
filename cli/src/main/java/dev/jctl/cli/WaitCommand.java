package dev.jctl.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.cli.args.CommandSpec;
import dev.jctl.cli.args.Option;
import dev.jctl.cli.args.UsageException;
import dev.jctl.cli.client.StatusException;
import dev.jctl.cli.output.JsonPath;
import dev.jctl.cli.output.Readiness;
import dev.jctl.manifests.codec.ManifestDocument;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** {@code jctl wait}. */
final class WaitCommand implements Command {
  private static final Duration WAIT = Duration.ofSeconds(30);
  private static final Option FOR =
      Option.value(
          "CONDITION",
          "delete, create, condition=NAME[=VALUE], jsonpath='{.path}'[=VALUE]",
          "--for");
  private static final Option ALL = Option.flag("all objects of the kind", "--all");

  @Override
  public CommandSpec spec() {
    return new CommandSpec(
        "wait",
        "wait KIND/NAME… | KIND --all | -f PATH --for=CONDITION [--timeout=30s]",
        "Wait until objects are in a condition",
        CommandSpec.Operands.KIND_THEN_NAMES,
        List.of(
            FOR,
            Options.TIMEOUT,
            Options.FILE,
            Options.RECURSIVE,
            Options.SELECTOR,
            Options.FIELD_SELECTOR,
            Options.ALL_NAMESPACES,
            ALL),
        List.of(
            "jctl wait container/web --for=condition=Ready",
            "jctl wait pod/web --for=jsonpath='{.status.phase}'=Running --timeout=1m",
            "jctl wait ctr/web --for=delete"));
  }

  @Override
  public int run(Invocation in) throws InterruptedException {
    String wanted =
        in.value(FOR)
            .orElseThrow(
                () -> new UsageException("--for is required, for example --for=condition=Ready"));
    Predicate<@Nullable JsonNode> condition = condition(wanted);
    boolean mayBeAbsent = wanted.equals("delete") || wanted.equals("create");
    Map<ObjectWait.Key, ObjectWait.Seen> start = start(in, mayBeAbsent);
    Set<ObjectWait.Key> told = new HashSet<>();
    ObjectWait wait =
        new ObjectWait(
            start,
            (k, s) -> condition.test(s.object()),
            seen ->
                seen.forEach(
                    (k, s) -> {
                      if (condition.test(s.object()) && told.add(k)) {
                        in.console()
                            .line(
                                k.objectName()
                                    + (wanted.equals("delete") ? " deleted" : " condition met"));
                        in.console().flush();
                      }
                    }));
    if (wait.await(in, in.timeout(WAIT))) {
      return ExitCode.OK;
    }
    for (ObjectWait.Key key : wait.unfinished()) {
      in.console()
          .error(
              "error: timed out waiting for the condition on "
                  + key.kind().plural()
                  + "/"
                  + key.name());
    }
    return ExitCode.TIMED_OUT;
  }

  private static Map<ObjectWait.Key, ObjectWait.Seen> start(Invocation in, boolean mayBeAbsent) {
    Map<ObjectWait.Key, ObjectWait.Seen> start = new LinkedHashMap<>();
    for (ObjectWait.Key key : named(in)) {
      try {
        start.put(
            key,
            new ObjectWait.Seen(
                in.api()
                    .get(dev.jctl.cli.client.Target.of(key.kind(), key.namespace(), key.name()))));
      } catch (StatusException e) {
        if (!e.isNotFound() || !mayBeAbsent) {
          throw e;
        }
        start.put(key, new ObjectWait.Seen(null));
      }
    }
    if (start.isEmpty()) {
      throw new CommandFailure(ExitCode.FAILED, "no matching resources found");
    }
    return start;
  }

  private static List<ObjectWait.Key> named(Invocation in) {
    List<ObjectWait.Key> keys = new ArrayList<>();
    if (in.arguments().has(Options.FILE)) {
      for (ManifestDocument d : Manifests.read(in).documents()) {
        JsonNode metadata = d.tree().path("metadata");
        keys.add(
            new ObjectWait.Key(
                d.kind(), metadata.path("namespace").asText(""), metadata.path("name").asText("")));
      }
      return keys;
    }
    Selection selection = Selection.of(in);
    for (ObjectName n : selection.names()) {
      keys.add(new ObjectWait.Key(n.kind(), n.kind().namespaced() ? in.namespace() : "", n.name()));
    }
    if (selection.names().isEmpty()) {
      selection.fetch(in).forEach(o -> keys.add(ObjectWait.Key.of(o)));
    }
    return keys;
  }

  private static Predicate<@Nullable JsonNode> condition(String wanted) {
    if (wanted.equals("delete")) {
      return object -> object == null;
    }
    if (wanted.equals("create")) {
      return object -> object != null;
    }
    if (wanted.startsWith("condition=")) {
      String[] parts = wanted.substring("condition=".length()).split("=", 2);
      String value = parts.length > 1 ? parts[1] : "True";
      return object ->
          object != null
              && isObserved(object)
              && Readiness.condition(object, parts[0])
                  .filter(c -> c.path("status").asText("").equalsIgnoreCase(value))
                  .isPresent();
    }
    if (wanted.startsWith("jsonpath=")) {
      return jsonPath(wanted.substring("jsonpath=".length()));
    }
    throw new UsageException(
        "unrecognized condition: \""
            + wanted
            + "\"; use delete, create, condition=NAME or jsonpath='{.path}'=VALUE");
  }

  /** {@code {.status.phase}=Running}; without a value: that there is one. */
  private static Predicate<@Nullable JsonNode> jsonPath(String text) {
    int close = text.lastIndexOf('}');
    String path = text.substring(0, close + 1);
    String value = text.length() > close + 1 ? text.substring(close + 2) : "";
    try {
      JsonPath.find(path, dev.jctl.manifests.json.Json.object());
    } catch (IllegalArgumentException e) {
      throw new UsageException("jsonpath: " + e.getMessage());
    }
    return object ->
        object != null
            && JsonPath.find(path, object).stream()
                .anyMatch(n -> value.isEmpty() || n.asText().equals(value));
  }

  private static boolean isObserved(JsonNode object) {
    JsonNode observed = object.path("status").path("observedGeneration");
    return !observed.isNumber()
        || observed.asLong() >= object.path("metadata").path("generation").asLong(0);
  }
}
