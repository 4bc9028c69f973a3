package dev.jctl.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.cli.args.CommandSpec;
import dev.jctl.cli.args.Option;
import dev.jctl.cli.client.StatusException;
import dev.jctl.cli.client.Target;
import dev.jctl.cli.client.UnreachableException;
import dev.jctl.manifests.model.ResourceKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What may stand for the last of the words typed so far; asked by completion scripts. */
final class CompleteCommand implements Command {
  private final List<Command> commands;

  CompleteCommand(List<Command> commands) {
    this.commands = commands;
  }

  @Override
  public CommandSpec spec() {
    return new CommandSpec(
        "__complete", "__complete -- WORD…", "", CommandSpec.Operands.NONE, List.of(), List.of());
  }

  @Override
  public int run(Invocation in) {
    List<String> words = in.arguments().rest();
    String last = words.isEmpty() ? "" : words.getLast();
    candidates(in, words).stream()
        .filter(c -> c.startsWith(last))
        .sorted()
        .forEach(in.console()::line);
    return ExitCode.OK;
  }

  private List<String> candidates(Invocation in, List<String> words) {
    return candidates(in, commands, words);
  }

  private static List<String> candidates(
      Invocation in, List<Command> commands, List<String> words) {
    if (words.size() <= 1) {
      return commands.stream().map(c -> c.spec().name()).toList();
    }
    Optional<Command> named =
        commands.stream().filter(c -> c.spec().name().equals(words.get(0))).findFirst();
    if (named.isEmpty()) {
      return List.of();
    }
    if (!named.get().subcommands().isEmpty()) {
      return candidates(in, named.get().subcommands(), words.subList(1, words.size()));
    }
    CommandSpec command = named.get().spec();
    if (words.getLast().startsWith("-")) {
      return Stream.concat(command.options().stream(), Options.GLOBAL.stream())
          .map(Option::name)
          .toList();
    }
    List<String> typed =
        words.subList(1, words.size() - 1).stream().filter(w -> !w.startsWith("-")).toList();
    return switch (command.operands()) {
      case NONE -> List.of();
      case POD -> names(in, ResourceKind.POD);
      case IMAGE -> names(in, ResourceKind.IMAGE);
      case KIND_THEN_NAMES ->
          typed.isEmpty() ? kinds(in, words.getLast()) : names(in, typed.get(0));
    };
  }

  private static List<String> kinds(Invocation in, String last) {
    int slash = last.indexOf('/');
    if (slash > 0) {
      String kind = last.substring(0, slash);
      return names(in, kind).stream().map(n -> kind + "/" + n).toList();
    }
    return Stream.of(ResourceKind.values()).map(ResourceKind::plural).toList();
  }

  private static List<String> names(Invocation in, String kind) {
    return ResourceKind.named(kind).map(k -> names(in, k)).orElse(List.of());
  }

  private static List<String> names(Invocation in, ResourceKind kind) {
    try {
      List<String> names = new ArrayList<>();
      for (JsonNode o : in.api().list(Target.of(kind, in.namespace())).items()) {
        names.add(o.path("metadata").path("name").asText(""));
      }
      return names;
    } catch (UnreachableException | StatusException e) {
      return List.of(); // a completion that cannot be made is none
    }
  }
}
