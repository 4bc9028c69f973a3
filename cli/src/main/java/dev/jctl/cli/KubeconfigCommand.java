package dev.jctl.cli;

import dev.jctl.cli.args.CommandSpec;
import dev.jctl.cli.client.Target;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** {@code jctl kubeconfig}: where the file is with which kubectl reaches this controller. */
final class KubeconfigCommand implements Command {
  /** From the first answer of a fresh controller to the file that it writes. */
  private static final Duration FIRST_START = Duration.ofSeconds(30);

  private static final Duration LOOK_AGAIN = Duration.ofMillis(50);

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
  public int run(Invocation in) throws InterruptedException {
    in.api().get(Target.path("/version"));
    Path file = in.engine().dataDir().resolve("kubeconfig");
    for (long left = FIRST_START.dividedBy(LOOK_AGAIN); !Files.exists(file); left--) {
      if (left == 0) {
        throw new CommandFailure(
            ExitCode.FAILED,
            file + " is not there; " + in.engine().log("controller") + " says why");
      }
      Thread.sleep(LOOK_AGAIN);
    }
    in.console().line(file.toString());
    return ExitCode.OK;
  }
}
