package dev.jctl.images.credential;

import dev.jctl.images.Keyring;
import dev.jctl.images.RegistryAuth;
import dev.jctl.images.RegistryCredential;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What the user has logged in to, read at each look: {@code $DOCKER_CONFIG/config.json}, {@code
 * $REGISTRY_AUTH_FILE}, {@code ~/.docker/config.json} and {@code ~/.config/containers/auth.json}.
 */
public final class UserKeyring implements Keyring {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final int MAX_BYTES = 1 << 20;

  private final Map<String, String> environment;
  private final Duration patience;

  public UserKeyring(Map<String, String> environment) {
    this(environment, PATIENCE);
  }

  UserKeyring(Map<String, String> environment, Duration patience) {
    this.environment = Map.copyOf(environment);
    this.patience = patience;
  }

  @Override
  public RegistryAuth find(String registry, String repository) {
    Look look = new Look(registry, repository);
    List<Path> files = files();
    files.stream().filter(Files::exists).forEach(look::in);
    if (look.credentials.isEmpty() && look.remarks.isEmpty()) {
      String names = String.join(", ", files.stream().map(Path::toString).toList());
      return new RegistryAuth(List.of(), List.of("none for " + registry + " in " + names));
    }
    return new RegistryAuth(look.credentials, look.remarks);
  }

  private final class Look {
    private final String registry;
    private final String repository;
    private final List<RegistryCredential> credentials = new ArrayList<>();
    private final List<String> remarks = new ArrayList<>();

    Look(String registry, String repository) {
      this.registry = registry;
      this.repository = repository;
    }

    void in(Path file) {
      try (var in = Files.newInputStream(file)) {
        DockerConfig config = DockerConfig.parse(file.toString(), in.readNBytes(MAX_BYTES));
        config.helper(registry).ifPresent(this::ask);
        credentials.addAll(config.find(registry, repository));
      } catch (IOException e) {
        remarks.add(file + " cannot be read");
      } catch (IllegalArgumentException e) {
        remarks.add(String.valueOf(e.getMessage()));
      }
    }

    private void ask(String helper) {
      try {
        new CredentialHelper(helper, path(), environment, patience)
            .get(registry)
            .ifPresent(credentials::add);
      } catch (CredentialHelper.Failure e) {
        remarks.add(String.valueOf(e.getMessage()));
      }
    }
  }

  private List<Path> path() {
    return Stream.of(environment.getOrDefault("PATH", "").split(File.pathSeparator, -1))
        .filter(directory -> directory.startsWith("/"))
        .map(Path::of)
        .toList();
  }

  /** In the order in which they are looked at; only absolute paths. */
  private List<Path> files() {
    Set<Path> files = new LinkedHashSet<>();
    String home = environment.getOrDefault("HOME", "");
    add(files, environment.getOrDefault("DOCKER_CONFIG", ""), "config.json");
    add(files, environment.getOrDefault("REGISTRY_AUTH_FILE", ""), "");
    add(files, home, ".docker/config.json");
    add(files, home, ".config/containers/auth.json");
    return List.copyOf(files);
  }

  private static void add(Set<Path> files, String directory, String name) {
    if (directory.startsWith("/")) {
      files.add(Path.of(directory).resolve(name).normalize());
    }
  }
}
