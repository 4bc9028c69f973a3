package dev.jctl.controller.pod;

import dev.jctl.shim.ContainerRuntime;
import dev.jctl.shim.spec.PortSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which ports are published, by sandbox: read from the runtime once and after each loss of contact,
 * because asking costs a look at all rules.
 */
final class PublishedPorts {
  private final ContainerRuntime runtime;
  private @Nullable Map<String, List<PortSpec>> bySandbox;

  PublishedPorts(ContainerRuntime runtime) {
    this.runtime = runtime;
  }

  synchronized List<PortSpec> of(String sandboxId) {
    return known().getOrDefault(sandboxId, List.of());
  }

  private Map<String, List<PortSpec>> known() {
    if (bySandbox == null) {
      Map<String, List<PortSpec>> read = new HashMap<>();
      for (PortSpec port : runtime.ports().ports()) {
        read.computeIfAbsent(port.sandboxId(), k -> new ArrayList<>()).add(port);
      }
      bySandbox = read;
    }
    return bySandbox;
  }

  /** Fails as {@link ContainerRuntime#publishPorts}. */
  void publish(String sandboxId, List<PortSpec> ports) {
    runtime.publishPorts(sandboxId, ports);
    set(sandboxId, ports);
  }

  private synchronized void set(String sandboxId, List<PortSpec> ports) {
    if (ports.isEmpty()) {
      known().remove(sandboxId);
    } else {
      known().put(sandboxId, List.copyOf(ports));
    }
  }

  /** Its ports went with it. */
  void removed(String sandboxId) {
    set(sandboxId, List.of());
  }

  synchronized void forget() {
    bySandbox = null;
  }
}
