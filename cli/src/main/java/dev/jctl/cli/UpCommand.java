package dev.jctl.cli;

import dev.jctl.cli.args.CommandSpec;
import dev.jctl.cli.client.Target;
import dev.jctl.cli.client.UnreachableException;
import java.util.List;

/** {@code jctl up}: the starting shell has started what was missing; here it is waited for. */
final class UpCommand implements Command {
  @Override
  public CommandSpec spec() {
    return new CommandSpec(
        "up",
        "up",
        "Start the controller and the runtime, or what is missing of them",
        CommandSpec.Operands.NONE,
        List.of(),
        List.of());
  }

  @Override
  public int run(Invocation in) {
    try {
      in.api().get(Target.path("/version"));
    } catch (UnreachableException e) {
      for (String process : List.of("controller", "shim")) {
        in.console().error("--- the end of " + in.engine().log(process));
        in.engine().logTail(process, 20).forEach(in.console()::error);
      }
      throw e;
    }
    StatusCommand.print(in);
    return ExitCode.OK;
  }
}
