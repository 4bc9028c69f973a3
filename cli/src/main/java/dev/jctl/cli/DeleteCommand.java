package dev.jctl.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.cli.args.CommandSpec;
import dev.jctl.cli.args.Option;
import dev.jctl.cli.args.UsageException;
import dev.jctl.cli.client.StatusException;
import dev.jctl.cli.client.Target;
import dev.jctl.cli.output.Readiness;
import dev.jctl.manifests.codec.ManifestDocument;
import dev.jctl.manifests.json.Json;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** {@code jctl delete}. */
final class DeleteCommand implements Command {
  private static final Duration NO_BOUND = Duration.ZERO;

  /** How many of those waited for are told by name. */
  private static final int NAMED = 10;

  private static final Option WAIT =
      Option.flag("wait until they are gone (the default)", "--wait");
  private static final Option ALL =
      Option.flag("all objects of the kind in the namespace", "--all");
  private static final Option GRACE =
      Option.value("SECONDS", "between the stop signal and the kill", "--grace-period");
  private static final Option FORCE = Option.flag("kill at once: --grace-period=0", "--force");
  private static final Option NOW = Option.flag("--grace-period=1", "--now");
  private static final Option CASCADE =
      Option.value("MODE", "background, foreground or orphan", "--cascade");
  private static final Option IGNORE_NOT_FOUND =
      Option.flag("what is not there is no error", "--ignore-not-found");

  @Override
  public CommandSpec spec() {
    return new CommandSpec(
        "delete",
        "delete -f PATH | KIND NAME… | KIND/NAME… | KIND -l LABELS | KIND --all [options]",
        "Delete objects and what they run",
        CommandSpec.Operands.KIND_THEN_NAMES,
        List.of(
            Options.FILE,
            Options.RECURSIVE,
            Options.SELECTOR,
            Options.FIELD_SELECTOR,
            Options.ALL_NAMESPACES,
            ALL,
            WAIT,
            Options.TIMEOUT,
            GRACE,
            FORCE,
            NOW,
            CASCADE,
            IGNORE_NOT_FOUND,
            Options.OUTPUT),
        List.of("jctl delete -f examples/web", "jctl delete container web --grace-period=5"));
  }

  /** Where it is, by name. */
  private record Doomed(ObjectWait.Key key) {
    Target target() {
      return Target.of(key.kind(), key.namespace(), key.name());
    }
  }

  @Override
  public int run(Invocation in) throws InterruptedException {
    List<Doomed> doomed = in.arguments().has(Options.FILE) ? fromFiles(in) : selected(in);
    boolean lenient = in.is(IGNORE_NOT_FOUND) || in.is(ALL);
    Map<ObjectWait.Key, ObjectWait.Seen> going = new LinkedHashMap<>();
    List<String> errors = new ArrayList<>();
    for (Doomed d : doomed) {
      try {
        marked(in.api().delete(d.target(), options(in)))
            .ifPresent(o -> going.put(d.key(), new ObjectWait.Seen(o)));
        printDeleted(in, d);
      } catch (StatusException e) {
        if (!e.isNotFound()) {
          throw e;
        }
        if (!lenient) {
          errors.add(Failures.line(e));
        }
      }
    }
    in.console().flush();
    errors.forEach(in.console()::error);
    int code = errors.isEmpty() ? ExitCode.OK : ExitCode.FAILED;
    return in.arguments().is(WAIT, true) && !going.isEmpty() ? awaitGone(in, going, code) : code;
  }

  private static void printDeleted(Invocation in, Doomed d) {
    String name = d.key().objectName().toString();
    if (in.value(Options.OUTPUT).filter("name"::equals).isPresent()) {
      in.console().line(name);
    } else {
      int slash = name.indexOf('/');
      in.console().line(name.substring(0, slash) + " \"" + d.key().name() + "\" deleted");
    }
  }

  /** The object when it is marked and still there; empty when it is gone. */
  private static Optional<JsonNode> marked(JsonNode answer) {
    return answer.path("metadata").hasNonNull("deletionTimestamp")
        ? Optional.of(answer)
        : Optional.empty();
  }

  private static int awaitGone(Invocation in, Map<ObjectWait.Key, ObjectWait.Seen> going, int code)
      throws InterruptedException {
    Map<ObjectWait.Key, String> uids = new LinkedHashMap<>();
    going.forEach((k, s) -> uids.put(k, uid(s)));
    Map<ObjectWait.Key, String> told = new HashMap<>();
    ObjectWait wait =
        new ObjectWait(
            current(in, going),
            (k, s) -> s.object() == null || !uid(s).equals(uids.get(k)),
            seen -> tell(in, seen, told));
    if (wait.await(in, in.timeout(NO_BOUND))) {
      return code;
    }
    for (ObjectWait.Key key : wait.unfinished()) {
      in.console().error("error: timed out waiting for the deletion of " + key.objectName());
    }
    return ExitCode.TIMED_OUT;
  }

  /** For whom those in use are kept, each time when that changed. */
  private static void tell(
      Invocation in, Map<ObjectWait.Key, ObjectWait.Seen> seen, Map<ObjectWait.Key, String> told) {
    seen.forEach(
        (key, s) -> {
          String why = s.object() == null ? "" : why(s.object());
          if (!why.isEmpty() && !why.equals(told.put(key, why))) {
            in.console().error(key.objectName() + ": " + why);
          }
        });
  }

  private static String why(JsonNode object) {
    return Readiness.condition(object, "InUse")
        .filter(use -> use.path("status").asText().equals("True"))
        .flatMap(use -> Readiness.condition(object, "Ready"))
        .filter(ready -> ready.path("reason").asText().equals("Terminating"))
        .map(ready -> shortened(ready.path("message").asText()))
        .orElse("");
  }

  /** {@code waits for these: a, b, …}: told again whenever one has gone, it must not be long. */
  private static String shortened(String message) {
    List<String> names = List.of(message.split(", "));
    return names.size() <= NAMED
        ? message
        : String.join(", ", names.subList(0, NAMED)) + " and " + (names.size() - NAMED) + " more";
  }

  /** As they are now: one that went before the watch began would never be seen to go. */
  private static Map<ObjectWait.Key, ObjectWait.Seen> current(
      Invocation in, Map<ObjectWait.Key, ObjectWait.Seen> going) {
    Map<ObjectWait.Key, ObjectWait.Seen> now = new LinkedHashMap<>();
    for (ObjectWait.Key key : going.keySet()) {
      try {
        Target target = Target.of(key.kind(), key.namespace(), key.name());
        now.put(key, new ObjectWait.Seen(in.api().get(target)));
      } catch (StatusException e) {
        if (!e.isNotFound()) {
          throw e;
        }
        now.put(key, new ObjectWait.Seen(null));
      }
    }
    return now;
  }

  private static String uid(ObjectWait.Seen seen) {
    return seen.object() == null ? "" : seen.object().path("metadata").path("uid").asText("");
  }

  private static ObjectNode options(Invocation in) {
    ObjectNode options = Json.object().put("kind", "DeleteOptions").put("apiVersion", "v1");
    if (in.is(FORCE)) {
      options.put("gracePeriodSeconds", 0);
    } else if (in.is(NOW)) {
      options.put("gracePeriodSeconds", 1);
    }
    in.value(GRACE).ifPresent(s -> options.put("gracePeriodSeconds", seconds(s)));
    options.put(
        "propagationPolicy",
        switch (in.value(CASCADE).orElse("background")) {
          case "background", "true" -> "Background";
          case "foreground" -> "Foreground";
          case "orphan", "false" -> "Orphan";
          default -> throw new UsageException("--cascade must be background, foreground or orphan");
        });
    return options;
  }

  private static int seconds(String text) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw new UsageException("--grace-period must be a number of seconds, not \"" + text + "\"");
    }
  }

  /** In reverse, so that what uses goes before what it uses. */
  private static List<Doomed> fromFiles(Invocation in) {
    List<Doomed> doomed = new ArrayList<>();
    for (ManifestDocument d : Manifests.read(in).documents()) {
      JsonNode metadata = d.tree().path("metadata");
      doomed.addFirst(
          new Doomed(
              new ObjectWait.Key(
                  d.kind(),
                  metadata.path("namespace").asText(""),
                  metadata.path("name").asText(""))));
    }
    return doomed;
  }

  private static List<Doomed> selected(Invocation in) {
    Selection selection = Selection.of(in);
    List<Doomed> doomed = new ArrayList<>();
    for (ObjectName n : selection.names()) {
      String namespace = n.kind().namespaced() ? in.namespace() : "";
      doomed.add(new Doomed(new ObjectWait.Key(n.kind(), namespace, n.name())));
    }
    if (selection.names().isEmpty()) {
      if (!in.is(ALL) && selection.labels().isEmpty() && selection.fields().isEmpty()) {
        throw new UsageException(
            "resource(s) were provided, but no name was specified; name them, or use -l or --all");
      }
      selection.fetch(in).forEach(o -> doomed.add(new Doomed(ObjectWait.Key.of(o))));
      if (doomed.isEmpty()) {
        in.console().error("No resources found");
      }
    }
    return doomed;
  }
}
