package dev.jctl.cli;

import dev.jctl.cli.args.CommandSpec;
import java.util.List;

/** One thing that jctl does. */
interface Command {
  CommandSpec spec();

  /** Those that it is only a heading for; then it is never run itself. */
  default List<Command> subcommands() {
    return List.of();
  }

  /** Returns the exit code. */
  int run(Invocation invocation) throws Exception;
}
