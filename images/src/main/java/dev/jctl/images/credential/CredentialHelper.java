package dev.jctl.images.credential;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.jctl.images.RegistryCredential;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;

/**
 * A program {@code docker-credential-NAME}, asked with {@code get}. docker-credential-helpers,
 * README.
 *
 * @param path directories to look in for it
 * @param patience after which it is ended
 */
record CredentialHelper(
    String name, List<Path> path, Map<String, String> environment, Duration patience) {
  private static final int MAX_BYTES = 1 << 16;
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]*");
  private static final String NOT_FOUND = "credentials not found in native keychain";
  private static final String DOCKER_HUB = "https://index.docker.io/v1/";
  private static final JsonMapper MAPPER = new JsonMapper();

  /** It gave none: why. What the program printed stays out of it, as it may be secret. */
  static final class Failure extends Exception {
    private static final long serialVersionUID = 1L;

    Failure(String message) {
      super(message);
    }
  }

  /** Empty when it knows of none. */
  Optional<RegistryCredential> get(String registry) throws Failure {
    Process process = start();
    try {
      CompletableFuture<byte[]> answer =
          CompletableFuture.supplyAsync(() -> read(process), r -> Thread.ofVirtual().start(r));
      ask(process, registry.equals("docker.io") ? DOCKER_HUB : registry);
      byte[] said = answer.get(patience.toNanos(), TimeUnit.NANOSECONDS);
      if (!process.waitFor(patience.toNanos(), TimeUnit.NANOSECONDS)) {
        throw new Failure(program() + " did not end within " + patience.toSeconds() + " s");
      }
      return process.exitValue() == 0 ? Optional.of(credential(said)) : none(process, said);
    } catch (TimeoutException e) {
      throw new Failure(program() + " did not answer within " + patience.toSeconds() + " s");
    } catch (ExecutionException e) {
      throw new Failure(program() + " could not be read");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Failure(program() + " was interrupted");
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }

  private String program() {
    return "docker-credential-" + name;
  }

  private Process start() throws Failure {
    if (!NAME.matcher(name).matches()) {
      throw new Failure("\"" + name + "\" is not the name of a credential helper");
    }
    Path file =
        path.stream()
            .map(directory -> directory.resolve(program()))
            .filter(Files::isExecutable)
            .findFirst()
            .orElseThrow(() -> new Failure(program() + " is not in the PATH"));
    ProcessBuilder builder =
        new ProcessBuilder(file.toString(), "get").redirectError(ProcessBuilder.Redirect.DISCARD);
    builder.environment().clear();
    builder.environment().putAll(environment);
    try {
      return builder.start();
    } catch (IOException e) {
      throw new Failure(program() + " cannot be run");
    }
  }

  private static void ask(Process process, String server) {
    try (OutputStream in = process.getOutputStream()) {
      in.write(server.getBytes(StandardCharsets.UTF_8));
    } catch (IOException endedEarly) {
      // its answer and exit code say the rest
    }
  }

  private static byte[] read(Process process) {
    try (var out = process.getInputStream()) {
      return out.readNBytes(MAX_BYTES);
    } catch (IOException e) {
      return new byte[0];
    }
  }

  private Optional<RegistryCredential> none(Process process, byte[] said) throws Failure {
    if (new String(said, StandardCharsets.UTF_8).contains(NOT_FOUND)) {
      return Optional.empty();
    }
    throw new Failure(program() + " failed with exit code " + process.exitValue());
  }

  private RegistryCredential credential(byte[] said) throws Failure {
    try {
      JsonNode answer = MAPPER.readTree(said);
      String username = answer.path("Username").asText("");
      String secret = answer.path("Secret").asText("");
      if (!secret.isEmpty()) {
        return username.equals("<token>")
            ? new RegistryCredential.IdentityToken(program(), secret)
            : new RegistryCredential.Password(program(), username, secret);
      }
    } catch (IOException notJson) {
      // said below, without the content
    }
    throw new Failure(program() + " gave an answer that is no credential");
  }
}
