package dev.jctl.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.cli.args.CommandSpec;
import dev.jctl.cli.args.Option;
import dev.jctl.cli.args.UsageException;
import dev.jctl.manifests.codec.ManifestDocument;
import dev.jctl.manifests.json.Json;
import java.util.ArrayList;
import java.util.List;

/** {@code jctl delete}. */
final class DeleteCommand implements Command {
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

  @Override
  public int run(Invocation in) throws InterruptedException {
    List<ObjectWait.Key> doomed = in.arguments().has(Options.FILE) ? fromFiles(in) : selected(in);
    boolean lenient = in.is(IGNORE_NOT_FOUND) || in.is(ALL);
    return new Deletion(in, options(in), lenient, in.arguments().is(WAIT, true)).run(doomed);
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
  private static List<ObjectWait.Key> fromFiles(Invocation in) {
    List<ObjectWait.Key> doomed = new ArrayList<>();
    for (ManifestDocument d : Manifests.read(in).documents()) {
      JsonNode metadata = d.tree().path("metadata");
      doomed.addFirst(
          new ObjectWait.Key(
              d.kind(), metadata.path("namespace").asText(""), metadata.path("name").asText("")));
    }
    return doomed;
  }

  private static List<ObjectWait.Key> selected(Invocation in) {
    Selection selection = Selection.of(in);
    List<ObjectWait.Key> doomed = new ArrayList<>();
    for (ObjectName n : selection.names()) {
      String namespace = n.kind().namespaced() ? in.namespace() : "";
      doomed.add(new ObjectWait.Key(n.kind(), namespace, n.name()));
    }
    if (selection.names().isEmpty()) {
      if (!in.is(ALL) && selection.labels().isEmpty() && selection.fields().isEmpty()) {
        throw new UsageException(
            "resource(s) were provided, but no name was specified; name them, or use -l or --all");
      }
      selection.fetch(in).forEach(o -> doomed.add(ObjectWait.Key.of(o)));
      if (doomed.isEmpty()) {
        in.console().error("No resources found");
      }
    }
    return doomed;
  }
}
