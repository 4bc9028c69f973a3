package dev.jctl.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.cli.args.CommandSpec;
import dev.jctl.cli.args.Option;
import dev.jctl.cli.client.StatusException;
import dev.jctl.cli.client.UnreachableException;
import dev.jctl.cli.output.PlanText;
import dev.jctl.manifests.codec.ManifestDocument;
import dev.jctl.manifests.json.Json;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** {@code jctl plan}. With {@code --syscalls} the starting shell runs the controller's own part. */
final class PlanCommand implements Command {
  private static final Option SYSCALLS =
      Option.flag(
          "print the system calls that would run; needs neither root nor an engine", "--syscalls");
  private static final Option SYSCALL_DIFF =
      Option.flag("show how the system calls of each container's start change", "--syscall-diff");
  private static final Option OUT =
      Option.value("FILE", "keep the plan, for `jctl apply --plan FILE`", "--out");
  private static final Option DETAILED_EXIT_CODE =
      Option.flag(
          "exit 0 when nothing would change, 2 when something would", "--detailed-exitcode");

  /** As terraform has it. */
  private static final int CHANGES = 2;

  @Override
  public CommandSpec spec() {
    return new CommandSpec(
        "plan",
        "plan -f PATH [--out FILE] [--syscall-diff|--syscalls]",
        "Show what an apply would do to each object, and which fields force it",
        CommandSpec.Operands.NONE,
        List.of(
            Options.FILE,
            Options.RECURSIVE,
            ApplyCommand.SET,
            ApplyCommand.PRUNE,
            ApplyCommand.ALLOW_EMPTY,
            ApplyCommand.FORCE,
            OUT,
            DETAILED_EXIT_CODE,
            Options.OUTPUT,
            SYSCALL_DIFF,
            SYSCALLS),
        List.of(
            "jctl plan -f examples/web",
            "jctl plan -f site/ --set site --prune --out site.plan && jctl apply --plan site.plan",
            "jctl plan -f examples/web --syscalls"));
  }

  @Override
  public int run(Invocation in) {
    Manifests manifests = ApplyCommand.manifests(in);
    ApplyCall call = ApplyCall.of(in);
    JsonNode plan = plan(in, call, manifests);
    print(in, plan);
    Optional<String> out = in.value(OUT);
    if (out.isPresent()) {
      new PlanFile(call, manifests.asList(), plan.path("digest").asText(""))
          .write(Path.of(out.get()));
    }
    return in.is(DETAILED_EXIT_CODE) && PlanText.changes(plan) ? CHANGES : ExitCode.OK;
  }

  private static JsonNode plan(Invocation in, ApplyCall call, Manifests manifests) {
    try {
      ApplyCall planned = call.with("dryRun", "All").with("plan", "true");
      return (in.is(SYSCALL_DIFF) ? planned.with("syscalls", "true") : planned)
          .send(in.api(), manifests.asList());
    } catch (StatusException e) {
      throw manifests.located(e);
    } catch (UnreachableException e) {
      if (in.value(OUT).isPresent()) {
        throw e;
      }
      manifests.check();
      in.console().error("no controller runs: compared with nothing");
      return allNew(manifests);
    }
  }

  private static JsonNode allNew(Manifests manifests) {
    ObjectNode plan = Json.object();
    ArrayNode items = plan.putArray("items");
    for (ManifestDocument d : manifests.documents()) {
      ObjectNode item = items.addObject().put("action", "create");
      item.putObject("object")
          .put("apiVersion", d.kind().apiVersion())
          .put("kind", d.kind().kind())
          .put("namespace", d.tree().path("metadata").path("namespace").asText("default"))
          .put("name", d.tree().path("metadata").path("name").asText(""));
    }
    return plan;
  }

  private static void print(Invocation in, JsonNode plan) {
    if (in.value(Options.OUTPUT).isPresent()) {
      ObjectPrinter.parse(in.value(Options.OUTPUT).get()).print(in, List.of(plan));
      return;
    }
    boolean coloured =
        in.console().outIsTerminal() && in.environment().getOrDefault("NO_COLOR", "").isEmpty();
    List<String> lines = coloured ? PlanText.coloured(plan) : PlanText.plain(plan);
    lines.forEach(in.console()::line);
  }
}
