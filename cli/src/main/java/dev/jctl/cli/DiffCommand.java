package dev.jctl.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.cli.args.CommandSpec;
import dev.jctl.cli.args.Option;
import dev.jctl.cli.args.UsageException;
import dev.jctl.cli.client.StatusException;
import dev.jctl.cli.output.SecretMask;
import dev.jctl.cli.output.UnifiedDiff;
import dev.jctl.manifests.codec.YamlText;
import dev.jctl.manifests.json.Json;
import dev.jctl.manifests.model.ResourceKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** {@code jctl diff}. */
final class DiffCommand implements Command {
  private static final Option FROM =
      Option.value("WHEN", "compare what was then: 2h ago, at a time, or at a revision", "--from");
  private static final Option TO = Option.value("WHEN", "with what was then (now)", "--to");

  /** What people write by hand. */
  private static final List<ResourceKind> WRITTEN =
      List.of(
          ResourceKind.CONTAINER,
          ResourceKind.IMAGE,
          ResourceKind.NETWORK,
          ResourceKind.VOLUME,
          ResourceKind.CONFIG_MAP,
          ResourceKind.SECRET,
          ResourceKind.GIT_REPOSITORY,
          ResourceKind.MANIFEST_SOURCE,
          ResourceKind.MANIFEST_SET);

  @Override
  public CommandSpec spec() {
    return new CommandSpec(
        "diff",
        "diff -f PATH | diff --from WHEN [--to WHEN] [KIND[/NAME]…]",
        "Show what an apply would change, or what changed between two times; exits 1 when something"
            + " did",
        CommandSpec.Operands.KIND_THEN_NAMES,
        List.of(
            Options.FILE,
            Options.RECURSIVE,
            FROM,
            TO,
            Options.SELECTOR,
            Options.FIELD_SELECTOR,
            Options.ALL_NAMESPACES),
        List.of(
            "jctl diff -f examples/web",
            "jctl diff --from=2h",
            "jctl diff --from=2h container/web"));
  }

  @Override
  public int run(Invocation in) {
    if (in.value(TO).isPresent() && in.value(FROM).isEmpty()) {
      throw new UsageException("--to needs --from");
    }
    List<String> diff = in.value(FROM).isPresent() ? past(in) : manifests(in);
    diff.forEach(in.console()::line);
    return diff.isEmpty() ? ExitCode.OK : ExitCode.FAILED;
  }

  private static List<String> manifests(Invocation in) {
    List<String> lines = new ArrayList<>();
    for (Comparison c : Comparison.of(in.api(), Manifests.read(in))) {
      lines.addAll(diff("live/" + c.name(), "applied/" + c.name(), c.live(), c.applied()));
    }
    return lines;
  }

  private static List<String> diff(String from, String to, JsonNode before, JsonNode after) {
    return UnifiedDiff.of(from, to, text(before), text(after));
  }

  private static String text(JsonNode object) {
    return object.isEmpty() ? "" : YamlText.write(object);
  }

  private static List<String> past(Invocation in) {
    if (!in.arguments().all(Options.FILE).isEmpty()) {
      throw new UsageException("--from compares two times; leave -f out");
    }
    Selection selection =
        in.arguments().operands().isEmpty()
            ? new Selection(
                WRITTEN,
                List.of(),
                in.is(Options.ALL_NAMESPACES) ? null : in.namespace(),
                in.value(Options.SELECTOR).orElse(""),
                in.value(Options.FIELD_SELECTOR).orElse(""))
            : Selection.of(in);
    String from = Moment.revision(in.api(), in.value(FROM).orElseThrow());
    String to = Moment.revision(in.api(), in.value(TO).orElse("now"));
    Map<String, JsonNode> before = at(in, selection, from);
    Map<String, JsonNode> after = at(in, selection, to);
    Map<String, JsonNode> all = new TreeMap<>(before);
    all.putAll(after);
    List<String> lines = new ArrayList<>();
    for (String name : all.keySet()) {
      JsonNode was = before.getOrDefault(name, Json.object());
      JsonNode is = after.getOrDefault(name, Json.object());
      lines.addAll(
          diff(
              from + "/" + name,
              to + "/" + name,
              SecretMask.of(was, is, "before"),
              SecretMask.of(is, was, "after")));
    }
    return lines;
  }

  /** By namespace and name; what was not there is left out. */
  private static Map<String, JsonNode> at(Invocation in, Selection selection, String revision) {
    Map<String, JsonNode> objects = new TreeMap<>();
    List<JsonNode> found = new ArrayList<>();
    if (selection.names().isEmpty()) {
      found.addAll(selection.fetch(in, revision));
    }
    for (ObjectName name : selection.names()) {
      try {
        found.add(in.api().get(Moment.at(selection.target(name), revision)));
      } catch (StatusException e) {
        if (!e.isNotFound()) {
          throw e;
        }
      }
    }
    for (JsonNode object : found) {
      String namespace = object.path("metadata").path("namespace").asText("");
      String name = ObjectName.of(ObjectName.kindOf(object), object).toString();
      objects.put((namespace.isEmpty() ? "" : namespace + "/") + name, Comparison.strip(object));
    }
    return objects;
  }
}
