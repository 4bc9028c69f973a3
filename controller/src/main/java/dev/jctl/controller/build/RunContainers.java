package dev.jctl.controller.build;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.Resources;
import dev.jctl.controller.resources.Resources.DeleteOptions;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.controller.status.Conditions;
import dev.jctl.controller.status.ObjectWriter;
import dev.jctl.controller.watch.ResourceCache;
import dev.jctl.images.ImageException;
import dev.jctl.images.LayerArchive;
import dev.jctl.manifests.model.ImageStatus;
import dev.jctl.manifests.model.ResourceKind;
import dev.jctl.shim.ContainerChanges;
import dev.jctl.shim.ContainerRuntime;
import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.spec.Observed;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/** Runs RUNs: makes their Pods, waits, and takes what they changed. */
final class RunContainers {
  private static final Duration LOOK = Duration.ofMillis(250);
  private static final Set<String> HOPELESS =
      Set.of("RunContainerError", "RuntimeError", "NoSpace", "InvalidNetworks", "PortTaken");

  /** What is said of an image that was just made, where some of it cannot be read any more. */
  private static final Set<String> LOST = Set.of("DigestMismatch", "NotFound");

  /** What it did may be half of it: the step is done again. */
  private static final String UNKNOWN = "ExitCodeUnknown";

  /** What a RUN has changed, and the paths that were mounted over meanwhile. */
  interface Changed<T> {
    T take(Iterator<LayerArchive.Entry> entries, Set<String> mountPoints);
  }

  private record End(int exitCode, String reason, String message) {}

  private final Resources resources;
  private final ResourceCache cache;
  private final ObjectChanges changes;
  private final ContainerRuntime runtime;
  private final ObjectWriter writer;
  private final Path logs;

  RunContainers(
      Resources resources,
      ResourceCache cache,
      ObjectChanges changes,
      ContainerRuntime runtime,
      Path logs) {
    this.resources = resources;
    this.cache = cache;
    this.changes = changes;
    this.runtime = runtime;
    this.writer = new ObjectWriter(resources);
    this.logs = logs;
  }

  /**
   * @throws BuildFailure with the step, how it ended, and the last lines that it said
   * @throws RuntimeFailure UNAVAILABLE when nobody knows how it ended
   * @throws ImageException DAMAGED when what is below could not be read
   */
  <T> T run(RunPods.Request request, String imageId, Consumer<String> log, Changed<T> changed)
      throws InterruptedException {
    ObjectRef imageRef = ref(ResourceKind.IMAGE, request);
    ObjectRef podRef = ref(ResourceKind.POD, request);
    try {
      var _ =
          writer
              .create(imageRef, RunPods.image(request, imageId))
              .orElseThrow(() -> taken(imageRef));
      StoredObject pod =
          writer.create(podRef, RunPods.pod(request)).orElseThrow(() -> taken(podRef));
      RunOutput output = new RunOutput(logFile(pod), log);
      End end = changes.await(podRef, RunContainers::end, LOOK, () -> meanwhile(imageRef, output));
      output.read();
      if (end.reason().equals(UNKNOWN)) {
        throw new RuntimeFailure(RuntimeFailure.Reason.UNAVAILABLE, end.message());
      }
      if (end.exitCode() != 0) {
        throw failure(request, end, output);
      }
      return taken(pod, changed);
    } finally {
      remove(podRef);
      remove(imageRef);
    }
  }

  private void meanwhile(ObjectRef image, RunOutput output) {
    output.read();
    cache
        .find(image)
        .flatMap(object -> object.status(ImageStatus.class))
        .filter(status -> LOST.contains(Conditions.reason(status.conditions(), "Ready")))
        .ifPresent(
            status -> {
              String why = Conditions.message(status.conditions(), "Ready");
              throw new ImageException(ImageException.Reason.DAMAGED, why);
            });
  }

  private static ObjectRef ref(ResourceKind kind, RunPods.Request request) {
    return new ObjectRef(kind, request.owner().namespace(), request.name());
  }

  private static BuildFailure taken(ObjectRef ref) {
    return new BuildFailure(
        "NameTaken", ref.kind().kind() + " " + ref.name() + " is there already; delete it");
  }

  private Path logFile(StoredObject pod) {
    return logs.resolve(pod.ref().namespace() + "_" + pod.ref().name() + "_" + pod.uid())
        .resolve(RunPods.CONTAINER)
        .resolve("0.log");
  }

  private static Optional<End> end(Optional<StoredObject> pod) {
    if (pod.isEmpty()) {
      return Optional.empty(); // not seen yet, or deleted: the build is then ended too
    }
    if (pod.get().isDeleting()) {
      return Optional.of(new End(-1, "Deleted", "its Pod was deleted"));
    }
    JsonNode state = pod.get().tree().at("/status/containerStatuses/0/state");
    JsonNode ended = state.path("terminated");
    if (ended.isObject()) {
      return Optional.of(
          new End(
              ended.path("exitCode").asInt(-1),
              ended.path("reason").asText(""),
              ended.path("message").asText("")));
    }
    JsonNode waiting = state.path("waiting");
    return HOPELESS.contains(waiting.path("reason").asText(""))
        ? Optional.of(
            new End(-1, waiting.path("reason").asText(), waiting.path("message").asText("")))
        : Optional.empty();
  }

  private static BuildFailure failure(RunPods.Request request, End end, RunOutput output) {
    StringBuilder message = new StringBuilder();
    message.append(request.step().at()).append(": ").append(request.step().text()).append(": ");
    message.append(end.exitCode() > 0 ? "exit code " + end.exitCode() : "failed: " + end.reason());
    if (end.reason().equals("OOMKilled")) {
      message.append(" (out of memory)");
    }
    if (!end.message().isEmpty()) {
      message.append(": ").append(end.message());
    }
    List<String> last = output.lastLines();
    if (!last.isEmpty()) {
      message.append("; its last lines:");
      last.forEach(line -> message.append('\n').append("  ").append(line));
    }
    return new BuildFailure("BuildFailed", message.toString());
  }

  private <T> T taken(StoredObject pod, Changed<T> changed) {
    Observed.Container container =
        runtime
            .sandbox(pod.uid())
            .flatMap(sandbox -> sandbox.containers().stream().findFirst())
            .orElseThrow(
                () ->
                    new BuildFailure("BuildFailed", "the container of " + pod.ref() + " is gone"));
    try (ContainerChanges entries =
        runtime.changes(container.spec().id(), ContainerRuntime.Reading.AS_IT_IS)) {
      return changed.take(new ArchiveEntries(entries), MountPoints.of(container.spec()));
    }
  }

  /** What an earlier build of the same Image left when its controller was killed. */
  void removeLeftovers(ObjectRef image, String uid) throws InterruptedException {
    for (ResourceKind kind : List.of(ResourceKind.POD, ResourceKind.IMAGE)) {
      for (StoredObject object : cache.list(kind, image.namespace())) {
        if (uid.equals(object.tree().at("/metadata/labels").path(RunPods.BUILD).asText())) {
          remove(object.ref());
          changes.await(
              object.ref(),
              now -> now.isPresent() ? Optional.empty() : Optional.of(Boolean.TRUE),
              LOOK,
              () -> {});
        }
      }
    }
  }

  private void remove(ObjectRef ref) {
    resources.find(ref).ifPresent(object -> writer.delete(object, DeleteOptions.DEFAULT));
  }
}
