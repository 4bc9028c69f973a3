package dev.jctl.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.cli.client.Api;
import dev.jctl.cli.client.Patience;
import dev.jctl.cli.client.Target;
import dev.jctl.manifests.json.Json;
import dev.jctl.manifests.model.ResourceKind;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Writes to an engine as many clients at once do, so that the AOT cache of its controller knows
 * which code is worth the second compiler. A build runs it once; nobody else does.
 */
public final class TrainingWrites {
  private static final int CLIENTS = 32;
  private static final int WRITES_OF_EACH = 1_250;
  private static final int VALUE_CHARACTERS = 500;
  private static final String NAMESPACE = "default";

  private TrainingWrites() {}

  /** Argument: the socket of an engine. */
  public static void main(String[] args) throws InterruptedException, ExecutionException {
    Path socket = Path.of(args[0]);
    try (ExecutorService clients = Executors.newFixedThreadPool(CLIENTS)) {
      List<Future<?>> all = new ArrayList<>();
      for (int i = 0; i < CLIENTS; i++) {
        String name = "training-" + i;
        all.add(clients.submit(() -> write(socket, name)));
      }
      for (Future<?> client : all) {
        client.get();
      }
    }
  }

  private static void write(Path socket, String name) {
    try (Api api = new Api(socket, Patience.NONE)) {
      Target object = Target.of(ResourceKind.CONFIG_MAP, NAMESPACE, name);
      api.post(Target.of(ResourceKind.CONFIG_MAP, NAMESPACE), configMap(name, -1));
      for (int i = 0; i < WRITES_OF_EACH; i++) {
        api.put(object, configMap(name, i));
      }
      api.delete(object, Json.object());
    }
  }

  private static ObjectNode configMap(String name, int number) {
    ObjectNode map = Json.object().put("apiVersion", "v1").put("kind", "ConfigMap");
    map.putObject("metadata").put("name", name);
    map.putObject("data").put("v", number + "x".repeat(VALUE_CHARACTERS));
    return map;
  }
}
