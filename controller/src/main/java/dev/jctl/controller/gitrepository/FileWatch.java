package dev.jctl.controller.gitrepository;

import dev.jctl.controller.resources.ObjectRef;
import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who is to look again when files of the machine change (inotify(7)). What cannot be watched, for
 * want of watches, is found when its interval is over. For many threads.
 */
final class FileWatch implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(FileWatch.class);
  private static final int MAX_DIRECTORIES = 4096;

  private final Consumer<ObjectRef> changed;
  private final Set<ObjectRef> dirty = ConcurrentHashMap.newKeySet();
  private final Map<WatchKey, Set<ObjectRef>> lookers = new HashMap<>();
  private @Nullable WatchService service;
  private boolean closed;

  /** {@code changed}: told from a thread of its own. */
  FileWatch(Consumer<ObjectRef> changed) {
    this.changed = changed;
  }

  /** One object's look at its files: what is not seen again is no longer watched. */
  final class Look implements AutoCloseable {
    private final ObjectRef looker;
    private final Set<WatchKey> seen = new HashSet<>();

    private Look(ObjectRef looker) {
      this.looker = looker;
    }

    /** Before it is read: a change after that is told. */
    void at(Path directory) {
      if (seen.size() < MAX_DIRECTORIES) {
        watch(looker, directory, seen);
      }
    }

    @Override
    public void close() {
      keepOnly(looker, seen);
    }
  }

  Look look(ObjectRef looker) {
    dirty.remove(looker);
    return new Look(looker);
  }

  /** Whether something has changed since the last look. */
  boolean isDirty(ObjectRef looker) {
    return dirty.contains(looker);
  }

  void forget(ObjectRef looker) {
    keepOnly(looker, Set.of());
    dirty.remove(looker);
  }

  private synchronized void watch(ObjectRef looker, Path directory, Set<WatchKey> seen) {
    try {
      if (service == null && !closed) {
        service = FileSystems.getDefault().newWatchService();
        WatchService watched = service;
        Thread.ofPlatform().daemon().name("file-watch").start(() -> listen(watched));
      }
      if (service != null) {
        WatchKey key =
            directory.register(
                service,
                StandardWatchEventKinds.ENTRY_CREATE,
                StandardWatchEventKinds.ENTRY_MODIFY,
                StandardWatchEventKinds.ENTRY_DELETE);
        lookers.computeIfAbsent(key, k -> new HashSet<>()).add(looker);
        seen.add(key);
      }
    } catch (IOException | ClosedWatchServiceException e) {
      LOG.debug("{} is not watched: {}", directory, e.toString());
    }
  }

  private synchronized void keepOnly(ObjectRef looker, Set<WatchKey> kept) {
    lookers
        .entrySet()
        .removeIf(
            entry -> {
              if (!kept.contains(entry.getKey()) && entry.getValue().remove(looker)) {
                return cancelled(entry.getKey(), entry.getValue());
              }
              return false;
            });
  }

  private static boolean cancelled(WatchKey key, Set<ObjectRef> left) {
    if (left.isEmpty()) {
      key.cancel();
    }
    return left.isEmpty();
  }

  private void listen(WatchService watched) {
    try {
      while (true) {
        WatchKey key = watched.take();
        boolean concerns = key.pollEvents().stream().anyMatch(FileWatch::isVisible);
        key.reset();
        if (concerns) {
          tell(key);
        }
      }
    } catch (ClosedWatchServiceException e) {
      // the engine ends
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Editors write hidden files beside those that they change. */
  private static boolean isVisible(WatchEvent<?> event) {
    return !(event.context() instanceof Path name) || !name.toString().startsWith(".");
  }

  private void tell(WatchKey key) {
    Set<ObjectRef> told;
    synchronized (this) {
      told = Set.copyOf(lookers.getOrDefault(key, Set.of()));
    }
    dirty.addAll(told);
    told.forEach(changed);
  }

  @Override
  public synchronized void close() {
    closed = true;
    if (service != null) {
      try {
        service.close();
      } catch (IOException e) {
        LOG.debug("closing the watch of files: {}", e.toString());
      }
    }
  }
}
