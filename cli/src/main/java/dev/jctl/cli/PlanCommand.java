package dev.jctl.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.cli.args.CommandSpec;
import dev.jctl.cli.args.Option;
import dev.jctl.cli.client.UnreachableException;
import dev.jctl.cli.output.Consequence;
import dev.jctl.cli.output.FieldChanges;
import dev.jctl.manifests.json.Json;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** {@code jctl plan}. With {@code --syscalls} the starting shell runs the controller's own part. */
final class PlanCommand implements Command {
  private static final Option SYSCALLS =
      Option.flag(
          "print the system calls that would run; needs neither root nor an engine", "--syscalls");

  private enum Verb {
    CREATE,
    IN_PLACE,
    RECREATE,
    UNCHANGED
  }

  @Override
  public CommandSpec spec() {
    return new CommandSpec(
        "plan",
        "plan -f PATH [--syscalls]",
        "Show what an apply would do to each object, and which fields force it",
        CommandSpec.Operands.NONE,
        List.of(Options.FILE, Options.RECURSIVE, SYSCALLS),
        List.of("jctl plan -f examples/web", "jctl plan -f examples/web --syscalls"));
  }

  @Override
  public int run(Invocation in) {
    Manifests manifests = Manifests.read(in);
    Map<Verb, Integer> counts = new EnumMap<>(Verb.class);
    for (Comparison c : compare(in, manifests)) {
      Consequence consequence = Consequence.of(c.name().kind(), c.live(), c.changes());
      counts.merge(print(in, c.name(), consequence), 1, Integer::sum);
    }
    in.console()
        .line(
            String.format(
                "Plan: %d to create, %d in place, %d to recreate, %d unchanged.",
                counts.getOrDefault(Verb.CREATE, 0),
                counts.getOrDefault(Verb.IN_PLACE, 0),
                counts.getOrDefault(Verb.RECREATE, 0),
                counts.getOrDefault(Verb.UNCHANGED, 0)));
    return ExitCode.OK;
  }

  private static List<Comparison> compare(Invocation in, Manifests manifests) {
    try {
      return Comparison.of(in.api(), manifests);
    } catch (UnreachableException e) {
      in.console().error("no controller runs: compared with nothing");
      return manifests.documents().stream()
          .map(d -> new Comparison(ObjectName.of(d.kind(), d.tree()), Json.object(), d.tree()))
          .toList();
    }
  }

  private static Verb print(Invocation in, ObjectName name, Consequence consequence) {
    return switch (consequence) {
      case Consequence.Create _ -> {
        in.console().line("+ " + name + " create");
        yield Verb.CREATE;
      }
      case Consequence.Unchanged _ -> {
        in.console().line("  " + name + " unchanged");
        yield Verb.UNCHANGED;
      }
      case Consequence.InPlace(List<FieldChanges.Change> changes) -> {
        in.console().line("~ " + name + " change in place");
        changes.forEach(c -> in.console().line("    " + text(c)));
        yield Verb.IN_PLACE;
      }
      case Consequence.Recreate(
              List<FieldChanges.Change> changes,
              List<FieldChanges.Change> forcing) -> {
        in.console().line("! " + name + " recreate");
        changes.forEach(
            c ->
                in.console().line("    " + text(c) + (forcing.contains(c) ? "  (forces it)" : "")));
        yield Verb.RECREATE;
      }
    };
  }

  private static String text(FieldChanges.Change change) {
    return change.path() + ": " + value(change.before()) + " -> " + value(change.after());
  }

  private static String value(JsonNode node) {
    return node.isMissingNode() ? "(none)" : Json.compact(node);
  }
}
