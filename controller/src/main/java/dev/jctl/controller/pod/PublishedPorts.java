package dev.jctl.controller.pod;

import dev.jctl.controller.network.SandboxPods;
import dev.jctl.shim.ContainerRuntime;
import dev.jctl.shim.RuntimeFailure;
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
  private static final String ANOTHER_ADDRESS =
      "; give it that address, or publish on one that it has";

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

  /**
   * Fails as {@link ContainerRuntime#publishPorts}; who has a port that is taken is a Pod by name.
   */
  void publish(String sandboxId, List<PortSpec> ports) {
    try {
      runtime.publishPorts(sandboxId, ports);
    } catch (RuntimeFailure e) {
      throw switch (e.reason()) {
        case PORT_TAKEN -> taken(e);
        case NOT_FOUND -> new RuntimeFailure(e.reason(), e.getMessage() + ANOTHER_ADDRESS, e);
        default -> e;
      };
    }
    set(sandboxId, ports);
  }

  private RuntimeFailure taken(RuntimeFailure e) {
    String holder = SandboxPods.named(runtime, String.valueOf(e.getMessage()));
    return new RuntimeFailure(e.reason(), holder + "; publish another port, or free this one", e);
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
