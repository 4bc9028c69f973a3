package dev.jctl.cli.args;

import java.util.List;

/** Help texts. */
public final class Help {
  private Help() {}

  public static String of(CommandSpec command, List<Option> global) {
    StringBuilder text = new StringBuilder();
    text.append(command.summary())
        .append("\n\nUsage:\n  jctl ")
        .append(command.usage())
        .append('\n');
    if (!command.examples().isEmpty()) {
      text.append("\nExamples:\n");
      command.examples().forEach(e -> text.append("  ").append(e).append('\n'));
    }
    options("\nOptions:\n", command.options(), text);
    options("\nGlobal options:\n", global, text);
    return text.toString();
  }

  /** Of one that others are found below. */
  public static String of(CommandSpec group, List<CommandSpec> commands, List<Option> global) {
    StringBuilder text = new StringBuilder();
    text.append(group.summary()).append("\n\nUsage:\n  jctl ").append(group.usage());
    text.append("\n\nCommands:\n");
    for (CommandSpec c : commands) {
      text.append(String.format("  %-15s %s%n", c.name(), c.summary()));
    }
    options("\nGlobal options:\n", global, text);
    text.append("\n`jctl " + group.name() + " COMMAND --help` shows a command's options.\n");
    return text.toString();
  }

  public static String overview(List<CommandSpec> commands, List<Option> global) {
    StringBuilder text = new StringBuilder();
    text.append("jctl runs containers on this machine as manifests declare them.\n");
    text.append("\nUsage:\n  jctl COMMAND [options]\n\nCommands:\n");
    for (CommandSpec c : commands) {
      text.append(String.format("  %-15s %s%n", c.name(), c.summary()));
    }
    options("\nGlobal options:\n", global, text);
    text.append("\n`jctl COMMAND --help` shows a command's options.\n");
    return text.toString();
  }

  private static void options(String title, List<Option> options, StringBuilder text) {
    if (!options.isEmpty()) {
      text.append(title);
    }
    for (Option o : options) {
      text.append(String.format("  %-28s %s%n", o.usage(), o.help()));
    }
  }
}
