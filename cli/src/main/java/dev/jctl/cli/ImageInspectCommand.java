package dev.jctl.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.cli.args.CommandSpec;
import dev.jctl.cli.args.UsageException;
import dev.jctl.manifests.json.Json;
import java.util.List;

/** {@code jctl image inspect}: with docker's names of what is in it. */
final class ImageInspectCommand implements Command {
  @Override
  public CommandSpec spec() {
    return new CommandSpec(
        "inspect",
        "image inspect NAME…",
        "Show all that an image says about itself, as JSON",
        CommandSpec.Operands.IMAGE,
        List.of(),
        List.of("jctl image inspect web"));
  }

  @Override
  public int run(Invocation in) {
    if (in.arguments().operands().isEmpty()) {
      throw new UsageException("expected at least one NAME of an Image");
    }
    ArrayNode all = Json.array();
    for (String name : in.arguments().operands()) {
      JsonNode image = ImageObjects.find(in, name);
      all.add(described(image, in.api().get(ImageObjects.target(image).at("config"))));
    }
    in.console().line(Json.pretty(all));
    return ExitCode.OK;
  }

  private static ObjectNode described(JsonNode image, JsonNode config) {
    ObjectNode shown = Json.object();
    shown.put("Id", image.at("/status/imageID").asText(""));
    shown.put("Name", image.at("/metadata/name").asText(""));
    texts(shown.putArray("RepoTags"), image.at("/spec/reference"));
    texts(shown.putArray("RepoDigests"), image.at("/status/repoDigest"));
    shown.put("Created", config.path("created").asText(""));
    shown.put("Author", config.path("author").asText(""));
    shown.set("Config", config.path("config").isObject() ? config.get("config") : Json.object());
    shown.put("Architecture", config.path("architecture").asText(""));
    shown.put("Os", config.path("os").asText(""));
    shown.put("Size", image.at("/status/sizeBytes").asLong());
    ObjectNode root = shown.putObject("RootFS");
    root.put("Type", config.at("/rootfs/type").asText(""));
    ArrayNode layers = root.putArray("Layers");
    config.at("/rootfs/diff_ids").forEach(layers::add);
    return shown;
  }

  private static void texts(ArrayNode list, JsonNode text) {
    if (text.isTextual()) {
      list.add(text);
    }
  }
}
