package dev.jctl.images.dockerfile;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.jctl.images.dockerfile.Instruction.CopyOption;
import dev.jctl.images.dockerfile.Instruction.HealthCheck;
import dev.jctl.images.dockerfile.Instruction.Setting;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/** One instruction's words → its record. */
final class InstructionReader {
  private static final JsonMapper JSON = new JsonMapper();
  private static final TypeReference<List<String>> TEXTS = new TypeReference<>() {};
  private static final List<String> COPY_FLAGS =
      List.of("from", "chown", "chmod", "link", "parents", "exclude");
  private static final List<String> ADD_FLAGS =
      List.of("chown", "chmod", "link", "exclude", "unpack", "checksum", "keep-git-dir");
  private static final List<String> HEALTH_FLAGS =
      List.of("interval", "timeout", "start-period", "start-interval", "retries");

  private final RawInstruction raw;

  private InstructionReader(RawInstruction raw) {
    this.raw = raw;
  }

  static Instruction read(RawInstruction raw) {
    return new InstructionReader(raw).read();
  }

  private Instruction read() {
    switch (raw.name()) {
      case "RUN", "COPY", "ADD", "HEALTHCHECK" -> {}
      default -> raw.onlyFlags(List.of());
    }
    return switch (raw.name()) {
      case "RUN" -> run();
      case "COPY" -> copy(COPY_FLAGS);
      case "ADD" -> copy(ADD_FLAGS);
      case "ENV" -> new Instruction.Env(raw.at(), raw.text(), pairs());
      case "LABEL" -> new Instruction.Label(raw.at(), raw.text(), pairs());
      case "ARG" -> new Instruction.Arg(raw.at(), raw.text(), declared());
      case "CMD" -> new Instruction.Cmd(raw.at(), raw.text(), command(raw.rest()));
      case "ENTRYPOINT" -> new Instruction.Entrypoint(raw.at(), raw.text(), command(raw.rest()));
      case "WORKDIR" -> new Instruction.Workdir(raw.at(), raw.text(), some("PATH"));
      case "USER" -> new Instruction.User(raw.at(), raw.text(), some("USER[:GROUP]"));
      case "EXPOSE" -> new Instruction.Expose(raw.at(), raw.text(), some("PORT[/PROTOCOL]"));
      case "VOLUME" -> new Instruction.Volume(raw.at(), raw.text(), words());
      case "STOPSIGNAL" -> new Instruction.StopSignal(raw.at(), raw.text(), some("SIGNAL"));
      case "SHELL" -> shell();
      case "HEALTHCHECK" -> healthCheck();
      case "ONBUILD" -> onBuild();
      case "MAINTAINER" -> new Instruction.Maintainer(raw.at(), raw.text(), some("NAME"));
      default -> throw new DockerfileException(raw.at(), "there is no instruction " + raw.name());
    };
  }

  private String some(String what) {
    if (raw.rest().isEmpty()) {
      throw raw.wrong("expected " + what);
    }
    return raw.rest();
  }

  private Optional<List<String>> json(String text) {
    if (!text.startsWith("[")) {
      return Optional.empty();
    }
    try {
      List<String> list = JSON.readValue(text, TEXTS);
      return list.stream().allMatch(Objects::nonNull) ? Optional.of(list) : Optional.empty();
    } catch (JsonProcessingException e) {
      return Optional.empty(); // as with Docker, it is a command for the shell then
    }
  }

  private Command command(String text) {
    return json(text).<Command>map(Command.Exec::new).orElseGet(() -> new Command.Shell(text));
  }

  private Instruction run() {
    raw.onlyFlags(List.of("mount", "network", "security"));
    some("a command");
    if (raw.value("security").filter(s -> !s.equals("sandbox")).isPresent()) {
      throw raw.wrong("--security=insecure is not given to builds");
    }
    String network = raw.value("network").orElse("default");
    if (!List.of("default", "none", "host").contains(network)) {
      throw raw.wrong("--network is default, none or host, not " + network);
    }
    return new Instruction.Run(raw.at(), raw.text(), runCommand(), raw.all("mount"), network);
  }

  private Command runCommand() {
    if (raw.heredocs().isEmpty()) {
      return command(raw.rest());
    }
    Heredoc first = raw.heredocs().getFirst();
    boolean alone = raw.heredocs().size() == 1 && raw.rest().matches("<<-?\\s*[\"']?[\\w.]+[\"']?");
    if (alone) {
      return first.content().startsWith("#!")
          ? new Command.Script(first.content())
          : new Command.Shell(first.content());
    }
    StringBuilder script = new StringBuilder(raw.rest()).append('\n');
    raw.heredocs().forEach(h -> script.append(h.content()).append(h.name()).append('\n'));
    return new Command.Shell(script.toString());
  }

  private List<String> words() {
    List<String> words =
        json(raw.rest()).orElseGet(() -> ShellWords.split(raw.rest(), raw.escape()));
    if (words.isEmpty()) {
      throw raw.wrong("expected at least one word");
    }
    return words;
  }

  private Instruction copy(List<String> flags) {
    raw.onlyFlags(flags);
    List<String> words = new ArrayList<>(words());
    if (words.size() < 2) {
      throw raw.wrong("expected SOURCE... DESTINATION");
    }
    String destination = words.removeLast();
    words.removeIf(word -> !raw.heredocs().isEmpty() && word.matches("<<-?[\"']?[\\w.]+[\"']?"));
    return new Instruction.Copy(
        raw.at(),
        raw.text(),
        words,
        raw.heredocs(),
        destination,
        raw.value("from").orElse(null),
        raw.value("chown").orElse(null),
        raw.value("chmod").orElse(null),
        raw.value("checksum").orElse(null),
        raw.all("exclude"),
        copyOptions());
  }

  private Set<CopyOption> copyOptions() {
    Set<CopyOption> options = EnumSet.noneOf(CopyOption.class);
    if (raw.name().equals("ADD") && raw.value("unpack").filter(v -> v.equals("false")).isEmpty()) {
      options.add(CopyOption.UNPACK);
    }
    if (raw.isOn("unpack")) {
      options.add(CopyOption.UNPACK_DOWNLOADS);
    }
    if (raw.isOn("keep-git-dir")) {
      options.add(CopyOption.KEEP_GIT_DIRECTORY);
    }
    if (raw.isOn("link")) {
      options.add(CopyOption.LINK);
    }
    if (raw.isOn("parents")) {
      options.add(CopyOption.PARENTS);
    }
    return options;
  }

  /** {@code NAME=value ...}, or of old {@code NAME value}. */
  private List<Setting> pairs() {
    List<String> words = ShellWords.split(some("NAME=value"), raw.escape());
    if (words.getFirst().indexOf('=') < 0) {
      if (words.size() < 2) {
        throw raw.wrong("expected NAME=value");
      }
      String name = words.getFirst();
      return List.of(new Setting(name, raw.rest().substring(name.length()).strip()));
    }
    return words.stream().map(this::pair).toList();
  }

  private Setting pair(String word) {
    int equals = word.indexOf('=');
    if (equals <= 0) {
      throw raw.wrong("expected NAME=value, found " + word);
    }
    return new Setting(word.substring(0, equals), word.substring(equals + 1));
  }

  private List<Setting> declared() {
    return ShellWords.split(some("NAME[=default]"), raw.escape()).stream()
        .map(word -> word.indexOf('=') < 0 ? new Setting(word, null) : pair(word))
        .toList();
  }

  private Instruction shell() {
    return new Instruction.Shell(
        raw.at(),
        raw.text(),
        json(raw.rest())
            .filter(list -> !list.isEmpty())
            .orElseThrow(() -> raw.wrong("expected a list, such as [\"/bin/bash\", \"-c\"]")));
  }

  private Instruction healthCheck() {
    raw.onlyFlags(HEALTH_FLAGS);
    HealthCheck.Durations nanos =
        new HealthCheck.Durations(
            nanos("interval"), nanos("timeout"), nanos("start-period"), nanos("start-interval"));
    String kind = raw.rest().split("\\s", 2)[0].toUpperCase(Locale.ROOT);
    return switch (kind) {
      case "NONE" -> new HealthCheck(raw.at(), raw.text(), null, nanos, 0);
      case "CMD" ->
          new HealthCheck(
              raw.at(), raw.text(), command(raw.rest().substring(3).strip()), nanos, retries());
      default -> throw raw.wrong("expected CMD command or NONE");
    };
  }

  private int retries() {
    String text = raw.value("retries").orElse("0");
    if (!text.matches("\\d{1,6}")) {
      throw raw.wrong("--retries is a number, not " + text);
    }
    return Integer.parseInt(text);
  }

  private long nanos(String flag) {
    return raw.value(flag)
        .map(
            text ->
                GoDuration.nanos(text)
                    .orElseThrow(
                        () -> raw.wrong("--" + flag + " is a duration such as 30s, not " + text)))
        .orElse(0L);
  }

  private Instruction onBuild() {
    String trigger = some("an instruction");
    String name = trigger.split("\\s", 2)[0].toUpperCase(Locale.ROOT);
    if (List.of("ONBUILD", "FROM", "MAINTAINER").contains(name)) {
      throw raw.wrong(name + " may not be a trigger");
    }
    StringBuilder whole = new StringBuilder(trigger);
    raw.heredocs()
        .forEach(h -> whole.append('\n').append(h.content()).append(h.name()).append('\n'));
    DockerfileReader.readOne(
        raw.at(), whole.toString()); // a mistake shows here, not in others' builds
    return new Instruction.OnBuild(raw.at(), raw.text(), whole.toString());
  }
}
