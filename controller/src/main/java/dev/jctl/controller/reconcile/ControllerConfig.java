package dev.jctl.controller.reconcile;

import dev.jctl.controller.access.ApiAddress;
import dev.jctl.images.Keyring;
import dev.jctl.images.credential.UserKeyring;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * What the reconcilers must know of their surroundings.
 *
 * @param dataDir state that survives a restart of the machine
 * @param runDir state that does not
 * @param nodeName shown as the node of every Pod
 * @param hostIp shown as the address of the node
 * @param api where containers reach the API; empty where they cannot
 * @param authority certificate of who vouches for the API, PEM
 * @param login credentials of the user that the controller runs as
 * @param workers objects of one kind that are reconciled at the same time
 * @param resync how often at most everything is looked at again without an event
 */
public record ControllerConfig(
    Path dataDir,
    Path runDir,
    String nodeName,
    String hostIp,
    Optional<ApiAddress> api,
    String authority,
    Keyring login,
    int workers,
    Duration resync) {
  public ControllerConfig {
    if (workers < 1) {
      throw new IllegalArgumentException("workers must be at least 1: " + workers);
    }
  }

  public static ControllerConfig of(Path dataDir, Path runDir, String nodeName, String authority) {
    return new ControllerConfig(
        dataDir,
        runDir,
        nodeName,
        "127.0.0.1",
        Optional.empty(),
        authority,
        new UserKeyring(System.getenv()),
        12,
        Duration.ofSeconds(30));
  }

  /** The same with an API that containers reach. */
  public ControllerConfig withApi(Optional<ApiAddress> reached) {
    return new ControllerConfig(
        dataDir, runDir, nodeName, hostIp, reached, authority, login, workers, resync);
  }

  /** What is fetched of git repositories. */
  public Path repositories() {
    return dataDir.resolve("git");
  }

  /** Root of the containers' log directories. */
  public Path logs() {
    return dataDir.resolve("logs");
  }
}
