package dev.jctl.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.cli.args.CommandSpec;
import dev.jctl.cli.args.UsageException;
import java.util.List;

/** {@code jctl image diff}: what a container has changed, as {@code docker diff} says it. */
final class ImageDiffCommand implements Command {
  @Override
  public CommandSpec spec() {
    return new CommandSpec(
        "diff",
        "image diff CONTAINER | POD [-c NAME]",
        "List files that a container added (A), changed (C) or deleted (D)",
        CommandSpec.Operands.POD,
        List.of(Options.CONTAINER),
        List.of("jctl image diff web", "jctl image diff pod/web -c app"));
  }

  @Override
  public int run(Invocation in) {
    if (in.arguments().operands().size() != 1) {
      throw new UsageException("expected one NAME of a Container or a Pod");
    }
    PodTarget target = PodTarget.find(in, in.arguments().operands().getFirst());
    JsonNode answer = in.api().get(target.subresource("changes"));
    for (JsonNode change : answer.path("changes")) {
      in.console()
          .line(change.path("kind").asText("?").charAt(0) + " " + change.path("path").asText(""));
    }
    return ExitCode.OK;
  }
}
