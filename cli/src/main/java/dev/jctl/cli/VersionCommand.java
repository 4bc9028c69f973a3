package dev.jctl.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.cli.args.CommandSpec;
import dev.jctl.cli.args.Option;
import dev.jctl.cli.client.Target;
import dev.jctl.cli.client.UnreachableException;
import java.util.List;

/** {@code jctl version}. */
final class VersionCommand implements Command {
  static final String VERSION = "0.1.0";
  private static final Option CLIENT = Option.flag("only of this program", "--client");

  @Override
  public CommandSpec spec() {
    return new CommandSpec(
        "version",
        "version [--client]",
        "Show the versions",
        CommandSpec.Operands.NONE,
        List.of(CLIENT),
        List.of());
  }

  @Override
  public int run(Invocation in) {
    in.console().line("Client Version: v" + VERSION);
    if (in.is(CLIENT)) {
      return ExitCode.OK;
    }
    try {
      JsonNode version = in.api().get(Target.path("/version"));
      in.console().line("Server Version: " + version.path("gitVersion").asText("unknown"));
    } catch (UnreachableException e) {
      in.console().line("Server Version: not running");
    }
    return ExitCode.OK;
  }
}
