package dev.jctl.cli;

import dev.jctl.cli.args.CommandSpec;
import java.util.List;

/** {@code jctl image}: what docker has for images, on Image objects. */
final class ImageCommand implements Command {
  @Override
  public CommandSpec spec() {
    return new CommandSpec(
        "image",
        "image COMMAND [options]",
        "Build, pull, push, save and look into images",
        CommandSpec.Operands.NONE,
        List.of(),
        List.of());
  }

  @Override
  public List<Command> subcommands() {
    return List.of(
        new ImageListCommand(),
        new ImageInspectCommand(),
        new ImageHistoryCommand(),
        new ImageBuildCommand(),
        new ImagePullCommand(),
        new ImagePushCommand(),
        new ImageLoginCommand(),
        new ImageTagCommand(),
        new ImageCommitCommand(),
        new ImageDiffCommand(),
        new ImageSaveCommand(),
        new ImageLoadCommand(),
        new ImageUseCommand(),
        new ImageRemoveCommand(),
        new ImagePruneCommand());
  }

  @Override
  public int run(Invocation in) {
    throw new IllegalStateException("a heading is not run");
  }
}
