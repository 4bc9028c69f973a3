package dev.jctl.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.cli.args.CommandSpec;
import dev.jctl.cli.client.Target;
import dev.jctl.cli.output.ResourceTable;
import dev.jctl.cli.output.Table;
import java.util.List;

/** {@code jctl image df}: how much of the disk images and builds take, of all namespaces. */
final class ImageUseCommand implements Command {
  static final Target STORAGE = Target.path("/apis/jctl.dev/v1/imagestorage");

  @Override
  public CommandSpec spec() {
    return new CommandSpec(
        "df",
        "image df",
        "Show how much of the disk images and the build cache take",
        CommandSpec.Operands.NONE,
        List.of(),
        List.of());
  }

  @Override
  public int run(Invocation in) {
    JsonNode use = in.api().get(STORAGE);
    new Table(
            List.of("TYPE", "SIZE"),
            List.of(
                List.of("Images", ResourceTable.size(use.path("imageBytes"))),
                List.of("Build cache", ResourceTable.size(use.path("buildCacheBytes"))),
                List.of("In transfer", ResourceTable.size(use.path("otherBytes")))))
        .lines()
        .forEach(in.console()::line);
    return ExitCode.OK;
  }
}
