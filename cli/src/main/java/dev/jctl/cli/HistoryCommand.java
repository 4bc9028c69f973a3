package dev.jctl.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.cli.args.CommandSpec;
import dev.jctl.cli.args.Option;
import dev.jctl.cli.args.UsageException;
import dev.jctl.cli.client.Target;
import dev.jctl.cli.output.Ages;
import dev.jctl.cli.output.Table;
import dev.jctl.manifests.codec.YamlText;
import dev.jctl.manifests.model.ResourceKind;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** {@code jctl history}. */
final class HistoryCommand implements Command {
  private static final Option REVISION =
      Option.value("N", "print the manifests of that revision", "--revision");

  @Override
  public CommandSpec spec() {
    return new CommandSpec(
        "history",
        "history set/NAME [--revision=N]",
        "Show the revisions of a set that one can go back to",
        CommandSpec.Operands.KIND_THEN_NAMES,
        List.of(REVISION),
        List.of("jctl history set/site", "jctl history set/site --revision=3"));
  }

  @Override
  public int run(Invocation in) {
    ObjectName name = one(in);
    Target target = Target.of(name.kind(), in.namespace(), name.name());
    if (in.value(REVISION).isPresent()) {
      Target revision = target.at("revisions").with("revision", in.value(REVISION).get());
      for (JsonNode manifest : in.api().get(revision).path("items")) {
        in.console().line("---");
        in.console().out().print(YamlText.write(manifest));
      }
      return ExitCode.OK;
    }
    table(in.api().get(target)).lines().forEach(in.console()::line);
    return ExitCode.OK;
  }

  static ObjectName one(Invocation in) {
    List<ObjectName> names = Selection.of(in).names();
    if (names.size() != 1 || names.get(0).kind() != ResourceKind.MANIFEST_SET) {
      throw new UsageException("name one set, for example set/site");
    }
    return names.get(0);
  }

  private static Table table(JsonNode set) {
    List<List<String>> rows = new ArrayList<>();
    Instant now = Instant.now();
    for (JsonNode r : set.at("/status/history")) {
      rows.add(
          List.of(
              r.path("revision").asText(),
              Ages.since(r.path("time").asText(), now),
              r.path("objects").asText(),
              r.path("manager").asText(),
              r.path("result").asText(),
              note(r)));
    }
    return new Table(List.of("REVISION", "AGE", "OBJECTS", "BY", "RESULT", "NOTE"), rows);
  }

  private static String note(JsonNode revision) {
    String cause = revision.path("cause").asText("");
    return cause.isEmpty() ? revision.path("message").asText("") : cause;
  }
}
