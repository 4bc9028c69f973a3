package dev.jctl.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.cli.args.CommandSpec;
import dev.jctl.cli.args.Option;
import dev.jctl.cli.args.UsageException;
import dev.jctl.cli.output.Console;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** {@code jctl image build}: docker's command, on an Image object. */
final class ImageBuildCommand implements Command {
  private static final Duration LAST_LINES = Duration.ofSeconds(2);
  private static final Option TAG =
      Option.value(
          "NAME",
          "what the Image is called, or the reference that containers name it by; further ones are"
              + " Images of the same content",
          "--tag",
          "-t");
  private static final Option FILE =
      Option.value(
          "FILE", "the Dockerfile (CONTEXT/Dockerfile); - for standard input", "--file", "-f");
  private static final Option ARG = Option.value("NAME=VALUE", "a value for an ARG", "--build-arg");
  private static final Option TARGET =
      Option.value("STAGE", "the stage that is wanted (the last)", "--target");
  private static final Option NETWORK =
      Option.value("NAME", "the Network of RUNs, or none, or host", "--network");
  private static final Option SECRET =
      Option.value(
          "id=ID,src=FILE",
          "for RUN --mount=type=secret: a file of this machine, a variable (env=NAME), or a Secret"
              + " (secret=NAME[,key=KEY])",
          "--secret");
  private static final Option CONTEXT =
      Option.value(
          "NAME=PATH",
          "a further context by its name: a directory, a git repository, or an image"
              + " (NAME=docker-image://REFERENCE)",
          "--build-context");
  private static final Option LABEL =
      Option.value("NAME=VALUE", "a label that the image has", "--label");
  private static final Option PLATFORM =
      Option.value("linux/ARCH", "refuse to build for another than this one", "--platform");
  private static final Option IMAGE_ID_FILE =
      Option.value("FILE", "where the image's id is written", "--iidfile");
  private static final Option PULL =
      Option.flag("ask the registries for base images that are here, too", "--pull");
  private static final Option NO_CACHE = Option.flag("do every step anew", "--no-cache");
  private static final Option QUIET = Option.flag("only the image's id", "--quiet", "-q");

  @Override
  public CommandSpec spec() {
    return new CommandSpec(
        "build",
        "image build -t NAME | REFERENCE [options] CONTEXT",
        "Build an image from a Dockerfile",
        CommandSpec.Operands.NONE,
        List.of(
            TAG,
            FILE,
            ARG,
            TARGET,
            CONTEXT,
            LABEL,
            NETWORK,
            SECRET,
            PLATFORM,
            PULL,
            NO_CACHE,
            IMAGE_ID_FILE,
            QUIET,
            Options.TIMEOUT),
        List.of(
            "jctl image build -t web .",
            "jctl image build -t registry.example/team/web:2 .",
            "jctl image build -t web https://git.example/team/web.git#v2:server",
            "jctl image build -t web --secret id=token,src=token.txt --build-context lib=../lib .",
            "jctl --socket elsewhere.sock image build -t web .",
            "jctl image build -t web -f web.Dockerfile --build-arg VERSION=2 --target test ."));
  }

  @Override
  public int run(Invocation in) throws IOException, InterruptedException {
    if (in.arguments().operands().size() != 1) {
      throw new UsageException(
          "expected one CONTEXT, the directory or git repository that files are copied from");
    }
    List<String> tags = in.arguments().all(TAG);
    if (tags.isEmpty()) {
      throw new UsageException("give the Image a name: -t NAME");
    }
    String context = in.arguments().operands().getFirst();
    ObjectNode image = ImageObjects.called(in, tags.getFirst());
    String name = image.path("metadata").path("name").asText();
    BuildSecrets secrets = BuildSecrets.read(in.arguments().all(SECRET), name);
    describe(in, name, context, image.withObject("/spec/build"));
    if (!secrets.declared().isEmpty()) {
      image.withObject("/spec/build").set("secrets", secrets.declared());
    }
    String id = built(in, image, secrets).at("/status/imageID").asText("");
    for (String another : tags.subList(1, tags.size())) {
      ImageTagCommand.tag(in, id, another);
    }
    if (in.value(IMAGE_ID_FILE).isPresent()) {
      Files.writeString(Path.of(in.value(IMAGE_ID_FILE).get()), id);
    }
    in.console().line(id);
    return ExitCode.OK;
  }

  private static JsonNode built(Invocation in, ObjectNode image, BuildSecrets secrets)
      throws IOException, InterruptedException {
    try (BuildSecrets.Sent sent = secrets.send(in)) {
      JsonNode applied = ImageObjects.apply(in, image);
      sent.belongTo(applied);
      Optional<Thread> shown = in.is(QUIET) ? Optional.empty() : Optional.of(show(in, applied));
      try {
        return ImageWait.run(in, applied);
      } finally {
        if (shown.isPresent()) {
          shown.get().join(LAST_LINES);
        }
      }
    }
  }

  private static void describe(Invocation in, String name, String context, ObjectNode build)
      throws IOException, InterruptedException {
    if (BuildContext.isRepository(context)) {
      dockerfile(in, Optional.empty(), build);
      build.put("contextRepository", context);
    } else {
      directory(in, name, Path.of(context).toAbsolutePath().normalize(), build);
    }
    in.value(TARGET).ifPresent(target -> build.put("target", target));
    in.value(NETWORK).ifPresent(network -> build.put("network", network));
    if (in.is(NO_CACHE)) {
      build.put("noCache", true);
    }
    if (in.is(PULL)) {
      build.put("pull", true);
    }
    in.value(PLATFORM).ifPresent(platform -> build.put("platform", platform));
    for (String label : in.arguments().all(LABEL)) {
      String[] pair = label.split("=", 2);
      build.withObject("/labels").put(pair[0], pair.length == 1 ? "" : pair[1]);
    }
    args(in, build);
    for (String further : in.arguments().all(CONTEXT)) {
      build.withArray("contexts").add(BuildContext.named(in, name, further));
    }
  }

  private static void directory(Invocation in, String name, Path context, ObjectNode build)
      throws IOException, InterruptedException {
    dockerfile(in, Optional.of(context), build);
    if (in.engine().isLocal()) {
      build.put("context", context.toString());
    } else {
      send(in, name, context, build);
    }
  }

  private static void args(Invocation in, ObjectNode build) {
    for (String arg : in.arguments().all(ARG)) {
      int equals = arg.indexOf('=');
      String value = equals < 0 ? System.getenv(arg) : arg.substring(equals + 1);
      if (value != null) {
        build.withObject("/args").put(equals < 0 ? arg : arg.substring(0, equals), value);
      }
    }
  }

  /** An instance elsewhere reads no directory of this machine. */
  private static void send(Invocation in, String name, Path context, ObjectNode build)
      throws IOException, InterruptedException {
    String dockerfile = build.path("dockerfile").asText("Dockerfile");
    if (!build.has("text")) {
      Path file = context.resolve(dockerfile);
      if (!Files.isRegularFile(file)) {
        throw new CommandFailure(
            ExitCode.FAILED, "there is no " + file + "; -f names another Dockerfile");
      }
      build.put("text", Files.readString(file)).put("dockerfile", dockerfile);
    }
    build.put("contextDigest", BuildContext.send(in, name, context, dockerfile));
  }

  /** One below the directory is named, as is one of a repository; any other is sent. */
  private static void dockerfile(Invocation in, Optional<Path> directory, ObjectNode build)
      throws IOException {
    if (in.value(FILE).isEmpty()) {
      return;
    }
    String file = in.value(FILE).orElseThrow();
    if (file.equals("-")) {
      byte[] text = System.in.readAllBytes();
      build.put("text", new String(text, StandardCharsets.UTF_8)).put("dockerfile", "-");
      return;
    }
    if (directory.isEmpty()) {
      build.put("dockerfile", file);
      return;
    }
    Path path = Path.of(file).toAbsolutePath().normalize();
    if (path.startsWith(directory.get())) {
      build.put("dockerfile", directory.get().relativize(path).toString());
    } else {
      build.put("text", Files.readString(path)).put("dockerfile", file);
    }
  }

  /** Prints what the build says, until it has ended. */
  private static Thread show(Invocation in, JsonNode applied) {
    String request = applied.path("metadata").path("annotations").path("jctl.dev/pull").asText("");
    return Thread.ofPlatform()
        .daemon()
        .name("build-log")
        .start(
            () -> {
              try (var api = in.api().another();
                  InputStream log =
                      api.stream(
                          ImageObjects.target(applied).at("buildlog").with("request", request))) {
                print(log, in.console());
              } catch (IOException | RuntimeException e) {
                in.console().error("the build's log ended: " + e.getMessage());
              }
            });
  }

  /** As it comes: what is buffered is not seen. */
  private static void print(InputStream log, Console console) throws IOException {
    byte[] buffer = new byte[1 << 13];
    for (int n = log.read(buffer); n >= 0; n = log.read(buffer)) {
      console.out().write(buffer, 0, n);
      console.out().flush();
    }
  }
}
