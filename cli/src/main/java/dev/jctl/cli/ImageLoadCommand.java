package dev.jctl.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.cli.args.CommandSpec;
import dev.jctl.cli.args.Option;
import dev.jctl.cli.args.UsageException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** {@code jctl image load}: makes an Image of an archive on this machine. */
final class ImageLoadCommand implements Command {
  private static final Option INPUT = Option.value("FILE", "the archive", "--input", "-i");
  private static final Option FROM =
      Option.value("REFERENCE", "which of its images, when it has several", "--reference");

  @Override
  public CommandSpec spec() {
    return new CommandSpec(
        "load",
        "image load -i FILE [options]",
        "Load an image from an archive: an OCI layout, or what docker save wrote",
        CommandSpec.Operands.NONE,
        List.of(INPUT, FROM, ImageObjects.NAME, Options.TIMEOUT),
        List.of("jctl image load -i web.tar", "jctl image load -i all.tar --reference web:1"));
  }

  @Override
  public int run(Invocation in) throws InterruptedException {
    Path file =
        Path.of(in.value(INPUT).orElseThrow(() -> new UsageException("give -i FILE")))
            .toAbsolutePath()
            .normalize();
    if (!Files.exists(file)) {
      throw new CommandFailure(ExitCode.FAILED, "open " + file + ": no such file or directory");
    }
    ObjectNode image = ImageObjects.made(in, in.value(ImageObjects.NAME).orElse(name(file)));
    ObjectNode archive = image.withObject("/spec").putObject("archive");
    archive.put("path", file.toString());
    in.value(FROM).ifPresent(reference -> archive.put("name", reference));
    JsonNode ready = ImageWait.run(in, ImageObjects.apply(in, image));
    in.console().line("Loaded image: " + ready.at("/metadata/name").asText(""));
    return ExitCode.OK;
  }

  /** The file's, as far as it can be an object's. */
  private static String name(Path file) {
    String name =
        String.valueOf(file.getFileName())
            .toLowerCase(Locale.ROOT)
            .replaceFirst("\\.(tar|tgz|tar\\.gz|tar\\.zst)$", "")
            .replaceAll("[^a-z0-9]+", "-")
            .replaceAll("^-|-$", "");
    return name.isEmpty() ? "loaded" : name;
  }
}
