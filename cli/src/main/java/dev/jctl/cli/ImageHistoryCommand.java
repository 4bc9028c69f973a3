package dev.jctl.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.LongNode;
import dev.jctl.cli.args.CommandSpec;
import dev.jctl.cli.args.Option;
import dev.jctl.cli.client.Target;
import dev.jctl.cli.output.ResourceTable;
import dev.jctl.cli.output.Table;
import dev.jctl.manifests.schema.Ages;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** {@code jctl image history}: the steps that made an image, the newest first. */
final class ImageHistoryCommand implements Command {
  private static final int SHORT = 45;
  private static final Option NO_TRUNC = Option.flag("commands as they are", "--no-trunc");

  @Override
  public CommandSpec spec() {
    return new CommandSpec(
        "history",
        "image history NAME [options]",
        "Show the steps that an image was made in",
        CommandSpec.Operands.IMAGE,
        List.of(NO_TRUNC),
        List.of("jctl image history web"));
  }

  @Override
  public int run(Invocation in) {
    JsonNode image = ImageObjects.find(in, ImageObjects.operand(in));
    Target target = ImageObjects.target(image);
    JsonNode steps = in.api().get(target.at("config")).path("history");
    JsonNode layers = in.api().get(target.at("manifest")).path("layers");
    List<List<String>> rows = new ArrayList<>();
    int layer = 0;
    for (JsonNode step : steps) {
      boolean empty = step.path("empty_layer").asBoolean();
      rows.addFirst(row(in, step, empty ? LongNode.valueOf(0) : layers.path(layer).path("size")));
      layer += empty ? 0 : 1;
    }
    // what was made without a history has layers only
    for (; layer < layers.size(); layer++) {
      rows.addFirst(
          List.of("<unknown>", "", ResourceTable.size(layers.path(layer).path("size")), ""));
    }
    new Table(List.of("CREATED", "CREATED BY", "SIZE", "COMMENT"), rows)
        .lines()
        .forEach(in.console()::line);
    return ExitCode.OK;
  }

  private static List<String> row(Invocation in, JsonNode step, JsonNode size) {
    String by = step.path("created_by").asText("").replaceAll("\\s+", " ");
    boolean cut = by.length() > SHORT && !in.is(NO_TRUNC);
    return List.of(
        Ages.since(step.path("created").asText(""), Instant.now()),
        cut ? by.substring(0, SHORT - 1) + "…" : by,
        ResourceTable.size(size),
        step.path("comment").asText("").replaceAll("\\s+", " "));
  }
}
