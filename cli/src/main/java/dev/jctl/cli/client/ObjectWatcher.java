package dev.jctl.cli.client;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Follows a collection on a thread of its own: each object as it is, then every change, across
 * watches that end and controllers that restart.
 */
public final class ObjectWatcher implements AutoCloseable {
  private final Api api;
  private final Target target;
  private final Consumer<WatchStream.Event> listener;
  private final Consumer<RuntimeException> failed;
  private final Map<String, JsonNode> known = new HashMap<>();
  private final Thread thread;
  private String since;
  private volatile boolean closed;

  /**
   * What the caller has seen: the listener hears of those that are gone by the first look.
   *
   * @param revision of the store at which all of them were seen: changes after it are told, without
   *     a look at all objects first. Empty: they were not seen at once.
   */
  public record Known(Collection<JsonNode> objects, String revision) {
    public static final Known NOTHING = new Known(List.of(), "");

    /** Objects as one transaction left them: none of them has changed before the newest did. */
    public static Known ofOneTransaction(Collection<JsonNode> objects) {
      return new Known(
          objects,
          objects.stream()
              .map(ObjectWatcher::revision)
              .max(Comparator.comparingLong(Long::parseLong))
              .orElse(""));
    }
  }

  private ObjectWatcher(
      Api api,
      Target target,
      Known known,
      Consumer<WatchStream.Event> listener,
      Consumer<RuntimeException> failed) {
    this.api = api;
    this.target = target;
    this.since = known.revision();
    known.objects().forEach(object -> this.known.put(uid(object), object));
    this.listener = listener;
    this.failed = failed;
    this.thread = new Thread(this::run, "watch " + target);
    thread.setDaemon(true);
  }

  /** The listener is called on that one thread; {@code failed} at most once, as the last. */
  public static ObjectWatcher start(
      Api api,
      Target target,
      Known known,
      Consumer<WatchStream.Event> listener,
      Consumer<RuntimeException> failed) {
    ObjectWatcher watcher = new ObjectWatcher(api.another(), target, known, listener, failed);
    watcher.thread.start();
    return watcher;
  }

  private void run() {
    try (api) {
      while (!closed) {
        follow(since.isEmpty() ? list() : since);
        since = "";
        pause();
      }
    } catch (RuntimeException e) {
      if (!closed) {
        failed.accept(e);
      }
    }
  }

  /** Tells what changed since the last look; returns the revision. */
  private String list() {
    Listing listing = api.list(target);
    Map<String, JsonNode> before = new HashMap<>(known);
    known.clear();
    for (JsonNode item : listing.items()) {
      known.put(uid(item), item);
      JsonNode old = before.remove(uid(item));
      if (old == null || !revision(old).equals(revision(item))) {
        listener.accept(new WatchStream.Event(old == null ? "ADDED" : "MODIFIED", item));
      }
    }
    before.values().forEach(gone -> listener.accept(new WatchStream.Event("DELETED", gone)));
    return listing.revision();
  }

  private void follow(String revision) {
    try (WatchStream watch = api.watch(target, revision)) {
      for (Optional<WatchStream.Event> next = watch.next();
          next.isPresent() && !closed;
          next = watch.next()) {
        WatchStream.Event event = next.get();
        switch (event.type()) {
          case "ERROR" -> {
            return; // Expired: list again
          }
          case "BOOKMARK" -> {}
          default -> changed(event);
        }
      }
    } catch (UnreachableException e) {
      // the next list has the patience for it
    }
  }

  private void changed(WatchStream.Event event) {
    if (event.isDeleted()) {
      known.remove(uid(event.object()));
    } else {
      known.put(uid(event.object()), event.object());
    }
    listener.accept(event);
  }

  /** Who answers each watch with its end is not asked all the time. */
  private static void pause() {
    try {
      Thread.sleep(100);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static String uid(JsonNode object) {
    return object.path("metadata").path("uid").asText("");
  }

  private static String revision(JsonNode object) {
    return object.path("metadata").path("resourceVersion").asText("");
  }

  /**
   * Ends the thread's read with it: a JVM that exits waits a third of a second for each thread that
   * is in one.
   */
  @Override
  public void close() {
    closed = true;
    thread.interrupt();
  }
}
