package dev.jctl.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.cli.args.CommandSpec;
import dev.jctl.cli.args.Option;
import dev.jctl.cli.args.UsageException;
import dev.jctl.cli.output.ResourceTable;
import dev.jctl.manifests.codec.ManifestDocument;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** {@code jctl apply}. */
final class ApplyCommand implements Command {
  private static final Duration WAIT = Duration.ofMinutes(5);

  static final Option WAIT_READY =
      Option.flag("wait until all objects are ready, and end with a table of them", "--wait");
  static final Option DRY_RUN =
      Option.optionalValue("server|client", "say what would happen, change nothing", "--dry-run");
  static final Option PRUNE =
      Option.flag("delete what an earlier apply of the set had and this one has not", "--prune");
  static final Option SET = Option.value("NAME", "name of the set that these objects are", "--set");
  static final Option FORCE =
      Option.flag("take over fields that another manager owns", "--force-conflicts");

  @Override
  public CommandSpec spec() {
    return new CommandSpec(
        "apply",
        "apply -f PATH [--wait] [options]",
        "Make objects as manifests say; all of them, or none",
        CommandSpec.Operands.NONE,
        List.of(
            Options.FILE,
            Options.RECURSIVE,
            WAIT_READY,
            Options.TIMEOUT,
            DRY_RUN,
            PRUNE,
            SET,
            FORCE,
            Options.OUTPUT),
        List.of("jctl apply -f examples/web --wait", "jctl apply -R -f site/ --set site --prune"));
  }

  @Override
  public int run(Invocation in) throws InterruptedException {
    if (!in.arguments().operands().isEmpty()) {
      throw new UsageException(
          "unexpected " + in.arguments().operands() + "; manifests are given with -f");
    }
    if (in.is(PRUNE) && in.value(SET).isEmpty()) {
      throw new UsageException(
          "--prune needs --set NAME: only what an earlier apply of that set had is deleted");
    }
    Manifests manifests = Manifests.read(in);
    String dryRun = dryRun(in);
    if (dryRun.equals("client")) {
      return printClientDryRun(in, manifests);
    }
    ApplyCall call =
        new ApplyCall(
            dryRun.equals("server"), in.is(FORCE), in.value(SET).orElse(""), in.is(PRUNE));
    List<ApplyCall.Applied> applied = call.send(in.api(), manifests);
    print(in, applied, dryRun.isEmpty() ? "" : " (server dry run)");
    if (!in.is(WAIT_READY) || call.dryRun()) {
      return ExitCode.OK;
    }
    in.console().flush();
    List<JsonNode> wanted =
        applied.stream()
            .filter(a -> !a.outcome().equals("pruned"))
            .map(ApplyCall.Applied::object)
            .toList();
    return new ReadyWait(in, wanted).run(in.timeout(WAIT));
  }

  /** Empty, {@code server} or {@code client}. */
  private static String dryRun(Invocation in) {
    String value = in.value(DRY_RUN).orElse("none");
    return switch (value) {
      case "none" -> "";
      case "", "client" -> "client";
      case "server" -> "server";
      default ->
          throw new UsageException(
              "invalid dry-run value (" + value + "). Must be \"none\", \"server\", or \"client\"");
    };
  }

  /** Reading was all the checking that needs no server. */
  private static int printClientDryRun(Invocation in, Manifests manifests) {
    for (ManifestDocument d : manifests.documents()) {
      in.console().line(ObjectName.of(d.kind(), d.tree()) + " valid (dry run)");
    }
    return ExitCode.OK;
  }

  private static void print(Invocation in, List<ApplyCall.Applied> applied, String suffix) {
    String format = in.value(Options.OUTPUT).orElse("");
    if (!format.isEmpty()) {
      List<JsonNode> objects =
          new ArrayList<>(applied.stream().map(ApplyCall.Applied::object).toList());
      ObjectPrinter.parse(format).print(in, objects);
      return;
    }
    for (ApplyCall.Applied a : applied) {
      String name = a.object().path("metadata").path("name").asText("");
      in.console()
          .line(
              ResourceTable.qualifiedName(ObjectName.kindOf(a.object()), name)
                  + " "
                  + a.outcome()
                  + suffix);
    }
  }
}
