package dev.jctl.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.cli.client.StatusException;
import dev.jctl.cli.client.Target;
import dev.jctl.cli.output.Readiness;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Objects are deleted one after the other, and then waited for until they are gone. */
final class Deletion {
  private static final Duration NO_BOUND = Duration.ZERO;

  /** How many of those waited for are told by name. */
  private static final int NAMED = 10;

  private final Invocation in;
  private final ObjectNode options;
  private final boolean lenient;
  private final boolean waits;

  /**
   * @param options a DeleteOptions
   * @param lenient what is not there is no error
   * @param waits until they are gone, as long as {@link Options#TIMEOUT} allows
   */
  Deletion(Invocation in, ObjectNode options, boolean lenient, boolean waits) {
    this.in = in;
    this.options = options;
    this.lenient = lenient;
    this.waits = waits;
  }

  /** Returns the command's exit code. */
  int run(List<ObjectWait.Key> doomed) throws InterruptedException {
    Map<ObjectWait.Key, ObjectWait.Seen> going = new LinkedHashMap<>();
    List<String> errors = new ArrayList<>();
    for (ObjectWait.Key key : doomed) {
      try {
        marked(in.api().delete(target(key), options))
            .ifPresent(o -> going.put(key, new ObjectWait.Seen(o)));
        printDeleted(key);
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
    return waits && !going.isEmpty() ? awaitGone(going, code) : code;
  }

  private static Target target(ObjectWait.Key key) {
    return Target.of(key.kind(), key.namespace(), key.name());
  }

  private void printDeleted(ObjectWait.Key key) {
    String name = key.objectName().toString();
    if (in.value(Options.OUTPUT).filter("name"::equals).isPresent()) {
      in.console().line(name);
    } else {
      int slash = name.indexOf('/');
      in.console().line(name.substring(0, slash) + " \"" + key.name() + "\" deleted");
    }
  }

  /** The object when it is marked and still there; empty when it is gone. */
  private static Optional<JsonNode> marked(JsonNode answer) {
    return answer.path("metadata").hasNonNull("deletionTimestamp")
        ? Optional.of(answer)
        : Optional.empty();
  }

  private int awaitGone(Map<ObjectWait.Key, ObjectWait.Seen> going, int code)
      throws InterruptedException {
    Map<ObjectWait.Key, String> uids = new LinkedHashMap<>();
    going.forEach((k, s) -> uids.put(k, uid(s)));
    Map<ObjectWait.Key, String> told = new HashMap<>();
    ObjectWait wait =
        new ObjectWait(
            current(going),
            (k, s) -> s.object() == null || !uid(s).equals(uids.get(k)),
            seen -> tell(seen, told));
    if (wait.await(in, in.timeout(NO_BOUND))) {
      return code;
    }
    for (ObjectWait.Key key : wait.unfinished()) {
      in.console().error("error: timed out waiting for the deletion of " + key.objectName());
    }
    return ExitCode.TIMED_OUT;
  }

  /** For whom those in use are kept, each time when that changed. */
  private void tell(Map<ObjectWait.Key, ObjectWait.Seen> seen, Map<ObjectWait.Key, String> told) {
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
  private Map<ObjectWait.Key, ObjectWait.Seen> current(Map<ObjectWait.Key, ObjectWait.Seen> going) {
    Map<ObjectWait.Key, ObjectWait.Seen> now = new LinkedHashMap<>();
    for (ObjectWait.Key key : going.keySet()) {
      try {
        now.put(key, new ObjectWait.Seen(in.api().get(target(key))));
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
}
