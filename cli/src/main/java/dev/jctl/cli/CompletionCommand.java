package dev.jctl.cli;

import dev.jctl.cli.args.CommandSpec;
import dev.jctl.cli.args.UsageException;
import java.util.List;

/** {@code jctl completion}: scripts that ask {@code jctl __complete} for each word. */
final class CompletionCommand implements Command {
  private static final String BASH =
      """
      _jctl() {
        local IFS=$'\\n'
        COMPREPLY=($(jctl __complete --no-start -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
        [[ ${#COMPREPLY[@]} -ne 1 || ${COMPREPLY[0]} != */ ]] || compopt -o nospace
      }
      complete -o default -F _jctl jctl
      """;
  private static final String ZSH =
      """
      #compdef jctl
      _jctl() {
        local -a found
        found=("${(@f)$(jctl __complete --no-start -- "${(@)words[2,$CURRENT]}" 2>/dev/null)}")
        [[ -n $found ]] && compadd -- $found || _files
      }
      compdef _jctl jctl
      """;
  private static final String FISH =
      """
      complete -c jctl -a '(jctl __complete --no-start -- (commandline -opc)[2..] (commandline -ct) 2>/dev/null)'
      """;

  @Override
  public CommandSpec spec() {
    return new CommandSpec(
        "completion",
        "completion bash|zsh|fish",
        "Print a completion script for a shell",
        CommandSpec.Operands.NONE,
        List.of(),
        List.of("source <(jctl completion bash)", "jctl completion fish | source"));
  }

  @Override
  public int run(Invocation in) {
    in.console().out().print(script(String.join(" ", in.arguments().operands())));
    return ExitCode.OK;
  }

  private static String script(String shell) {
    return switch (shell) {
      case "bash" -> BASH;
      case "zsh" -> ZSH;
      case "fish" -> FISH;
      default ->
          throw new UsageException(
              "unsupported shell \"" + shell + "\"; there are bash, zsh and fish");
    };
  }
}
