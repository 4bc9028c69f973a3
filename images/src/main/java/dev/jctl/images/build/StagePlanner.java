package dev.jctl.images.build;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.images.Platforms;
import dev.jctl.images.build.BuildStep.Download.Repository.KeepGit;
import dev.jctl.images.dockerfile.Command;
import dev.jctl.images.dockerfile.Dockerfile;
import dev.jctl.images.dockerfile.DockerfileException;
import dev.jctl.images.dockerfile.DockerfileReader;
import dev.jctl.images.dockerfile.Heredoc;
import dev.jctl.images.dockerfile.Instruction;
import dev.jctl.images.dockerfile.Instruction.Setting;
import dev.jctl.images.dockerfile.Position;
import dev.jctl.images.dockerfile.ShellWords;
import dev.jctl.images.oci.ConfigDraft;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** A stage and what its base image says → its steps. Pure: nothing hangs on what a step does. */
public final class StagePlanner {
  private static final List<String> DEFAULT_SHELL = List.of("/bin/sh", "-c");
  private static final char ESCAPE = '\\';
  private static final String SCRIPT = "/run/jctl-build-script";
  private static final String PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

  private final Variables variables;
  private final char escape;
  private final List<BuildStep> steps = new ArrayList<>();
  private ConfigDraft config;
  private boolean commandIsOwn;

  private StagePlanner(Variables variables, char escape, ConfigDraft config) {
    this.variables = variables;
    this.escape = escape;
    this.config = config;
  }

  /**
   * @param base what the image before says
   * @param given values for ARGs
   * @throws DockerfileException saying where
   */
  public static List<BuildStep> plan(
      Dockerfile file, Dockerfile.Stage stage, ConfigDraft base, Map<String, String> given) {
    Map<String, String> globals = Variables.globals(file.globals(), given, file.escape());
    StagePlanner planner =
        new StagePlanner(
            new Variables(given, globals, file.escape()), file.escape(), base.without("OnBuild"));
    for (String trigger : base.texts("OnBuild")) {
      planner.add(DockerfileReader.readOne(stage.at(), trigger));
    }
    stage.instructions().forEach(planner::add);
    return planner.steps;
  }

  /**
   * A configuration with instructions carried out that change nothing else.
   *
   * @param instructions such as {@code CMD ["/bin/web"]}: those that {@code docker commit --change}
   *     takes, and STOPSIGNAL, SHELL and HEALTHCHECK
   * @throws DockerfileException naming the instruction by its number from 1 on
   */
  public static ConfigDraft changed(ConfigDraft base, List<String> instructions) {
    Variables none = new Variables(Map.of(), Map.of(), ESCAPE);
    StagePlanner planner = new StagePlanner(none, ESCAPE, base);
    for (int i = 0; i < instructions.size(); i++) {
      Position at = new Position("change", i + 1);
      Instruction instruction = DockerfileReader.readOne(at, instructions.get(i));
      switch (instruction) {
        case Instruction.Run in -> throw noChange(in);
        case Instruction.Copy in -> throw noChange(in);
        case Instruction.Arg in -> throw noChange(in);
        case Instruction.Maintainer in -> throw noChange(in);
        default -> planner.add(instruction);
      }
    }
    return planner.config;
  }

  private static DockerfileException noChange(Instruction in) {
    return new DockerfileException(in.at(), in.text() + ": this changes no configuration");
  }

  /** What a stage starts from, with variables replaced. */
  public static String from(Dockerfile file, Dockerfile.Stage stage, Map<String, String> given) {
    Map<String, String> globals = Variables.globals(file.globals(), given, file.escape());
    Variables variables = new Variables(given, Map.of(), file.escape());
    String from = variables.expand(stage.at(), stage.from(), globals);
    if (stage.platform() != null) {
      refuseOther(stage.at(), variables.expand(stage.at(), stage.platform(), globals));
    }
    if (from.isEmpty()) {
      throw new DockerfileException(
          stage.at(),
          "FROM " + stage.from() + " names nothing; an ARG before the first FROM needs a value");
    }
    return from;
  }

  private static void refuseOther(Position at, String platform) {
    if (!platform.isEmpty() && !Platforms.isHost(platform)) {
      throw new DockerfileException(
          at,
          "FROM --platform: "
              + platform
              + " is not built here; this machine is "
              + Platforms.host());
    }
  }

  private String expand(Instruction in, String text) {
    return variables.expand(in.at(), text, config.env());
  }

  private void add(Instruction instruction) {
    switch (instruction) {
      case Instruction.Run in -> run(in);
      case Instruction.Copy in -> copy(in);
      case Instruction.Env in -> env(in);
      case Instruction.Label in -> label(in);
      case Instruction.Arg in -> variables.declare(in, config.env());
      case Instruction.Cmd in -> {
        commandIsOwn = true;
        note(in, in.text(), config.withTexts("Cmd", arguments(in.command())));
      }
      case Instruction.Entrypoint in -> entrypoint(in);
      case Instruction.Workdir in -> workdir(in);
      case Instruction.User in -> {
        String user = expand(in, in.user());
        note(in, "USER " + user, config.withText("User", user));
      }
      case Instruction.Expose in -> expose(in);
      case Instruction.Volume in -> {
        List<String> paths = in.paths().stream().map(path -> expand(in, path)).toList();
        note(in, "VOLUME " + String.join(" ", paths), config.withKeys("Volumes", paths));
      }
      case Instruction.StopSignal in -> {
        String signal = expand(in, in.signal());
        note(in, "STOPSIGNAL " + signal, config.withText("StopSignal", signal));
      }
      case Instruction.Shell in -> note(in, in.text(), config.withTexts("Shell", in.arguments()));
      case Instruction.HealthCheck in ->
          note(in, in.text(), config.withObject("Healthcheck", healthCheck(in)));
      case Instruction.OnBuild in -> {
        List<String> triggers = new ArrayList<>(config.texts("OnBuild"));
        triggers.add(in.instruction());
        note(in, in.text(), config.withTexts("OnBuild", triggers));
      }
      case Instruction.Maintainer in ->
          note(in, in.text(), config.withLabel("maintainer", in.name()));
    }
  }

  private void note(Instruction in, String text, ConfigDraft next) {
    config = next;
    steps.add(new BuildStep.Note(in.at(), text, config));
  }

  private List<String> shell() {
    List<String> shell = config.texts("Shell");
    return shell.isEmpty() ? DEFAULT_SHELL : shell;
  }

  private List<String> arguments(Command command) {
    return switch (command) {
      case Command.Exec exec -> exec.arguments();
      case Command.Script script -> List.of(SCRIPT);
      case Command.Shell line -> {
        List<String> arguments = new ArrayList<>(shell());
        arguments.add(line.script());
        yield arguments;
      }
    };
  }

  private void run(Instruction.Run in) {
    List<RunMount> mounts = new ArrayList<>();
    for (String mount : in.mounts()) {
      mounts.add(MountReader.read(in.at(), expand(in, mount), workingDir()));
    }
    if (in.command() instanceof Command.Script script) {
      mounts.add(new RunMount.Script(SCRIPT, script.content()));
    }
    Map<String, String> keyEnv = new LinkedHashMap<>(variables.forRun(config.env()));
    keyEnv.putIfAbsent("PATH", PATH);
    Map<String, String> env = new LinkedHashMap<>(variables.proxies());
    env.putAll(keyEnv);
    List<String> arguments = arguments(in.command());
    steps.add(
        new BuildStep.Run(
            in.at(),
            "RUN " + String.join(" ", arguments),
            config,
            arguments,
            env,
            keyEnv,
            config.text("User"),
            workingDir(),
            mounts,
            in.network()));
  }

  private String workingDir() {
    String directory = config.text("WorkingDir");
    return directory.isEmpty() ? "/" : directory;
  }

  private void copy(Instruction.Copy in) {
    List<String> all = in.sources().stream().map(source -> expand(in, source)).toList();
    List<String> sources = all.stream().filter(source -> !Urls.isOne(source)).toList();
    Map<String, String> files = new LinkedHashMap<>();
    for (Heredoc heredoc : in.inline()) {
      files.put(
          heredoc.name(),
          heredoc.expand()
              ? variables.expandDocument(in.at(), heredoc.content(), config.env())
              : heredoc.content());
    }
    String destination = expand(in, in.destination());
    boolean directory = destination.endsWith("/") || destination.matches("(.*/)?\\.");
    String absolute = Paths.within(workingDir(), destination);
    boolean unpacks = in.options().contains(Instruction.CopyOption.UNPACK);
    steps.add(
        new BuildStep.Copy(
            in.at(),
            (unpacks ? "ADD " : "COPY ")
                + (in.from() == null ? "" : "--from=" + in.from() + " ")
                + String.join(" ", all)
                + (all.isEmpty() ? "" : " ")
                + destination,
            config,
            in.from(),
            sources,
            downloads(in, all.stream().filter(Urls::isOne).toList(), directory),
            files,
            directory && !absolute.equals("/") ? absolute + "/" : absolute,
            in.chown() == null ? null : expand(in, in.chown()),
            in.chmod() == null ? null : expand(in, in.chmod()),
            in.excludes(),
            in.options()));
  }

  private List<BuildStep.Download> downloads(
      Instruction.Copy in, List<String> urls, boolean directory) {
    String checksum = in.checksum() == null ? null : expand(in, in.checksum());
    if (checksum != null && (urls.size() != 1 || in.sources().size() != 1)) {
      throw new DockerfileException(
          in.at(), "ADD: --checksum is of one URL, and nothing beside it");
    }
    if (!urls.isEmpty() && !in.text().regionMatches(true, 0, "ADD", 0, 3)) {
      throw new DockerfileException(in.at(), "COPY: " + urls.getFirst() + ": URLs are for ADD");
    }
    KeepGit keepGit =
        in.options().contains(Instruction.CopyOption.KEEP_GIT_DIRECTORY) ? KeepGit.YES : KeepGit.NO;
    return IntStream.range(0, urls.size())
        .mapToObj(i -> Urls.download(in.at(), urls.get(i), i, directory, checksum, keepGit))
        .toList();
  }

  private void env(Instruction.Env in) {
    Map<String, String> before = config.env(); // one line's values do not see each other
    ConfigDraft next = config;
    StringBuilder text = new StringBuilder("ENV");
    for (Setting setting : in.settings()) {
      String name = variables.expand(in.at(), setting.name(), before);
      String value = variables.expand(in.at(), orEmpty(setting), before);
      next = next.withEnv(name, value);
      text.append(' ').append(name).append('=').append(value);
    }
    note(in, text.toString(), next);
  }

  private static String orEmpty(Setting setting) {
    String value = setting.value();
    return value == null ? "" : value;
  }

  private void label(Instruction.Label in) {
    ConfigDraft next = config;
    StringBuilder text = new StringBuilder("LABEL");
    for (Setting setting : in.settings()) {
      String name = expand(in, setting.name());
      String value = expand(in, orEmpty(setting));
      next = next.withLabel(name, value);
      text.append(' ').append(name).append('=').append(value);
    }
    note(in, text.toString(), next);
  }

  /** A base image's CMD was meant for its own entry point. */
  private void entrypoint(Instruction.Entrypoint in) {
    ConfigDraft next = config.withTexts("Entrypoint", arguments(in.command()));
    note(in, in.text(), commandIsOwn ? next : next.without("Cmd"));
  }

  private void workdir(Instruction.Workdir in) {
    String path = Paths.within(workingDir(), expand(in, in.path()));
    config = config.withText("WorkingDir", path);
    steps.add(new BuildStep.Directory(in.at(), "WORKDIR " + path, config, path));
  }

  private void expose(Instruction.Expose in) {
    List<String> ports = new ArrayList<>();
    for (String word : ShellWords.split(expand(in, in.ports()), escape)) {
      if (!word.matches("\\d{1,5}(-\\d{1,5})?(/(tcp|udp|sctp))?")) {
        throw new DockerfileException(
            in.at(), "EXPOSE: expected PORT or PORT/tcp, udp or sctp, found " + word);
      }
      ports.addAll(Ports.of(word));
    }
    note(in, "EXPOSE " + String.join(" ", ports), config.withKeys("ExposedPorts", ports));
  }

  /** Docker's form: {@code Test} begins with CMD, CMD-SHELL or NONE. */
  private ObjectNode healthCheck(Instruction.HealthCheck in) {
    ObjectNode check = JsonNodeFactory.instance.objectNode();
    ArrayNode test = check.putArray("Test");
    switch (in.command()) {
      case null -> test.add("NONE");
      case Command.Shell line -> test.add("CMD-SHELL").add(line.script());
      case Command.Exec exec -> {
        test.add("CMD");
        exec.arguments().forEach(test::add);
      }
      case Command.Script script -> test.add("CMD-SHELL").add(script.content());
    }
    putPositive(check, "Interval", in.nanos().interval());
    putPositive(check, "Timeout", in.nanos().timeout());
    putPositive(check, "StartPeriod", in.nanos().startPeriod());
    putPositive(check, "StartInterval", in.nanos().startInterval());
    putPositive(check, "Retries", in.retries());
    return check;
  }

  private static void putPositive(ObjectNode node, String field, long value) {
    if (value > 0) {
      node.put(field, value);
    }
  }
}
