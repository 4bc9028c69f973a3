package dev.jctl.cli;

import dev.jctl.cli.args.CommandSpec;
import dev.jctl.cli.output.Table;
import dev.jctl.manifests.model.ResourceKind;
import java.util.List;
import java.util.stream.Stream;

/** {@code jctl api-resources}. */
final class ApiResourcesCommand implements Command {
  @Override
  public CommandSpec spec() {
    return new CommandSpec(
        "api-resources",
        "api-resources",
        "Show the kinds",
        CommandSpec.Operands.NONE,
        List.of(),
        List.of());
  }

  @Override
  public int run(Invocation in) {
    List<List<String>> rows =
        Stream.of(ResourceKind.values())
            .map(
                k ->
                    List.of(
                        k.plural(),
                        String.join(",", k.shortNames()),
                        k.apiVersion(),
                        Boolean.toString(k.namespaced()),
                        k.kind()))
            .toList();
    new Table(List.of("NAME", "SHORTNAMES", "APIVERSION", "NAMESPACED", "KIND"), rows)
        .lines()
        .forEach(in.console()::line);
    return ExitCode.OK;
  }
}
