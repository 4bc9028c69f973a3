package dev.jctl.controller.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.resources.ResourceCodec;
import dev.jctl.store.Entry;
import dev.jctl.store.Key;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What watches make of the newest changes, so that a change is decoded and encoded once however
 * many watch it. Bounded: a few changes, and none that is large.
 */
final class SharedEvents {
  private static final int KEPT = 64;
  private static final int MOST_BYTES = 16 << 10;

  private final Recent<Version, ObjectNode> trees = new Recent<>();
  private final Recent<Line, byte[]> lines = new Recent<>();

  /** A key has one value at a revision. */
  private record Version(Key key, long revision) {
    static Version of(Entry entry) {
      return new Version(entry.key(), entry.modRevision());
    }
  }

  private record Line(Version version, Form form) {}

  /** What a line depends on beside the object. */
  record Form(String type, Representation representation, Tables.Include include) {}

  /** To be read only. */
  ObjectNode tree(Entry entry) {
    return isLarge(entry)
        ? ResourceCodec.tree(entry.value())
        : trees.of(Version.of(entry), () -> ResourceCodec.tree(entry.value()));
  }

  byte[] line(Entry entry, Form form, Supplier<byte[]> encode) {
    return isLarge(entry) ? encode.get() : lines.of(new Line(Version.of(entry), form), encode);
  }

  private static boolean isLarge(Entry entry) {
    return entry.value().length > MOST_BYTES;
  }

  /** Each key has one place, which it shares with others. */
  private static final class Recent<K, V> {
    private final AtomicReferenceArray<@Nullable Known<K, V>> places =
        new AtomicReferenceArray<>(KEPT);

    private record Known<K, V>(K key, V value) {}

    V of(K key, Supplier<V> make) {
      int place = Math.floorMod(key.hashCode(), KEPT);
      Known<K, V> known = places.get(place);
      if (known != null && known.key().equals(key)) {
        return known.value();
      }
      V value = make.get();
      places.set(place, new Known<>(key, value));
      return value;
    }
  }
}
