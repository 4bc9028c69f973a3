package dev.jctl.controller.api;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.controller.resources.ApiException;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.Resources;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.controller.watch.ResourceCache;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What containers wrote, read from the runtime's log files as a kubelet does: it does not matter
 * whether the runtime, or this process, was away meanwhile.
 */
final class PodLogs {
  /** While someone follows. */
  private static final Duration POLL = Duration.ofMillis(100);

  private static final Duration CACHE_PATIENCE = Duration.ofSeconds(5);

  private final Resources resources;
  private final ResourceCache cache;
  private final Path logs;
  private final Clock clock;

  PodLogs(Resources resources, ResourceCache cache, Path logs, Clock clock) {
    this.resources = resources;
    this.cache = cache;
    this.logs = logs;
    this.clock = clock;
  }

  ApiReply reply(ObjectRef ref, ApiRequest request) {
    StoredObject pod = resources.get(ref);
    String container = PodContainers.choose(pod, request.query().text("container"));
    LogQuery query = LogQuery.of(request.query(), clock.instant());
    LogFiles files = new LogFiles(directory(pod).resolve(container));
    Optional<Integer> attempt = attempt(pod, container, files, query);
    return new ApiReply.Streamed(
        "text/plain",
        sink -> {
          if (attempt.isPresent()) {
            cache.awaitRevision(pod.revision(), CACHE_PATIENCE);
            new Reader(pod, container, files, query, sink).run(attempt.get());
          }
        });
  }

  private Path directory(StoredObject pod) {
    ObjectRef ref = pod.ref();
    return logs.resolve(ref.namespace() + "_" + ref.name() + "_" + pod.uid());
  }

  /** Empty when there is nothing to read and nothing to wait for. */
  private static Optional<Integer> attempt(
      StoredObject pod, String container, LogFiles files, LogQuery query) {
    List<Integer> attempts = files.attempts();
    if (query.previous()) {
      if (attempts.size() < 2) {
        throw ApiException.badRequest(
            "previous terminated container \""
                + container
                + "\" in pod \""
                + pod.ref().name()
                + "\" not found");
      }
      return Optional.of(attempts.get(attempts.size() - 2));
    }
    if (!attempts.isEmpty()) {
      return Optional.of(attempts.getLast());
    }
    Optional<JsonNode> status = PodContainers.status(pod, container);
    if (query.follow()) {
      return Optional.of(status.map(s -> s.path("restartCount").asInt()).orElse(0));
    }
    if (status.isEmpty() || status.get().path("state").has("waiting")) {
      throw ApiException.badRequest(
          "container \""
              + container
              + "\" in pod \""
              + pod.ref().name()
              + "\" is waiting to start"
              + PodContainers.because(status.orElse(null)));
    }
    return Optional.empty();
  }

  private final class Reader {
    private final StoredObject pod;
    private final String container;
    private final LogFiles files;
    private final LogQuery query;
    private final Streams.Sink sink;
    private final LogLines lines;

    Reader(StoredObject pod, String container, LogFiles files, LogQuery query, Streams.Sink sink) {
      this.pod = pod;
      this.container = container;
      this.files = files;
      this.query = query;
      this.sink = sink;
      this.lines = new LogLines(query);
    }

    void run(int first) throws IOException, InterruptedException {
      Optional<LogCursor> cursor = Optional.of(start(first));
      while (cursor.isPresent()) {
        try (LogCursor open = cursor.get()) {
          copy(open);
          cursor = query.follow() && !lines.isFull() ? next(open.attempt()) : Optional.empty();
        }
      }
    }

    private LogCursor start(int attempt) throws IOException {
      return query.tailLines().isPresent()
          ? LogCursor.atTail(files, attempt, query.tailLines().getAsLong())
          : LogCursor.atStart(files, attempt);
    }

    /** To the end of what there is, or, when following, of what there will be. */
    private void copy(LogCursor cursor) throws IOException, InterruptedException {
      while (true) {
        // looked at before reading: what was written before its end is then read
        boolean last = !query.follow() || hasEnded(cursor.attempt());
        drain(cursor);
        if (last || lines.isFull()) {
          return;
        }
        Thread.sleep(POLL);
      }
    }

    private void drain(LogCursor cursor) throws IOException {
      for (List<byte[]> read = cursor.read(); !read.isEmpty(); read = cursor.read()) {
        byte[] shown = lines.shown(read);
        if (shown.length > 0) {
          sink.write(shown);
        }
        if (lines.isFull()) {
          return;
        }
      }
    }

    private boolean hasEnded(int attempt) {
      Optional<StoredObject> now = current();
      if (now.isEmpty() || PodContainers.isOver(now.get())) {
        return true;
      }
      JsonNode status = PodContainers.status(now.get(), container).orElse(null);
      if (status == null) {
        return false;
      }
      int restarts = status.path("restartCount").asInt();
      return restarts > attempt
          || (restarts == attempt && !query.followRestarts() && isTerminated(status));
    }

    private static boolean isTerminated(JsonNode status) {
      return status.path("state").has("terminated")
          || status
              .path("state")
              .path("waiting")
              .path("reason")
              .asText("")
              .equals("CrashLoopBackOff");
    }

    private Optional<StoredObject> current() {
      return cache.find(pod.ref()).filter(now -> now.uid().equals(pod.uid()));
    }

    private Optional<LogCursor> next(int attempt) {
      Optional<StoredObject> now = current();
      if (!query.followRestarts() || now.isEmpty()) {
        return Optional.empty();
      }
      int restarts =
          PodContainers.status(now.get(), container)
              .map(status -> status.path("restartCount").asInt())
              .orElse(0);
      return restarts > attempt
          ? Optional.of(LogCursor.atStart(files, nextAttempt(attempt, restarts)))
          : Optional.empty();
    }

    /** Attempts that came and went between two looks are read too, when they left a log. */
    private int nextAttempt(int attempt, int restarts) {
      return files.attempts().stream()
          .filter(a -> a > attempt && a <= restarts)
          .findFirst()
          .orElse(restarts);
    }
  }
}
