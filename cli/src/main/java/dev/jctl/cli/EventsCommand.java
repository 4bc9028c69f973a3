package dev.jctl.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.cli.args.CommandSpec;
import dev.jctl.cli.args.Option;
import dev.jctl.cli.client.ObjectWatcher;
import dev.jctl.cli.client.Target;
import dev.jctl.cli.output.ResourceTable;
import dev.jctl.manifests.model.ResourceKind;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Predicate;

/** {@code jctl events}. */
final class EventsCommand implements Command {
  private static final Option FOR = Option.value("KIND/NAME", "only about this object", "--for");
  private static final Option TYPES = Option.value("TYPE", "Normal or Warning", "--types");
  private static final Option WATCH = Option.flag("go on with every event", "--watch", "-w");

  @Override
  public CommandSpec spec() {
    return new CommandSpec(
        "events",
        "events [--for KIND/NAME] [options]",
        "Show what happened, oldest first",
        CommandSpec.Operands.NONE,
        List.of(FOR, TYPES, WATCH, Options.ALL_NAMESPACES, Options.OUTPUT, TablePrinter.NO_HEADERS),
        List.of("jctl events --for container/web", "jctl events -w"));
  }

  @Override
  public int run(Invocation in) throws InterruptedException {
    Target target =
        Target.of(ResourceKind.EVENT, in.is(Options.ALL_NAMESPACES) ? null : in.namespace());
    Predicate<JsonNode> wanted = wanted(in);
    ObjectPrinter printer = ObjectPrinter.parse(in.value(Options.OUTPUT).orElse(""));
    if (in.is(WATCH)) {
      return watch(in, target, wanted);
    }
    List<JsonNode> events =
        new ArrayList<>(in.api().list(target).items().stream().filter(wanted).toList());
    events.sort(Comparator.comparing(ResourceTable::lastSeen));
    if (events.isEmpty()) {
      in.console()
          .error(
              "No events found"
                  + (in.is(Options.ALL_NAMESPACES)
                      ? "."
                      : " in " + in.namespace() + " namespace."));
      return ExitCode.OK;
    }
    printer.print(in, events);
    return ExitCode.OK;
  }

  private static Predicate<JsonNode> wanted(Invocation in) {
    Predicate<JsonNode> wanted =
        in.value(TYPES)
            .<Predicate<JsonNode>>map(t -> e -> t.contains(e.path("type").asText("")))
            .orElse(e -> true);
    if (in.value(FOR).isEmpty()) {
      return wanted;
    }
    ObjectName about = ObjectName.parse(in.value(FOR).orElseThrow());
    return wanted.and(
        e ->
            e.path("involvedObject").path("kind").asText("").equals(about.kind().kind())
                && e.path("involvedObject").path("name").asText("").equals(about.name()));
  }

  private static int watch(Invocation in, Target target, Predicate<JsonNode> wanted)
      throws InterruptedException {
    TablePrinter table = new TablePrinter(in, false);
    LinkedBlockingQueue<RuntimeException> failures = new LinkedBlockingQueue<>();
    ObjectWatcher.start(
        in.api(),
        target,
        ObjectWatcher.Known.NOTHING,
        event -> {
          if (!event.isDeleted() && wanted.test(event.object())) {
            table.printRow(event.object(), false);
            in.console().flush();
          }
        },
        failures::add);
    throw failures.take();
  }
}
