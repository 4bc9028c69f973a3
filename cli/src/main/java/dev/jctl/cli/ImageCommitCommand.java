package dev.jctl.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.cli.args.CommandSpec;
import dev.jctl.cli.args.Option;
import dev.jctl.cli.args.UsageException;
import java.util.List;

/** {@code jctl image commit}: docker's command, on an Image object. */
final class ImageCommitCommand implements Command {
  private static final Option CHANGE =
      Option.value(
          "INSTRUCTION", "an instruction of a Dockerfile for the configuration", "--change");
  private static final Option AUTHOR = Option.value("TEXT", "who made it", "--author", "-a");
  private static final Option MESSAGE =
      Option.value("TEXT", "what was done, for the history", "--message", "-m");
  private static final Option NO_PAUSE =
      Option.flag("let it run on while it is read", "--no-pause");

  @Override
  public CommandSpec spec() {
    return new CommandSpec(
        "commit",
        "image commit CONTAINER | POD [-c NAME] NEW_NAME | REFERENCE",
        "Make an image of a container",
        CommandSpec.Operands.POD,
        List.of(Options.CONTAINER, CHANGE, AUTHOR, MESSAGE, NO_PAUSE, Options.TIMEOUT),
        List.of(
            "jctl image commit web web-before",
            "jctl image commit web registry.example/team/web:2 -m 'new theme'"
                + " --change 'ENV THEME=dark'"));
  }

  @Override
  public int run(Invocation in) throws InterruptedException {
    List<String> operands = in.arguments().operands();
    if (operands.size() != 2) {
      throw new UsageException(
          "expected NAME of a Container or a Pod, and the new image's name or reference");
    }
    PodTarget target = PodTarget.find(in, operands.get(0));
    ObjectNode image = ImageObjects.called(in, operands.get(1));
    ObjectNode commit = image.withObject("/spec").putObject("commit");
    commit.put("pod", target.name()).put("container", target.container());
    in.arguments().all(CHANGE).forEach(commit.withArray("changes")::add);
    in.value(AUTHOR).ifPresent(author -> commit.put("author", author));
    in.value(MESSAGE).ifPresent(message -> commit.put("message", message));
    commit.put("pause", !in.is(NO_PAUSE));
    JsonNode ready = ImageWait.run(in, ImageObjects.apply(in, image));
    in.console().line(ready.at("/status/imageID").asText(""));
    return ExitCode.OK;
  }
}
