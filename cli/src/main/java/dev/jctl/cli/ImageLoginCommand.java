package dev.jctl.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.cli.args.CommandSpec;
import dev.jctl.cli.args.Option;
import dev.jctl.cli.args.UsageException;
import dev.jctl.manifests.json.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/**
 * {@code jctl image login}: keeps a password in docker's {@code config.json}, where the controller
 * looks for it when it runs as the same user.
 */
final class ImageLoginCommand implements Command {
  private static final String DOCKER_HUB = "https://index.docker.io/v1/";
  private static final Option USERNAME = Option.value("NAME", "user name", "--username", "-u");
  private static final Option PASSWORD_STDIN =
      Option.flag("take the password from standard input", "--password-stdin");

  @Override
  public CommandSpec spec() {
    return new CommandSpec(
        "login",
        "image login [SERVER] -u NAME [--password-stdin]",
        "Keep a registry's credentials in docker's config.json",
        CommandSpec.Operands.NONE,
        List.of(USERNAME, PASSWORD_STDIN),
        List.of("jctl image login registry.example -u carol --password-stdin < password"));
  }

  @Override
  public int run(Invocation in) throws IOException {
    List<String> operands = in.arguments().operands();
    if (operands.size() > 1) {
      throw new UsageException("expected at most one SERVER");
    }
    String server = operands.isEmpty() ? DOCKER_HUB : key(operands.get(0));
    String username =
        in.value(USERNAME).orElseThrow(() -> new UsageException("give the user name with -u"));
    if (username.isEmpty() || username.indexOf(':') >= 0) {
      throw new UsageException("a user name is not empty and has no colon");
    }
    String password = password(in);
    Path file = directory(in.environment()).resolve("config.json");
    ObjectNode config = read(file);
    refuseHelpers(config, server, file);
    String text = username + ":" + password;
    config
        .withObject("/auths")
        .withObject("/" + server.replace("~", "~0").replace("/", "~1"))
        .removeAll()
        .put("auth", Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8)));
    write(file, config);
    in.console().line("Login for " + server + " kept in " + file);
    return ExitCode.OK;
  }

  /** As docker writes it: the host alone. */
  private static String key(String server) {
    String host = server.replaceFirst("^https?://", "").replaceFirst("/+$", "");
    return switch (host) {
      case "docker.io", "index.docker.io", "index.docker.io/v1", "registry-1.docker.io" ->
          DOCKER_HUB;
      case "" -> throw new UsageException("SERVER is empty");
      default -> host;
    };
  }

  private static String password(Invocation in) throws IOException {
    if (in.is(PASSWORD_STDIN)) {
      String text = new String(System.in.readAllBytes(), StandardCharsets.UTF_8);
      return required(text.replaceFirst("\r?\n$", ""));
    }
    if (!in.console().inIsTerminal()) {
      throw new UsageException("not a terminal: give --password-stdin");
    }
    in.console().out().print("Password: ");
    in.console().flush();
    try (Terminal _ = Terminal.hidden();
        BufferedReader terminal =
            new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      String line = terminal.readLine();
      in.console().line("");
      return required(line == null ? "" : line);
    }
  }

  private static String required(String password) {
    if (password.isEmpty()) {
      throw new UsageException("the password is empty");
    }
    return password;
  }

  private static Path directory(Map<String, String> environment) {
    String own = environment.getOrDefault("DOCKER_CONFIG", "");
    if (!own.isEmpty()) {
      return Path.of(own).toAbsolutePath();
    }
    String home = environment.getOrDefault("HOME", "");
    if (home.isEmpty()) {
      throw new CommandFailure(ExitCode.FAILED, "neither DOCKER_CONFIG nor HOME is set");
    }
    return Path.of(home).resolve(".docker");
  }

  private static ObjectNode read(Path file) throws IOException {
    if (!Files.exists(file)) {
      return Json.object();
    }
    try {
      if (Json.read(Files.readAllBytes(file)) instanceof ObjectNode config) {
        return config;
      }
    } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
      // its message would show what is in the file
    }
    throw new CommandFailure(ExitCode.FAILED, file + " is not a JSON object; it is left as it is");
  }

  /** What a helper keeps is looked for there first, and written by it alone. */
  private static void refuseHelpers(JsonNode config, String server, Path file) {
    String helper =
        config.path("credHelpers").path(server).asText(config.path("credsStore").asText(""));
    if (!helper.isEmpty()) {
      throw new CommandFailure(
          ExitCode.FAILED,
          "%s leaves credentials of %s to docker-credential-%s; log in with docker, or remove that"
              .formatted(file, server, helper));
    }
  }

  /** Aside and for the user alone, so that it is never half written and never seen by others. */
  private static void write(Path file, ObjectNode config) throws IOException {
    Path directory = file.resolveSibling(".").normalize();
    Files.createDirectories(directory);
    Path aside =
        Files.createTempFile(
            directory,
            ".config",
            "",
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    try {
      Files.writeString(aside, Json.pretty(config) + "\n");
      Files.move(aside, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(aside);
    }
  }
}
