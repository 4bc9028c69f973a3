package dev.jctl.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.cli.args.CommandSpec;
import dev.jctl.cli.client.Api;
import dev.jctl.cli.client.Target;
import dev.jctl.cli.output.Description;
import dev.jctl.cli.output.ResourceTable;
import dev.jctl.manifests.model.ResourceKind;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;

/** {@code jctl describe}. */
final class DescribeCommand implements Command {
  @Override
  public CommandSpec spec() {
    return new CommandSpec(
        "describe",
        "describe KIND [NAME…] | KIND/NAME… [options]",
        "Show objects in full, with their conditions and events",
        CommandSpec.Operands.KIND_THEN_NAMES,
        List.of(Options.SELECTOR, Options.ALL_NAMESPACES),
        List.of("jctl describe container web"));
  }

  @Override
  public int run(Invocation in) {
    List<JsonNode> objects = Selection.of(in).fetch(in);
    if (objects.isEmpty()) {
      in.console().error("No resources found");
    }
    String separator = "";
    for (JsonNode object : objects) {
      in.console().out().print(separator);
      Description.of(object, events(in.api(), object), Instant.now()).forEach(in.console()::line);
      separator = "\n\n";
    }
    return ExitCode.OK;
  }

  /**
   * Of the object itself; a Container's Pod has the same name, and its events are the same story.
   */
  private static List<JsonNode> events(Api api, JsonNode object) {
    JsonNode metadata = object.path("metadata");
    String namespace = metadata.path("namespace").asText("default");
    String name = metadata.path("name").asText("");
    String kind = object.path("kind").asText("");
    List<String> kinds = kind.equals("Container") ? List.of(kind, "Pod") : List.of(kind);
    return api
        .list(
            Target.of(ResourceKind.EVENT, namespace)
                .with("fieldSelector", "involvedObject.name=" + name))
        .items()
        .stream()
        .filter(e -> e.path("involvedObject").path("name").asText("").equals(name))
        .filter(e -> kinds.contains(e.path("involvedObject").path("kind").asText("")))
        .sorted(Comparator.comparing(ResourceTable::lastSeen))
        .toList();
  }
}
