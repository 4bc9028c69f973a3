package dev.jctl.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.cli.args.CommandSpec;
import dev.jctl.cli.args.UsageException;
import dev.jctl.manifests.model.ImageNames;
import java.util.List;

/** {@code jctl image pull}: makes the Image that containers with the same reference use. */
final class ImagePullCommand implements Command {
  @Override
  public CommandSpec spec() {
    return new CommandSpec(
        "pull",
        "image pull REFERENCE [options]",
        "Download an image from a registry",
        CommandSpec.Operands.NONE,
        List.of(ImageObjects.NAME, ImageObjects.SECRET, Options.TIMEOUT),
        List.of(
            "jctl image pull docker.io/library/nginx:1.27",
            "jctl image pull --name web --secret regcred registry.example/team/web:1"));
  }

  @Override
  public int run(Invocation in) throws InterruptedException {
    if (in.arguments().operands().size() != 1) {
      throw new UsageException("expected one REFERENCE");
    }
    String reference = in.arguments().operands().get(0);
    List<String> secrets = in.arguments().all(ImageObjects.SECRET);
    ObjectNode image =
        ImageObjects.made(
            in, in.value(ImageObjects.NAME).orElseGet(() -> name(reference, secrets)));
    ObjectNode spec = image.withObject("/spec");
    spec.put("reference", reference);
    if (!secrets.isEmpty()) {
      spec.putArray("imagePullSecrets").addAll(ImageObjects.secrets(in));
    }
    JsonNode ready = ImageWait.run(in, ImageObjects.apply(in, image));
    in.console().line("Image: " + ready.at("/metadata/name").asText(""));
    in.console().line("Digest: " + digest(ready));
    in.console().line(ready.at("/spec/reference").asText(""));
    return ExitCode.OK;
  }

  /** What {@code image: REFERENCE} of a container means: a plain word is an Image's own name. */
  private static String name(String reference, List<String> secrets) {
    return ImageNames.isReference(reference) ? ImageNames.of(reference, secrets) : reference;
  }

  private static String digest(JsonNode image) {
    String pinned = image.at("/status/repoDigest").asText("");
    return pinned.substring(pinned.indexOf('@') + 1);
  }
}
