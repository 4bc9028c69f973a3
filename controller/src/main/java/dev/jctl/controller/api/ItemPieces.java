package dev.jctl.controller.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.resources.ResourceCodec;
import dev.jctl.store.Store;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * The items of a list, as they are stored, strung together. In pieces: a list may be of many
 * megabytes, for which there may be no room in one place of the heap before all of it is collected.
 */
final class ItemPieces implements Store.ValueSink {
  private static final int FIRST_BYTES = 4 << 10;
  private static final int MOST_BYTES = 128 << 10;
  private static final byte[] ITEMS = ",\"items\":[".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] COMMA = {','};
  private static final byte[] END = {']', '}'};

  private final Consumer<byte[]> full;
  private byte[] piece = new byte[FIRST_BYTES];
  private int used;
  private boolean started;

  /**
   * @param head all of the list but {@code items}
   * @param full takes the pieces, which are one after the other the list
   */
  ItemPieces(ObjectNode head, Consumer<byte[]> full) {
    this.full = full;
    byte[] start = ResourceCodec.bytes(head);
    put(start, 0, start.length - 1);
    put(ITEMS, 0, ITEMS.length);
  }

  /** JSON, which is copied. */
  @Override
  public void take(byte[] item, int offset, int length) {
    if (started) {
      put(COMMA, 0, COMMA.length);
    }
    started = true;
    put(item, offset, length);
  }

  private void put(byte[] bytes, int offset, int length) {
    int done = 0;
    while (done < length) {
      if (used == piece.length) {
        full.accept(piece);
        piece = new byte[Math.min(MOST_BYTES, 2 * piece.length)];
        used = 0;
      }
      int some = Math.min(length - done, piece.length - used);
      System.arraycopy(bytes, offset + done, piece, used, some);
      used += some;
      done += some;
    }
  }

  /** When all items are there. */
  void end() {
    put(END, 0, END.length);
    full.accept(Arrays.copyOf(piece, used));
  }
}
