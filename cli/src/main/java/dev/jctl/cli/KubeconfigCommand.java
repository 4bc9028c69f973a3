package dev.jctl.cli;

import dev.jctl.cli.args.CommandSpec;
import dev.jctl.cli.client.Target;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** {@code jctl kubeconfig}: where the file is with which kubectl reaches this controller. */
final class KubeconfigCommand implements Command {
  @Override
  public CommandSpec spec() {
    return new CommandSpec(
        "kubeconfig",
        "kubeconfig",
        "Print the path of a kubeconfig for kubectl and other Kubernetes clients",
        CommandSpec.Operands.NONE,
        List.of(),
        List.of("export KUBECONFIG=$(jctl kubeconfig)"));
  }

  @Override
  public int run(Invocation in) {
    // a controller writes the file before it answers
    in.api().get(Target.path("/version"));
    Path file = in.engine().dataDir().resolve("kubeconfig");
    if (!Files.exists(file)) {
      throw new CommandFailure(
          ExitCode.FAILED,
          file + " is not there: does the controller have another data directory?");
    }
    in.console().line(file.toString());
    return ExitCode.OK;
  }
}
