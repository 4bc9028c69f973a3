package dev.jctl.controller.build;

import dev.jctl.controller.queue.TagLookups;
import dev.jctl.controller.resources.ApiException;
import dev.jctl.controller.resources.Resources;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.controller.status.ObjectWriter;
import dev.jctl.controller.watch.ResourceCache;
import dev.jctl.images.ImageException;
import dev.jctl.images.ImageStore;
import dev.jctl.images.ImageStore.StoredImage;
import dev.jctl.images.dockerfile.DockerfileException;
import dev.jctl.manifests.model.ImageBuildSpec;
import dev.jctl.shim.ContainerRuntime;
import dev.jctl.shim.RuntimeFailure;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All builds that run or have ended, one for each Image. */
public final class Builds implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Builds.class);
  private static final int AT_ONCE = 4;
  private static final Duration RUNTIME_AWAY = Duration.ofSeconds(1);

  /** A disk that goes on damaging what it is given is not worth more. */
  private static final int MAX_DAMAGES = 3;

  /** How far a build is. */
  public sealed interface State {
    /** {@code progress}: which step of how many. */
    record Running(String progress) implements State {}

    record Done(StoredImage image) implements State {}

    /** {@code mayPass}: what is missing, or room, may be there later. */
    record Failed(String reason, String message, boolean mayPass) implements State {}
  }

  /**
   * What is to be built; another revision of it is another build.
   *
   * @param revision of the spec and of the request to build again
   * @param changed called when the state has changed
   */
  public record Request(
      StoredObject object,
      String revision,
      ImageBuildSpec spec,
      List<String> pullSecrets,
      Runnable changed) {}

  private static final class Build {
    private final String revision;
    private volatile State state = new State.Running("waiting");
    private @Nullable Thread thread;

    Build(String revision) {
      this.revision = revision;
    }
  }

  private final BuildJob.Tools tools;
  private final Path logs;
  private final LostImages lost;
  private final Semaphore slots = new Semaphore(AT_ONCE);
  private final Map<String, Build> builds = new ConcurrentHashMap<>();

  /**
   * @param data the instance's directory
   * @param lookups where registries are asked for what a base image is by now
   * @param unpacker brings an image's layers to the runtime
   */
  public Builds(
      Resources resources,
      ResourceCache cache,
      ContainerRuntime runtime,
      ImageStore images,
      TagLookups lookups,
      KeptImages kept,
      java.util.function.Consumer<StoredImage> unpacker,
      LostImages lost,
      Path data) {
    ObjectChanges changes = new ObjectChanges(cache);
    this.logs = data.resolve("logs");
    this.lost = lost;
    this.tools =
        new BuildJob.Tools(
            images,
            new BaseImages(cache, changes, new ObjectWriter(resources), images, lookups, slots),
            new RunContainers(resources, cache, changes, runtime, data.resolve("logs")),
            new StepMounts(resources, kept, unpacker::accept, runtime, data),
            new Repositories(data.resolve("build-git")),
            kept);
  }

  /**
   * Where the lines of an Image's last build are.
   *
   * @param logs where the containers' logs are too
   */
  public static Path log(Path logs, String uid) {
    return logs.resolve("builds").resolve(uid + ".log");
  }

  /** Begins it unless this very revision runs or has ended. */
  public State state(Request request) {
    return builds.compute(
            request.object().uid(),
            (uid, known) -> {
              if (known != null && known.revision.equals(request.revision())) {
                return known;
              }
              if (known != null) {
                cancel(known);
              }
              return begin(request);
            })
        .state;
  }

  /** Its log begins anew before anybody is told that it runs. */
  private Build begin(Request request) {
    Build build = new Build(request.revision());
    BuildLog log =
        new BuildLog(
            log(logs, request.object().uid()),
            progress -> {
              build.state = new State.Running(progress);
              request.changed().run();
            });
    build.thread =
        Thread.ofVirtual()
            .name("build-" + request.object().ref().name())
            .start(() -> run(request, build, log));
    return build;
  }

  private void run(Request request, Build build, BuildLog log) {
    try (log) {
      slots.acquire();
      try {
        build.state = new State.Done(built(request, log));
      } finally {
        slots.release();
      }
    } catch (InterruptedException e) {
      return; // nobody asks for it any more
    } catch (RuntimeException e) {
      build.state = failed(request, e);
    }
    request.changed().run();
  }

  private StoredImage built(Request request, BuildLog log) throws InterruptedException {
    StoredObject object = request.object();
    BuildTarget target = new BuildTarget(object.ref(), object.uid(), request.revision());
    try {
      for (int damages = 0; ; ) {
        try {
          return new BuildJob(tools, target, request.spec(), request.pullSecrets(), log).run();
        } catch (RuntimeFailure e) {
          if (e.reason() != RuntimeFailure.Reason.UNAVAILABLE) {
            throw e;
          }
          log.line(e.getMessage() + "; the build goes on from its last step when it is back");
          Thread.sleep(RUNTIME_AWAY);
        } catch (ImageException e) {
          if (e.reason() != ImageException.Reason.DAMAGED || ++damages == MAX_DAMAGES) {
            throw e;
          }
          log.line(String.valueOf(e.getMessage()));
          lost.bringAgain();
        }
      }
    } catch (RuntimeException e) {
      log.line("failed: " + e.getMessage());
      throw e;
    } finally {
      tools.bases().forget(target);
    }
  }

  private static State failed(Request request, RuntimeException e) {
    String message = String.valueOf(e.getMessage());
    return switch (e) {
      case BuildFailure failure ->
          new State.Failed(failure.reason(), message, BuildFailure.mayPass(failure.reason()));
      case DockerfileException wrong -> new State.Failed("BadDockerfile", message, false);
      case ImageException image ->
          failed(message, image.reason() == ImageException.Reason.NO_SPACE);
      case RuntimeFailure runtime ->
          failed(message, runtime.reason() == RuntimeFailure.Reason.NO_SPACE);
      case ApiException api -> new State.Failed("BuildFailed", message, false);
      default -> {
        LOG.error("build of {} failed", request.object().ref(), e);
        yield new State.Failed("BuildFailed", "internal error: " + e, false);
      }
    };
  }

  /** Where there was no room there may be some later. */
  private static State failed(String message, boolean full) {
    return new State.Failed(full ? "NoSpace" : "BuildFailed", message, full);
  }

  private static void cancel(Build build) {
    Thread thread = build.thread;
    if (thread != null) {
      thread.interrupt();
    }
  }

  /** The result was taken, or nobody wants it any more. */
  public void forget(String uid) {
    Build build = builds.remove(uid);
    if (build != null) {
      cancel(build);
    }
  }

  /** Also what it said. */
  public void remove(String uid) {
    forget(uid);
    tools.mounts().removeCopies(uid);
    Path log = log(logs, uid);
    try {
      Files.deleteIfExists(log);
    } catch (IOException e) {
      throw new UncheckedIOException("remove " + log, e);
    }
  }

  @Override
  public void close() {
    builds.values().forEach(Builds::cancel);
  }
}
