package dev.jctl.cli;

import dev.jctl.cli.args.CommandSpec;
import dev.jctl.cli.args.UsageException;
import dev.jctl.manifests.json.Json;
import java.util.ArrayList;
import java.util.List;

/** {@code jctl image rm}: deletes Images; their content goes when nothing else has it. */
final class ImageRemoveCommand implements Command {
  @Override
  public CommandSpec spec() {
    return new CommandSpec(
        "rm",
        "image rm NAME | REFERENCE…",
        "Delete images",
        CommandSpec.Operands.IMAGE,
        List.of(Options.TIMEOUT),
        List.of("jctl image rm web-before", "jctl image rm registry.example/team/web:1"));
  }

  @Override
  public int run(Invocation in) throws InterruptedException {
    if (in.arguments().operands().isEmpty()) {
      throw new UsageException("expected NAMEs of Images, or references");
    }
    List<ObjectWait.Key> doomed = new ArrayList<>();
    for (String operand : in.arguments().operands()) {
      doomed.add(ObjectWait.Key.of(ImageObjects.find(in, operand)));
    }
    return new Deletion(in, Json.object(), false, true).run(doomed);
  }
}
