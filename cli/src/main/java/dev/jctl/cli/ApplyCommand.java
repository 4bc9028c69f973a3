package dev.jctl.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.cli.args.CommandSpec;
import dev.jctl.cli.args.Option;
import dev.jctl.cli.args.UsageException;
import dev.jctl.cli.output.ResourceTable;
import dev.jctl.manifests.codec.ManifestDocument;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

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
  static final Option ALLOW_EMPTY =
      Option.flag(
          "with --prune: no manifests at all mean that all of the set goes", "--allow-empty");
  static final Option RETRY =
      Option.flag("apply manifests that were taken back as unhealthy once more", "--retry");
  static final Option HEALTH_TIMEOUT =
      Option.value(
          "TIME",
          "of a set: when not all objects are ready by then, the last healthy revision is put back",
          "--health-timeout");
  private static final Option PLAN =
      Option.value("FILE", "do what a plan says (jctl plan --out), or nothing", "--plan");
  static final Option FORCE =
      Option.flag("take over fields that another manager owns", "--force-conflicts");

  @Override
  public CommandSpec spec() {
    return new CommandSpec(
        "apply",
        "apply (-f PATH | --plan FILE) [--wait] [options]",
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
            ALLOW_EMPTY,
            HEALTH_TIMEOUT,
            RETRY,
            PLAN,
            FORCE,
            Options.OUTPUT),
        List.of(
            "jctl apply -f examples/web --wait",
            "jctl apply -R -f site/ --set site --prune",
            "jctl apply -f site/ --set site --prune --health-timeout=2m --wait"));
  }

  @Override
  public int run(Invocation in) throws InterruptedException {
    if (!in.arguments().operands().isEmpty()) {
      throw new UsageException(
          "unexpected " + in.arguments().operands() + "; manifests are given with -f");
    }
    if (in.value(PLAN).isPresent()) {
      return applyPlan(in, PlanFile.read(Path.of(in.value(PLAN).get())));
    }
    Manifests manifests = manifests(in);
    String dryRun = dryRun(in);
    if (dryRun.equals("client")) {
      manifests.check();
      return printClientDryRun(in, manifests);
    }
    boolean dry = dryRun.equals("server");
    ApplyCall call = dry ? ApplyCall.of(in).with("dryRun", "All") : ApplyCall.of(in);
    ApplyCall.Reply reply = call.send(in.api(), manifests);
    print(in, reply, dry ? " (server dry run)" : "");
    return in.is(WAIT_READY) && !dry ? await(in, reply) : ExitCode.OK;
  }

  private static int applyPlan(Invocation in, PlanFile plan) throws InterruptedException {
    if (!in.arguments().all(Options.FILE).isEmpty()) {
      throw new UsageException("--plan has its own manifests; leave -f out");
    }
    ApplyCall.Reply reply =
        ApplyCall.Reply.of(
            plan.call().with("planned", plan.digest()).send(in.api(), plan.manifests()));
    print(in, reply, "");
    return in.is(WAIT_READY) ? await(in, reply) : ExitCode.OK;
  }

  /** What is to be applied; options that do not go together are refused. */
  static Manifests manifests(Invocation in) {
    if (in.is(PRUNE) && in.value(SET).isEmpty()) {
      throw new UsageException(
          "--prune needs --set NAME: only what an earlier apply of that set had is deleted");
    }
    for (Option option : List.of(HEALTH_TIMEOUT, RETRY)) {
      if (in.value(option).isPresent() && in.value(SET).isEmpty()) {
        throw new UsageException(option.name() + " is about a set: name it with --set NAME");
      }
    }
    return in.is(ALLOW_EMPTY) && in.is(PRUNE) ? Manifests.readIfAny(in) : Manifests.read(in);
  }

  /** Until all objects are ready, and the set with them. */
  static int await(Invocation in, ApplyCall.Reply reply) throws InterruptedException {
    in.console().flush();
    List<JsonNode> wanted = new ArrayList<>();
    reply.applied().stream()
        .filter(a -> !a.outcome().equals("pruned"))
        .forEach(a -> wanted.add(a.object()));
    Optional<AppliedSet> set = AppliedSet.of(reply.set());
    set.ifPresent(s -> wanted.add(s.get(in.api())));
    // the set is looked up after the others
    ObjectWait.Start how = set.isEmpty() ? ObjectWait.Start.AT_ONCE : ObjectWait.Start.ONE_BY_ONE;
    int code = new ReadyWait(in, wanted, how).run(in.timeout(WAIT));
    set.ifPresent(s -> s.refuseTakenBack(in.api()));
    return code;
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

  private static int printClientDryRun(Invocation in, Manifests manifests) {
    for (ManifestDocument d : manifests.documents()) {
      in.console().line(ObjectName.of(d.kind(), d.tree()) + " valid (dry run)");
    }
    return ExitCode.OK;
  }

  static void print(Invocation in, ApplyCall.Reply reply, String suffix) {
    List<ApplyCall.Applied> applied = reply.applied();
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
    AppliedSet.of(reply.set()).ifPresent(set -> in.console().line(set + suffix));
  }
}
