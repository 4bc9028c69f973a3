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
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** {@code jctl bootstrap URL}: the machine follows a git repository from now on. */
final class BootstrapCommand implements Command {
  private static final Duration WAIT = Duration.ofMinutes(5);

  private static final Option NAME =
      Option.value("NAME", "of the GitRepository (\"machine\" when not given)", "--name");
  private static final Option BRANCH =
      Option.value("BRANCH", "the branch (the remote's default when not given)", "--branch");
  private static final Option PATH =
      Option.value("DIR", "the directory with the manifests (all when not given)", "--path");
  private static final Option INTERVAL =
      Option.value("TIME", "how often the remote is asked (1m when not given)", "--interval");
  private static final Option SECRET =
      Option.value("NAME", "a Secret with what the remote asks for", "--secret");
  private static final Option IDENTITY =
      Option.value("FILE", "a private SSH key; a Secret is made of it", "--identity");
  private static final Option KNOWN_HOSTS =
      Option.value("FILE", "with --identity: lines as ssh-keyscan prints them", "--known-hosts");

  @Override
  public CommandSpec spec() {
    return new CommandSpec(
        "bootstrap",
        "bootstrap URL [--branch BRANCH] [--path DIR] [options]",
        "Make this machine follow a git repository",
        CommandSpec.Operands.NONE,
        List.of(NAME, BRANCH, PATH, INTERVAL, SECRET, IDENTITY, KNOWN_HOSTS, Options.TIMEOUT),
        List.of(
            "jctl bootstrap https://git.example.org/ops/machine.git --path deploy",
            "jctl bootstrap git@git.example.org:ops/machine.git --identity key --known-hosts"
                + " hosts"));
  }

  @Override
  public int run(Invocation in) throws InterruptedException {
    List<String> operands = in.arguments().operands();
    if (operands.size() != 1) {
      throw new UsageException("give one URL, for example https://git.example.org/ops/machine.git");
    }
    String name = in.value(NAME).orElse("machine");
    Optional<ObjectNode> secret = secret(in, name);
    List<ObjectNode> objects = new ArrayList<>(secret.stream().toList());
    objects.add(
        repository(
            in,
            name,
            operands.getFirst(),
            secret.isPresent() ? Optional.of(secretName(name)) : in.value(SECRET)));
    JsonNode applied = apply(in, objects);
    in.console().line("gitrepository/" + name + " follows " + operands.getFirst());
    in.console().flush();
    return new ReadyWait(in, List.of(applied), ObjectWait.Start.AT_ONCE).run(in.timeout(WAIT));
  }

  private static String secretName(String name) {
    return name + "-git";
  }

  private static ObjectNode object(Invocation in, String apiVersion, String kind, String name) {
    ObjectNode object = Json.object();
    object.put("apiVersion", apiVersion).put("kind", kind);
    object.putObject("metadata").put("name", name).put("namespace", in.namespace());
    return object;
  }

  private static ObjectNode repository(
      Invocation in, String name, String url, Optional<String> secret) {
    ObjectNode object = object(in, "jctl.dev/v1", "GitRepository", name);
    ObjectNode spec = object.putObject("spec").put("url", url);
    in.value(BRANCH).ifPresent(branch -> spec.putObject("ref").put("branch", branch));
    in.value(PATH).ifPresent(path -> spec.put("path", path));
    in.value(INTERVAL).ifPresent(interval -> spec.put("interval", interval));
    secret.ifPresent(s -> spec.putObject("secretRef").put("name", s));
    return object;
  }

  private static Optional<ObjectNode> secret(Invocation in, String name) {
    if (in.value(IDENTITY).isEmpty()) {
      return Optional.empty();
    }
    if (in.value(KNOWN_HOSTS).isEmpty() || in.value(SECRET).isPresent()) {
      throw new UsageException(
          "--identity needs --known-hosts (from ssh-keyscan) beside it, and no --secret");
    }
    ObjectNode secret = object(in, "v1", "Secret", secretName(name));
    secret
        .putObject("stringData")
        .put("identity", text(in.value(IDENTITY).get()))
        .put("known_hosts", text(in.value(KNOWN_HOSTS).get()));
    return Optional.of(secret);
  }

  private static String text(String file) {
    try {
      return Files.readString(Path.of(file));
    } catch (IOException e) {
      throw new CommandFailure(ExitCode.FAILED, file + ": cannot be read: " + e.getMessage());
    }
  }

  /** The last of them, as it is now. */
  private static JsonNode apply(Invocation in, List<ObjectNode> objects) {
    Target target = Target.path("/apis/jctl.dev/v1/apply").with("fieldManager", "jctl");
    ObjectNode list = Json.object();
    list.put("apiVersion", "v1").put("kind", "List");
    list.putArray("items").addAll(objects);
    JsonNode items = in.api().post(target, list).path("items");
    return items.path(items.size() - 1).path("object");
  }
}
