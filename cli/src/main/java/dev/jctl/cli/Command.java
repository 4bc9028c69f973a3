package dev.jctl.cli;

import dev.jctl.cli.args.CommandSpec;

/** One thing that jctl does. */
interface Command {
  CommandSpec spec();

  /** Returns the exit code. */
  int run(Invocation invocation) throws Exception;
}
