package dev.jctl.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.cli.client.ObjectWatcher;
import dev.jctl.cli.client.Target;
import dev.jctl.cli.client.WatchStream;
import dev.jctl.manifests.model.ResourceKind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BiPredicate;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Waits until each of some objects is as wanted, by one watch for each kind and namespace. */
final class ObjectWait {
  /**
   * {@code namespace} empty for kinds without one. Has its own methods: of a record's the JVM
   * generates code when they are first called, which takes as long as starting a container.
   */
  record Key(ResourceKind kind, String namespace, String name) {
    static Key of(JsonNode object) {
      JsonNode metadata = object.path("metadata");
      return new Key(
          ObjectName.kindOf(object),
          metadata.path("namespace").asText(""),
          metadata.path("name").asText(""));
    }

    ObjectName objectName() {
      return new ObjectName(kind, name);
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Key key
          && kind == key.kind
          && namespace.equals(key.namespace)
          && name.equals(key.name);
    }

    @Override
    public int hashCode() {
      return Objects.hash(kind, namespace, name);
    }

    @Override
    public String toString() {
      return namespace + " " + objectName();
    }
  }

  private sealed interface Signal {
    record Changed(WatchStream.Event event) implements Signal {}

    record Failed(RuntimeException why) implements Signal {}
  }

  /** What is known of one; {@code object} null: it does not exist. */
  record Seen(@Nullable JsonNode object) {}

  /** How the objects were looked at before the wait. */
  enum Start {
    /** One after the other: what changed meanwhile is found by another look. */
    ONE_BY_ONE,
    /** As one transaction left them. */
    AT_ONCE
  }

  private final Map<Key, Seen> latest = new LinkedHashMap<>();
  private final Set<Key> unfinished = new LinkedHashSet<>();
  private final Start how;
  private final BiPredicate<Key, Seen> done;
  private final Consumer<Map<Key, Seen>> onChange;

  /** Of objects that were looked up {@link Start#ONE_BY_ONE}. */
  ObjectWait(Map<Key, Seen> start, BiPredicate<Key, Seen> done, Consumer<Map<Key, Seen>> onChange) {
    this(start, Start.ONE_BY_ONE, done, onChange);
  }

  /**
   * @param start as known now
   * @param done whether one is as wanted
   * @param onChange called at the start and when one changed, at most ten times a second
   */
  ObjectWait(
      Map<Key, Seen> start,
      Start how,
      BiPredicate<Key, Seen> done,
      Consumer<Map<Key, Seen>> onChange) {
    this.how = how;
    this.done = done;
    this.onChange = onChange;
    start.forEach(this::put);
  }

  private void put(Key key, Seen seen) {
    latest.put(key, seen);
    if (done.test(key, seen)) {
      unfinished.remove(key);
    } else {
      unfinished.add(key);
    }
  }

  Map<Key, Seen> latest() {
    return latest;
  }

  Set<Key> unfinished() {
    return unfinished;
  }

  /**
   * @throws CommandFailure that names those that were not as wanted in time
   */
  void awaitAll(Invocation in, Duration timeout) throws InterruptedException {
    if (!await(in, timeout)) {
      throw new CommandFailure(
          ExitCode.TIMED_OUT,
          "timed out waiting for "
              + String.join(", ", unfinished.stream().map(Key::name).toList()));
    }
  }

  /** Returns whether all were as wanted in time. */
  boolean await(Invocation in, Duration timeout) throws InterruptedException {
    onChange.accept(latest);
    if (unfinished.isEmpty()) {
      return true;
    }
    LinkedBlockingQueue<Signal> signals = new LinkedBlockingQueue<>();
    List<ObjectWatcher> watchers = new ArrayList<>();
    for (Target target : targets()) {
      watchers.add(
          ObjectWatcher.start(
              in.api(),
              target,
              known(target.path()),
              event -> signals.add(new Signal.Changed(event)),
              why -> signals.add(new Signal.Failed(why))));
    }
    try {
      return drain(signals, System.nanoTime() + timeout.toNanos());
    } finally {
      watchers.forEach(ObjectWatcher::close);
    }
  }

  private boolean drain(LinkedBlockingQueue<Signal> signals, long deadline)
      throws InterruptedException {
    boolean changed = false;
    long nextShow = System.nanoTime();
    while (!unfinished.isEmpty()) {
      long now = System.nanoTime();
      if (now >= deadline) {
        return false;
      }
      if (changed && now >= nextShow) {
        onChange.accept(latest);
        changed = false;
        nextShow = now + 100_000_000;
      }
      long until = changed ? Math.min(deadline, nextShow) : deadline;
      Optional<Signal> signal =
          Optional.ofNullable(signals.poll(until - now, TimeUnit.NANOSECONDS));
      changed |= signal.isPresent() && take(signal.get());
    }
    onChange.accept(latest);
    return true;
  }

  private boolean take(Signal signal) {
    if (signal instanceof Signal.Failed failed) {
      throw failed.why();
    }
    WatchStream.Event event = ((Signal.Changed) signal).event();
    Key key = Key.of(event.object());
    if (!latest.containsKey(key)) {
      return false;
    }
    put(key, new Seen(event.isDeleted() ? null : event.object()));
    return true;
  }

  private ObjectWatcher.Known known(String path) {
    List<JsonNode> known = new ArrayList<>();
    for (Map.Entry<Key, Seen> entry : latest.entrySet()) {
      JsonNode object = entry.getValue().object();
      if (object != null && collection(entry.getKey()).path().equals(path)) {
        known.add(object);
      }
    }
    return how == Start.AT_ONCE
        ? ObjectWatcher.Known.ofOneTransaction(known)
        : new ObjectWatcher.Known(known, "");
  }

  private static Target collection(Key key) {
    return Target.of(key.kind(), key.namespace());
  }

  private Collection<Target> targets() {
    Map<String, Target> targets = new LinkedHashMap<>();
    for (Key key : unfinished) {
      Target target = collection(key);
      targets.put(target.path(), target);
    }
    return targets.values();
  }
}
