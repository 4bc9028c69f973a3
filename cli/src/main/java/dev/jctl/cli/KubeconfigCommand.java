package dev.jctl.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.cli.args.CommandSpec;
import dev.jctl.cli.args.Option;
import dev.jctl.cli.client.Target;
import dev.jctl.manifests.json.Json;
import dev.jctl.manifests.model.ResourceKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * {@code jctl kubeconfig}: where the file is with which kubectl reaches this controller, or the
 * text of one that reaches it as a ServiceAccount.
 */
final class KubeconfigCommand implements Command {
  private static final Option ACCOUNT =
      Option.value(
          "NAME",
          "print a whole kubeconfig with a token of this ServiceAccount, to give to somebody",
          "--service-account");
  private static final Option DURATION =
      Option.value("TIME", "how long that token is good: 1h when not given", "--duration");

  @Override
  public CommandSpec spec() {
    return new CommandSpec(
        "kubeconfig",
        "kubeconfig",
        "Print the path of a kubeconfig for kubectl and other Kubernetes clients",
        CommandSpec.Operands.NONE,
        List.of(ACCOUNT, DURATION),
        List.of(
            "export KUBECONFIG=$(jctl kubeconfig)",
            "jctl kubeconfig --service-account ann --duration 30d > ann.kubeconfig"));
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
    Optional<String> account = in.value(ACCOUNT);
    in.console().line(account.isPresent() ? ofAccount(in, file, account.get()) : file.toString());
    return ExitCode.OK;
  }

  private static String ofAccount(Invocation in, Path file, String account) {
    ObjectNode request = Json.object();
    in.value(DURATION)
        .map(Times::parse)
        .ifPresent(d -> request.putObject("spec").put("expirationSeconds", d.toSeconds()));
    Target accounts = Target.of(ResourceKind.SERVICE_ACCOUNT, in.namespace(), account);
    String token = in.api().post(accounts.at("token"), request).at("/status/token").asText();
    return """
        apiVersion: v1
        kind: Config
        current-context: jctl
        clusters:
        - name: jctl
          cluster:
            %s
            %s
        contexts:
        - name: jctl
          context:
            cluster: jctl
            namespace: %s
            user: %s
        users:
        - name: %s
          user:
            token: %s"""
        .formatted(
            line(file, "server: "),
            line(file, "certificate-authority-data: "),
            in.namespace(),
            account,
            account,
            token);
  }

  private static String line(Path kubeconfig, String start) {
    try {
      return Files.readAllLines(kubeconfig).stream()
          .map(String::strip)
          .filter(line -> line.startsWith(start))
          .findFirst()
          .orElseThrow(() -> new CommandFailure(ExitCode.FAILED, kubeconfig + " has no " + start));
    } catch (IOException e) {
      throw new CommandFailure(
          ExitCode.FAILED, "cannot read " + kubeconfig + ": " + e.getMessage());
    }
  }
}
