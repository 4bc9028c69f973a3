package dev.jctl.cli;

import dev.jctl.cli.args.CommandSpec;
import dev.jctl.cli.args.Option;
import dev.jctl.cli.client.Target;
import dev.jctl.manifests.json.Json;
import java.util.List;

/** {@code jctl rollback}. */
final class RollbackCommand implements Command {
  private static final Option TO_REVISION =
      Option.value("N", "which; the last healthy one before when not given", "--to-revision");

  @Override
  public CommandSpec spec() {
    return new CommandSpec(
        "rollback",
        "rollback set/NAME [--to-revision=N] [--wait]",
        "Put an earlier revision of a set back, as a new one",
        CommandSpec.Operands.KIND_THEN_NAMES,
        List.of(TO_REVISION, ApplyCommand.WAIT_READY, Options.TIMEOUT, Options.OUTPUT),
        List.of("jctl rollback set/site", "jctl rollback set/site --to-revision=3 --wait"));
  }

  @Override
  public int run(Invocation in) throws InterruptedException {
    ObjectName name = HistoryCommand.one(in);
    Target target =
        Target.of(name.kind(), in.namespace(), name.name())
            .at("rollback")
            .withOptional("toRevision", in.value(TO_REVISION).orElse(""));
    ApplyCall.Reply reply = ApplyCall.Reply.of(in.api().post(target, Json.object()));
    ApplyCommand.print(in, reply, "");
    return in.is(ApplyCommand.WAIT_READY) ? ApplyCommand.await(in, reply) : ExitCode.OK;
  }
}
