package dev.jctl.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.cli.args.CommandSpec;
import dev.jctl.cli.args.Option;
import dev.jctl.cli.args.UsageException;
import dev.jctl.cli.client.Target;
import dev.jctl.manifests.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** {@code jctl image load}: makes Images of an archive on the controller's machine. */
final class ImageLoadCommand implements Command {
  private static final Option INPUT =
      Option.value("FILE", "the archive (standard input)", "--input", "-i");
  private static final Option FROM =
      Option.value("REFERENCE", "only this one of its images", "--reference");
  private static final Target ARCHIVE = Target.path("/apis/jctl.dev/v1/imagearchive");

  @Override
  public CommandSpec spec() {
    return new CommandSpec(
        "load",
        "image load [-i FILE] [options]",
        "Load all images of an archive: an OCI layout, or what docker save wrote",
        CommandSpec.Operands.NONE,
        List.of(INPUT, FROM, ImageObjects.NAME, Options.TIMEOUT),
        List.of(
            "jctl image load -i web.tar",
            "docker save web:1 | jctl image load",
            "jctl image load -i all.tar --reference web:1"));
  }

  @Override
  public int run(Invocation in) throws IOException, InterruptedException {
    String input = in.value(INPUT).orElse("-");
    if (input.equals("-")) {
      loadStandardInput(in);
      return ExitCode.OK;
    }
    Path file = Path.of(input).toAbsolutePath().normalize();
    if (!Files.exists(file)) {
      throw new CommandFailure(ExitCode.FAILED, "open " + file + ": no such file or directory");
    }
    loadAll(in, file);
    return ExitCode.OK;
  }

  private static void loadStandardInput(Invocation in) throws IOException, InterruptedException {
    if (!in.engine().isLocal()) {
      throw new UsageException(
          "an instance elsewhere is given -i FILE, an archive on its own machine");
    }
    Path directory = Files.createTempDirectory("jctl-load");
    Path file = directory.resolve("loaded.tar");
    try {
      if (in.console().inIsTerminal() || Files.copy(System.in, file) == 0) {
        throw new UsageException("give -i FILE, or an archive on standard input");
      }
      for (Loaded loaded : loadAll(in, file)) {
        // the object names the image, as the archive is gone when this ends
        ImageTagCommand.tag(in, loaded.imageId(), loaded.name());
      }
    } finally {
      Files.deleteIfExists(file);
      Files.delete(directory);
    }
  }

  /**
   * An Image that is there.
   *
   * @param name of the object, or the reference that it stands for
   */
  private record Loaded(String name, String imageId) {}

  private static List<Loaded> loadAll(Invocation in, Path file) throws InterruptedException {
    Optional<String> wanted = in.value(FROM);
    Optional<String> named = in.value(ImageObjects.NAME);
    if (named.isPresent()) {
      return List.of(load(in, file, named.get(), wanted));
    }
    List<Loaded> loaded = new ArrayList<>();
    List<JsonNode> all = archived(in, file, wanted);
    for (JsonNode one : all) {
      loaded.add(load(in, file, called(file, one, all.size()), wanted(one).or(() -> wanted)));
    }
    return loaded;
  }

  /** All images of the archive, or the one that is wanted by whatever it is called there. */
  private static List<JsonNode> archived(Invocation in, Path file, Optional<String> wanted) {
    JsonNode items = in.api().get(ARCHIVE.with("path", file.toString())).path("items");
    List<JsonNode> all = new ArrayList<>();
    items.forEach(all::add);
    List<JsonNode> chosen =
        wanted.isEmpty()
            ? all
            : all.stream()
                .filter(
                    one ->
                        wanted(one).equals(wanted)
                            || one.path("name").asText("").equals(wanted.get()))
                .toList();
    return chosen.isEmpty() ? List.of(Json.object()) : chosen; // the server says what is wrong
  }

  private static Optional<String> wanted(JsonNode one) {
    return Optional.ofNullable(one.path("wanted").textValue());
  }

  /** As in the archive, or as the file where it has no whole name there. */
  private static String called(Path file, JsonNode one, int of) {
    String name = one.path("name").asText("");
    if (!name.isEmpty()) {
      return name;
    }
    return of == 1 ? name(file) : name(Path.of(name(file) + "-" + one.path("wanted").asText("")));
  }

  private static Loaded load(Invocation in, Path file, String name, Optional<String> wanted)
      throws InterruptedException {
    ObjectNode image = ImageObjects.called(in, name);
    ObjectNode archive = image.withObject("/spec").putObject("archive");
    archive.put("path", file.toString());
    wanted.ifPresent(one -> archive.put("name", one));
    JsonNode ready = ImageWait.run(in, ImageObjects.apply(in, image));
    in.console().line("Loaded image: " + name);
    return new Loaded(name, ready.at("/status/imageID").asText());
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
