package dev.jctl.controller.api;

import dev.jctl.store.Entry;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The newest lines of watches, so that a change is encoded once however many watch it. Bounded: a
 * few changes, and none that is large.
 */
final class SharedLines {
  private static final int PLACES = 64;
  private static final int MOST_BYTES = 16 << 10;

  private final AtomicReferenceArray<@Nullable Line> places = new AtomicReferenceArray<>(PLACES);

  /** What a line depends on beside the object. */
  record Form(String type, Representation representation, Tables.Include include) {}

  @SuppressWarnings("ArrayRecordComponent") // made once, only read
  private record Line(Entry entry, Form form, byte[] bytes) {
    /** A key has one value at a revision. */
    boolean isOf(Entry other, Form form) {
      return entry.modRevision() == other.modRevision()
          && this.form.equals(form)
          && entry.key().equals(other.key());
    }
  }

  byte[] line(Entry entry, Form form, Supplier<byte[]> encode) {
    int place = Math.floorMod(Long.hashCode(entry.modRevision()) + form.hashCode(), PLACES);
    Line known = places.get(place);
    if (known != null && known.isOf(entry, form)) {
      return known.bytes();
    }
    byte[] bytes = encode.get();
    if (bytes.length <= MOST_BYTES) {
      places.set(place, new Line(entry, form, bytes));
    }
    return bytes;
  }
}
