package dev.jctl.controller.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.resources.ResourceCodec;
import dev.jctl.store.Entry;
import dev.jctl.store.Key;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReferenceArray;
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
  private final Map<Form, Form> forms = new ConcurrentHashMap<>();

  /** What a thousand watches ask for one after the other. */
  private volatile @Nullable Latest latest;

  /** A key has one value at a revision. */
  private record Version(Key key, long revision) {
    static Version of(Entry entry) {
      return new Version(entry.key(), entry.modRevision());
    }
  }

  private record Line(Version version, Form form) {}

  /** What a line depends on beside the object. */
  record Form(String type, Representation representation, Tables.Include include) {}

  @SuppressWarnings("ArrayRecordComponent") // not compared
  private record Latest(Entry entry, Form form, byte[] line) {}

  /** That is equal, of which there is one, so that it can be compared by identity. */
  Form canonical(Form form) {
    return forms.computeIfAbsent(form, same -> same);
  }

  /** To be read only. */
  ObjectNode tree(Entry entry) {
    Version version = Version.of(entry);
    ObjectNode known = trees.find(version);
    if (known != null) {
      return known;
    }
    ObjectNode tree = ResourceCodec.tree(entry.value());
    if (!isLarge(entry)) {
      trees.keep(version, tree);
    }
    return tree;
  }

  /**
   * @param form canonical
   */
  @SuppressWarnings("ReferenceEquality") // another that is equal is found all the same
  byte @Nullable [] line(Entry entry, Form form) {
    Latest last = latest;
    return last != null && last.entry() == entry && last.form() == form
        ? last.line()
        : known(entry, form);
  }

  private byte @Nullable [] known(Entry entry, Form form) {
    return lines.find(new Line(Version.of(entry), form));
  }

  /** The same line. */
  byte[] keep(Entry entry, Form form, byte[] line) {
    if (!isLarge(entry)) {
      lines.keep(new Line(Version.of(entry), form), line);
      latest = new Latest(entry, form, line);
    }
    return line;
  }

  private static boolean isLarge(Entry entry) {
    return entry.value().length > MOST_BYTES;
  }

  /** Each key has one place, which it shares with others. */
  private static final class Recent<K, V> {
    private final AtomicReferenceArray<@Nullable Known<K, V>> places =
        new AtomicReferenceArray<>(KEPT);

    private record Known<K, V>(K key, V value) {}

    @Nullable V find(K key) {
      Known<K, V> known = places.get(place(key));
      return known != null && known.key().equals(key) ? known.value() : null;
    }

    void keep(K key, V value) {
      places.set(place(key), new Known<>(key, value));
    }

    private int place(K key) {
      return Math.floorMod(key.hashCode(), KEPT);
    }
  }
}
