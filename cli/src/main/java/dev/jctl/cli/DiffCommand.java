package dev.jctl.cli;

import dev.jctl.cli.args.CommandSpec;
import dev.jctl.cli.output.UnifiedDiff;
import dev.jctl.manifests.codec.YamlText;
import java.util.List;

/** {@code jctl diff}. */
final class DiffCommand implements Command {
  @Override
  public CommandSpec spec() {
    return new CommandSpec(
        "diff",
        "diff -f PATH [options]",
        "Show what an apply would change; exits 1 when something would",
        CommandSpec.Operands.NONE,
        List.of(Options.FILE, Options.RECURSIVE),
        List.of("jctl diff -f examples/web"));
  }

  @Override
  public int run(Invocation in) {
    boolean same = true;
    for (Comparison c : Comparison.of(in.api(), Manifests.read(in))) {
      String before = c.live().isEmpty() ? "" : YamlText.write(c.live());
      List<String> diff =
          UnifiedDiff.of(
              "live/" + c.name(), "applied/" + c.name(), before, YamlText.write(c.applied()));
      diff.forEach(in.console()::line);
      same &= diff.isEmpty();
    }
    return same ? ExitCode.OK : ExitCode.FAILED;
  }
}
