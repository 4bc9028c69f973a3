package dev.jctl.controller.node;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.queue.Outcome;
import dev.jctl.controller.queue.Reconciler;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.Resources;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.controller.status.ObjectWriter;
import dev.jctl.images.Platforms;
import dev.jctl.manifests.model.ResourceKind;
import dev.jctl.shim.ContainerRuntime;
import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.spec.Observed;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;

/** Keeps a Node of this machine's name, as kubelet does; other Nodes are left alone. */
public final class NodeReconciler implements Reconciler {
  private static final Duration RUNTIME_AGAIN = Duration.ofSeconds(5);

  private final Resources resources;
  private final ContainerRuntime runtime;
  private final ObjectWriter writer;
  private final String name;
  private final String hostIp;
  private final InstantSource clock;

  public NodeReconciler(
      Resources resources,
      ContainerRuntime runtime,
      String name,
      String hostIp,
      InstantSource clock) {
    this.resources = resources;
    this.runtime = runtime;
    this.writer = new ObjectWriter(resources);
    this.name = name;
    this.hostIp = hostIp;
    this.clock = clock;
  }

  @Override
  public Outcome reconcile(ObjectRef ref) {
    if (!ref.name().equals(name)) {
      return Outcome.DONE;
    }
    Optional<StoredObject> found = resources.find(ref).or(() -> writer.create(ref, node()));
    if (found.isEmpty()) {
      return new Outcome.Retry();
    }
    Optional<Observed.Host> host = host();
    writer.status(
        found.get(),
        NodeStatusView.of(
            found.get().tree().path("status"),
            name,
            hostIp,
            Machine.read(),
            host,
            clock.instant()));
    return host.isPresent() ? Outcome.DONE : Outcome.again(RUNTIME_AGAIN);
  }

  private Optional<Observed.Host> host() {
    try {
      return Optional.of(runtime.host());
    } catch (RuntimeFailure unavailable) {
      return Optional.empty();
    }
  }

  private ObjectNode node() {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.put("apiVersion", ResourceKind.NODE.apiVersion()).put("kind", ResourceKind.NODE.kind());
    ObjectNode metadata = node.putObject("metadata").put("name", name);
    metadata
        .putObject("labels")
        .put("kubernetes.io/hostname", name.length() <= 63 ? name : name.substring(0, 63))
        .put("kubernetes.io/os", "linux")
        .put("kubernetes.io/arch", Platforms.hostArchitecture());
    node.putObject("spec");
    return node;
  }
}
