package dev.jctl.cli;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.cli.args.CommandSpec;
import dev.jctl.cli.args.UsageException;
import dev.jctl.cli.client.Target;
import dev.jctl.cli.output.LiveLines;
import dev.jctl.cli.output.ResourceTable;
import dev.jctl.manifests.json.Json;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;

/** {@code jctl image push}. */
final class ImagePushCommand implements Command {
  @Override
  public CommandSpec spec() {
    return new CommandSpec(
        "push",
        "image push NAME REFERENCE [options]",
        "Upload an image to a registry",
        CommandSpec.Operands.IMAGE,
        List.of(ImageObjects.SECRET),
        List.of(
            "jctl image push web registry.example/team/web:1",
            "jctl image push web registry.example/team/web:1 --secret regcred"));
  }

  @Override
  public int run(Invocation in) throws IOException {
    List<String> operands = in.arguments().operands();
    if (operands.isEmpty() || operands.size() > 2) {
      throw new UsageException("expected NAME of an Image, and the REFERENCE to push it to");
    }
    JsonNode image = ImageObjects.find(in, operands.get(0));
    String reference = operands.getLast();
    ObjectNode request = Json.object().put("reference", reference);
    request.putArray("imagePullSecrets").addAll(ImageObjects.secrets(in));
    Target target = ImageObjects.target(image).at("push");
    in.console().line("The push refers to " + reference);
    in.console().flush();
    try (InputStream answer = in.api().streamPost(target, request);
        JsonParser lines = Json.values(answer)) {
      return follow(in, lines);
    }
  }

  private static int follow(Invocation in, JsonParser answers) throws IOException {
    LiveLines live = new LiveLines(in.console());
    JsonNode last = Json.object();
    for (JsonNode next = Json.next(answers); next != null; next = Json.next(answers)) {
      last = next;
      if (next.has("stage") && in.console().outIsTerminal()) {
        live.show(Map.of("", progress(next)));
      }
    }
    live.clear();
    if (!last.has("digest")) {
      String why = last.path("message").asText("the answer ended early; push it again");
      throw new CommandFailure(ExitCode.FAILED, why);
    }
    String reference = last.path("reference").asText("");
    in.console()
        .line(
            "%s: digest: %s size: %d"
                .formatted(
                    reference.substring(reference.lastIndexOf('/') + 1),
                    last.path("digest").asText(""),
                    last.path("size").asLong()));
    return ExitCode.OK;
  }

  private static String progress(JsonNode at) {
    return "Pushing %s/%s, %d of %d blobs"
        .formatted(
            ResourceTable.size(at.path("bytes")),
            at.path("total").asLong() < 0 ? "?" : ResourceTable.size(at.path("total")),
            at.path("blobsDone").asInt(),
            at.path("blobsTotal").asInt());
  }
}
