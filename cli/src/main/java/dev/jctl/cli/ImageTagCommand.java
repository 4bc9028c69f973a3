package dev.jctl.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.cli.args.CommandSpec;
import dev.jctl.cli.args.UsageException;
import java.util.List;

/** {@code jctl image tag}: one more Image with the content of another. */
final class ImageTagCommand implements Command {
  @Override
  public CommandSpec spec() {
    return new CommandSpec(
        "tag",
        "image tag NAME NEW_NAME | NAME REFERENCE",
        "Give an image a second name, or the reference that containers name it by",
        CommandSpec.Operands.IMAGE,
        List.of(),
        List.of("jctl image tag web web-before", "jctl image tag web registry.example/team/web:1"));
  }

  @Override
  public int run(Invocation in) throws InterruptedException {
    List<String> operands = in.arguments().operands();
    if (operands.size() != 2) {
      throw new UsageException("expected NAME of an Image, and its new name or reference");
    }
    JsonNode source = ImageObjects.find(in, operands.get(0));
    String id = source.at("/status/imageID").asText("");
    if (id.isEmpty()) {
      throw new CommandFailure(ExitCode.FAILED, "image " + operands.get(0) + " is not ready");
    }
    tag(in, id, operands.get(1));
    return ExitCode.OK;
  }

  /** One more name, or reference, for the image of that id. */
  static void tag(Invocation in, String imageId, String name) throws InterruptedException {
    ObjectNode image = ImageObjects.called(in, name);
    image.withObject("/spec").put("imageID", imageId);
    ImageWait.run(in, ImageObjects.apply(in, image));
  }
}
