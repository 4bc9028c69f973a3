package dev.jctl.controller.snapshot;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.controller.probe.Checks;
import dev.jctl.controller.probe.ProbeResult;
import dev.jctl.controller.probe.ProbeSpec;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.controller.watch.ResourceCache;
import dev.jctl.manifests.model.ResourceKind;
import dev.jctl.manifests.model.VolumeSnapshotSpec.Hook;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Has those who write to a volume get ready for its copy, by commands in their containers. */
final class SnapshotHooks {
  private static final int DEFAULT_SECONDS = 30;

  private final ResourceCache cache;
  private final Checks checks;

  SnapshotHooks(ResourceCache cache, Checks checks) {
    this.cache = cache;
    this.checks = checks;
  }

  /** Empty when it succeeded, or there is none; else why it did not. */
  Optional<String> before(Hook hook, String namespace) {
    return run("before", hook.before(), hook, namespace);
  }

  Optional<String> after(Hook hook, String namespace) {
    return run("after", hook.after(), hook, namespace);
  }

  private Optional<String> run(
      String which, @Nullable List<String> command, Hook hook, String namespace) {
    if (command == null || command.isEmpty()) {
      return Optional.empty();
    }
    String what = "spec.hook." + which + " in Pod " + hook.pod() + ": ";
    Optional<StoredObject> pod = cache.find(new ObjectRef(ResourceKind.POD, namespace, hook.pod()));
    if (pod.isEmpty()) {
      return Optional.of(what + "there is none in namespace " + namespace);
    }
    Optional<String> container = container(pod.get().tree(), hook.container());
    if (container.isEmpty()) {
      return Optional.of(
          what + "container " + Objects.requireNonNullElse(hook.container(), "") + " does not run");
    }
    Duration limit =
        Duration.ofSeconds(Objects.requireNonNullElse(hook.timeoutSeconds(), DEFAULT_SECONDS));
    return switch (checks.run(
        pod.get().uid(), container.get(), new ProbeSpec.Check.Exec(command), limit)) {
      case ProbeResult.Success success -> Optional.empty();
      case ProbeResult.Failure(var message) -> Optional.of(what + message);
    };
  }

  /** The id of the one of that name, or of the first, if it runs. */
  private static Optional<String> container(JsonNode pod, @Nullable String name) {
    return pod.at("/status/containerStatuses")
        .valueStream()
        .filter(c -> name == null || c.path("name").asText().equals(name))
        .findFirst()
        .filter(c -> c.path("state").has("running"))
        .map(c -> c.path("containerID").asText().replaceFirst("^[a-z]+://", ""));
  }
}
