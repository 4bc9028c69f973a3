package dev.jctl.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.cli.args.CommandSpec;
import dev.jctl.cli.client.Target;
import dev.jctl.manifests.json.Json;
import java.util.List;

/** {@code jctl rotate-key}: all Secrets are sealed with a new key. */
final class RotateKeyCommand implements Command {
  private static final Target ROTATION = Target.path("/apis/jctl.dev/v1/rotatesecretkey");

  @Override
  public CommandSpec spec() {
    return new CommandSpec(
        "rotate-key",
        "rotate-key",
        "Seal all Secrets in the store with a new key",
        CommandSpec.Operands.NONE,
        List.of(),
        List.of("jctl rotate-key"));
  }

  @Override
  public int run(Invocation in) {
    JsonNode done = in.api().post(ROTATION, Json.object());
    int secrets = done.path("rewritten").asInt();
    in.console()
        .line(
            "%d %s sealed with key %s; the keys before are forgotten"
                .formatted(
                    secrets, secrets == 1 ? "Secret" : "Secrets", done.path("keyID").asText()));
    return ExitCode.OK;
  }
}
