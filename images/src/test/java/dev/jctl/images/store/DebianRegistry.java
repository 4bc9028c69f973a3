package dev.jctl.images.store;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/** Debian's docker-registry on a free port of loopback. */
final class DebianRegistry implements AutoCloseable {
  private static final Path PROGRAM = Path.of("/usr/bin/docker-registry");

  private final Process process;
  private final int port;

  private DebianRegistry(Process process, int port) {
    this.process = process;
    this.port = port;
  }

  /**
   * @param more of its configuration, such as {@code auth: …}
   */
  static DebianRegistry start(Path directory, String more) throws IOException {
    assumeTrue(Files.isExecutable(PROGRAM), "needs docker-registry");
    int port = freePort();
    Files.createDirectories(directory);
    Path config =
        Files.writeString(
            directory.resolve("registry.yml"),
            """
            version: 0.1
            log: {level: error}
            storage: {filesystem: {rootdirectory: %s}}
            http: {addr: "127.0.0.1:%d"}
            %s
            """
                .formatted(directory.resolve("content"), port, more));
    DebianRegistry registry =
        new DebianRegistry(
            new ProcessBuilder(PROGRAM.toString(), "serve", config.toString())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("log").toFile())
                .start(),
            port);
    Awaitility.await()
        .atMost(60, TimeUnit.SECONDS)
        .failFast("docker-registry ended", () -> !registry.process.isAlive())
        .until(registry::answers);
    return registry;
  }

  /**
   * Below those that the kernel hands out, so that nobody else is given it meanwhile, and below
   * those of the tests of other modules.
   */
  private static int freePort() {
    while (true) {
      int port = ThreadLocalRandom.current().nextInt(10_000, 20_000);
      try (ServerSocket _ = new ServerSocket(port)) {
        return port;
      } catch (IOException _) {
        // taken; another one
      }
    }
  }

  private boolean answers() {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return socket.isConnected();
    } catch (IOException e) {
      return false;
    }
  }

  String host() {
    return "127.0.0.1:" + port;
  }

  @Override
  public void close() {
    process.destroyForcibly();
    try {
      process.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
