package dev.jctl.controller.event;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.controller.event.EventTrees.Happening;
import dev.jctl.controller.resources.ApiException;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.Resources;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.controller.status.ObjectWriter;
import dev.jctl.controller.status.Times;
import dev.jctl.controller.watch.ResourceCache;
import dev.jctl.manifests.model.ResourceKind;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes Events behind the callers' backs, in order, on one virtual thread that lives only while
 * there is something to write. When the queue is full the oldest waiting ones are lost: an Event is
 * news, not state.
 */
public final class StoredEvents implements EventRecorder {
  private static final Logger LOG = LoggerFactory.getLogger(StoredEvents.class);
  private static final int MAX_WAITING = 2000;
  private static final int MAX_PER_OBJECT = 50;
  private static final Duration LIFETIME = Duration.ofHours(1);

  private final Resources resources;
  private final ResourceCache cache;
  private final InstantSource clock;
  private final String host;
  private final Deque<Happening> waiting = new ArrayDeque<>();
  private boolean writing;

  public StoredEvents(Resources resources, ResourceCache cache, InstantSource clock, String host) {
    this.resources = resources;
    this.cache = cache;
    this.clock = clock;
    this.host = host;
  }

  @Override
  public void record(StoredObject about, Type type, String reason, String message) {
    synchronized (waiting) {
      if (waiting.size() == MAX_WAITING) {
        waiting.removeFirst();
      }
      waiting.addLast(new Happening(about.ref(), about.uid(), type, reason, message));
      if (!writing) {
        writing = true;
        Thread.ofVirtual().name("events").start(this::writeAll);
      }
    }
  }

  private void writeAll() {
    for (Happening next = poll(); next != null; next = poll()) {
      try {
        write(next);
      } catch (ApiException e) {
        // The namespace is going, and its objects' news with it.
        LOG.debug("event {} about {} is not kept: {}", next.reason(), next.about(), e.getMessage());
      } catch (RuntimeException e) {
        LOG.warn("event {} about {} is lost: {}", next.reason(), next.about(), e.toString());
      }
    }
  }

  private @Nullable Happening poll() {
    synchronized (waiting) {
      Happening next = waiting.pollFirst();
      writing = next != null;
      return next;
    }
  }

  private void write(Happening what) {
    Instant now = clock.instant();
    ObjectRef ref = what.ref();
    Resources.WriteOptions options = Resources.WriteOptions.by(ObjectWriter.FIELD_MANAGER);
    if (resources.find(ref).isEmpty()) {
      resources.create(ref, EventTrees.first(what, now, host), options);
      return;
    }
    resources.update(
        ref,
        tree -> {
          EventTrees.again(tree, now);
          return tree;
        },
        options);
  }

  /** Removes what is old, and the oldest of objects that have too many. */
  public void expire() {
    Map<String, List<StoredObject>> byObject = new HashMap<>();
    Instant oldest = clock.instant().minus(LIFETIME);
    for (StoredObject event : cache.list(ResourceKind.EVENT, null)) {
      if (lastSeen(event).map(t -> t.isBefore(oldest)).orElse(false)) {
        remove(event);
      } else {
        JsonNode uid = event.tree().path("involvedObject").path("uid");
        byObject.computeIfAbsent(uid.asText(), k -> new ArrayList<>()).add(event);
      }
    }
    byObject.values().forEach(this::bound);
  }

  private void bound(List<StoredObject> events) {
    if (events.size() > MAX_PER_OBJECT) {
      events.sort(Comparator.comparing(e -> lastSeen(e).orElse(Instant.EPOCH)));
      events.subList(0, events.size() - MAX_PER_OBJECT).forEach(this::remove);
    }
  }

  private static Optional<Instant> lastSeen(StoredObject event) {
    return Times.parse(event.tree().path("lastTimestamp").asText());
  }

  private void remove(StoredObject event) {
    try {
      resources.delete(event.ref(), Resources.DeleteOptions.DEFAULT);
    } catch (ApiException e) {
      LOG.debug("event {} is not removed: {}", event.ref(), e.getMessage());
    }
  }
}
