package dev.jctl.cli;

import com.fasterxml.jackson.databind.node.LongNode;
import dev.jctl.cli.args.CommandSpec;
import dev.jctl.cli.client.Api;
import dev.jctl.cli.client.Patience;
import dev.jctl.cli.client.StatusException;
import dev.jctl.cli.client.Target;
import dev.jctl.cli.client.UnreachableException;
import dev.jctl.cli.output.ResourceTable;
import dev.jctl.cli.output.Table;
import dev.jctl.manifests.model.ResourceKind;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** {@code jctl status}. */
final class StatusCommand implements Command {
  @Override
  public CommandSpec spec() {
    return new CommandSpec(
        "status",
        "status",
        "Show the engine's processes; exits 4 when it does not run",
        CommandSpec.Operands.NONE,
        List.of(),
        List.of());
  }

  @Override
  public int run(Invocation in) {
    return print(in) ? ExitCode.OK : ExitCode.UNREACHABLE;
  }

  /** Returns whether the API answers. */
  static boolean print(Invocation in) {
    Engine engine = in.engine();
    List<List<String>> rows = new ArrayList<>();
    for (String process : Engine.PROCESSES) {
      Optional<Engine.Running> running = engine.running(process);
      rows.add(
          List.of(
              process,
              running.isPresent() ? "running" : "stopped",
              running.map(r -> Integer.toString(r.pid())).orElse("-"),
              running.map(r -> memory(r.pid())).orElse("-"),
              process.equals("supervisor") ? "-" : engine.log(process).toString()));
    }
    new Table(List.of("PROCESS", "STATE", "PID", "MEMORY", "LOG"), rows)
        .lines()
        .forEach(in.console()::line);
    in.console().line("");
    Optional<String> objects = objects(in);
    in.console()
        .line("api       " + engine.socket() + (objects.isPresent() ? "" : " (does not answer)"));
    if (objects.isEmpty()) {
      lastSaid(engine).ifPresent(line -> in.console().line("log       " + line));
    }
    in.console().line("data      " + engine.dataDir() + instance(engine));
    in.console().line("version   " + VersionCommand.VERSION);
    objects.ifPresent(o -> in.console().line("objects   " + o));
    return objects.isPresent();
  }

  private static String memory(int pid) {
    return ResourceTable.size(LongNode.valueOf(Engine.residentKilobytes(pid) * 1024));
  }

  private static String instance(Engine engine) {
    try {
      return " (instance " + Files.readString(engine.dataDir().resolve("instance")).strip() + ")";
    } catch (java.io.IOException e) {
      return ""; // it is made at the first start, and may be for root's eyes only
    }
  }

  /**
   * What the controller logged last, such as why it ended; lines of the JVM begin with a bracket.
   */
  private static Optional<String> lastSaid(Engine engine) {
    return engine.logTail("controller", 20).reversed().stream()
        .filter(line -> !line.startsWith("["))
        .findFirst();
  }

  /** Without patience: how it is now is what was asked for. */
  private static Optional<String> objects(Invocation in) {
    try (Api api = new Api(in.engine().socket(), Patience.NONE)) {
      List<String> counts = new ArrayList<>();
      for (ResourceKind kind : ObjectName.kinds("all")) {
        int count = api.list(Target.of(kind, null)).items().size();
        counts.add(count + " " + (count == 1 ? kind.singular() : kind.plural()));
      }
      return Optional.of(String.join(", ", counts));
    } catch (UnreachableException | StatusException e) {
      return Optional.empty();
    }
  }
}
