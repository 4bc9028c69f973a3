package dev.jctl.shim.local;

import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.exec.LinuxLauncher;
import dev.jctl.shim.network.LinuxNetworking;
import dev.jctl.shim.rpc.RpcServer;
import dev.jctl.shim.supervise.IdleHeap;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The shim's process: {@code [--data-dir DIR] [--run-dir DIR]}, or {@code JCTL_DATA_DIR} and {@code
 * JCTL_RUN_DIR}. Serves the runtime on {@code shim.sock} in the run directory until SIGTERM;
 * containers go on without it. Exit codes: 1 when it cannot start, 2 for bad arguments.
 */
public final class ShimMain {
  private static final Logger LOG = LoggerFactory.getLogger(ShimMain.class);

  private ShimMain() {}

  record Arguments(Path data, Path run) {
    /** Empty when they cannot be understood. */
    static Optional<Arguments> parse(String[] arguments, Map<String, String> environment) {
      Path data = Path.of(environment.getOrDefault("JCTL_DATA_DIR", "/var/lib/jctl"));
      Path run = Path.of(environment.getOrDefault("JCTL_RUN_DIR", "/run/jctl"));
      for (int i = 0; i < arguments.length; i += 2) {
        if (i + 1 == arguments.length) {
          return Optional.empty();
        }
        switch (arguments[i]) {
          case "--data-dir" -> data = Path.of(arguments[i + 1]);
          case "--run-dir" -> run = Path.of(arguments[i + 1]);
          default -> {
            return Optional.empty();
          }
        }
      }
      return Optional.of(new Arguments(data, run));
    }
  }

  public static void main(String[] arguments) throws InterruptedException {
    Optional<Arguments> parsed = Arguments.parse(arguments, System.getenv());
    if (parsed.isEmpty()) {
      System.err.println("usage: jctl-runtime-shim [--data-dir DIR] [--run-dir DIR]");
      System.exit(2);
      return;
    }
    try {
      serve(parsed.get());
    } catch (RuntimeFailure | IOException e) {
      LOG.error("cannot start: {}", e.getMessage());
      System.exit(1);
    }
    Thread.currentThread().join();
  }

  private static void serve(Arguments arguments) throws IOException {
    LocalRuntime runtime =
        LocalRuntime.start(
            arguments.data(), arguments.run(), new LinuxLauncher(), LinuxNetworking::new);
    Path socket = new Places(arguments.data(), arguments.run()).socket();
    RpcServer server = RpcServer.start(runtime, socket);
    Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(server, runtime), "stop"));
    var _ = IdleHeap.watch(() -> {});
    LOG.info("serving on {}", socket);
  }

  private static void stop(RpcServer server, LocalRuntime runtime) {
    try {
      server.close();
    } catch (IOException e) {
      LOG.warn("close: {}", e.getMessage());
    }
    runtime.close();
  }
}
