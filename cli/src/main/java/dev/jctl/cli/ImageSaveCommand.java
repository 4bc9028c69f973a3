package dev.jctl.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.cli.args.CommandSpec;
import dev.jctl.cli.args.Option;
import dev.jctl.cli.args.UsageException;
import dev.jctl.cli.client.Target;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/** {@code jctl image save}. */
final class ImageSaveCommand implements Command {
  private static final Option OUTPUT =
      Option.value("FILE", "write to a file instead of standard output", "--output", "-o");
  private static final Option REFERENCE =
      Option.value(
          "REFERENCE",
          "what the image is called in the archive (its own reference)",
          "--reference");

  @Override
  public CommandSpec spec() {
    return new CommandSpec(
        "save",
        "image save NAME [-o FILE]",
        "Save an image to a tar archive, for jctl image load, docker load and skopeo",
        CommandSpec.Operands.IMAGE,
        List.of(OUTPUT, REFERENCE),
        List.of("jctl image save web -o web.tar", "jctl image save web | docker load"));
  }

  @Override
  public int run(Invocation in) throws IOException {
    JsonNode image = ImageObjects.find(in, ImageObjects.operand(in));
    Target target =
        ImageObjects.target(image)
            .at("archive")
            .withOptional("reference", in.value(REFERENCE).orElse(""));
    if (in.value(OUTPUT).isEmpty() && in.console().outIsTerminal()) {
      throw new UsageException(
          "cowardly refusing to save to a terminal; use the -o flag or redirect");
    }
    try (InputStream archive = in.api().stream(target)) {
      if (in.value(OUTPUT).isEmpty()) {
        archive.transferTo(in.console().out());
      } else {
        write(archive, Path.of(in.value(OUTPUT).orElseThrow()).toAbsolutePath());
      }
    }
    return ExitCode.OK;
  }

  /** Aside, so that a file is never half an archive. */
  private static void write(InputStream archive, Path file) throws IOException {
    Path aside = Files.createTempFile(file.resolveSibling("."), ".jctl-save", "");
    try {
      try (OutputStream out = Files.newOutputStream(aside)) {
        archive.transferTo(out);
      }
      Files.move(aside, file, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(aside);
    }
  }
}
