package dev.jctl.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.cli.args.CommandSpec;
import dev.jctl.cli.args.Option;
import dev.jctl.cli.args.UsageException;
import dev.jctl.cli.client.Target;
import dev.jctl.cli.output.Table;
import dev.jctl.manifests.codec.YamlText;
import dev.jctl.manifests.model.ResourceKind;
import dev.jctl.manifests.schema.Ages;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** {@code jctl history}. */
final class HistoryCommand implements Command {
  private static final Option REVISION =
      Option.value("N", "print the manifests, or the object, of that revision", "--revision");
  private static final Option ALL =
      Option.flag("of an object, also versions of which only the status is another", "--all");

  @Override
  public CommandSpec spec() {
    return new CommandSpec(
        "history",
        "history set/NAME [--revision=N] | KIND/NAME [--all]",
        "Show the revisions of a set, or the versions of an object, that one can go back to",
        CommandSpec.Operands.KIND_THEN_NAMES,
        List.of(REVISION, ALL),
        List.of(
            "jctl history set/site", "jctl history set/site --revision=3", "jctl history ctr/web"));
  }

  @Override
  public int run(Invocation in) {
    ObjectName name = one(in);
    Target target = Target.of(name.kind(), in.namespace(), name.name());
    boolean set = name.kind() == ResourceKind.MANIFEST_SET;
    if (in.value(REVISION).isPresent()) {
      print(in, target, in.value(REVISION).get(), set);
      return ExitCode.OK;
    }
    Table table =
        set
            ? table(in.api().get(target))
            : ObjectVersions.of(in.api().get(target.with("history", "true")))
                .table(in.is(ALL), Instant.now());
    table.lines().forEach(in.console()::line);
    return ExitCode.OK;
  }

  private static void print(Invocation in, Target target, String revision, boolean set) {
    if (!set) {
      JsonNode object = in.api().get(Moment.at(target, revision));
      new ObjectPrinter.AsYaml().print(in, List.of(object));
      return;
    }
    Target manifests = target.at("revisions").with("revision", revision);
    for (JsonNode manifest : in.api().get(manifests).path("items")) {
      in.console().line("---");
      in.console().out().print(YamlText.write(manifest));
    }
  }

  static ObjectName one(Invocation in) {
    List<ObjectName> names = Selection.of(in).names();
    if (names.size() != 1) {
      throw new UsageException("name one, for example set/site or container/web");
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
