package dev.jctl.controller.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.resources.ResourceCodec;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The items of a list, as they are stored, strung together. In pieces: a list may be of many
 * megabytes, for which there may be no room in one place of the heap before all of it is collected.
 */
final class ItemPieces {
  private static final int FIRST_BYTES = 4 << 10;
  private static final int MOST_BYTES = 128 << 10;
  private static final byte[] ITEMS = ",\"items\":[".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] COMMA = {','};
  private static final byte[] END = {']', '}'};

  private final List<byte[]> full = new ArrayList<>();
  private byte[] piece = new byte[FIRST_BYTES];
  private int used;
  private boolean started;

  /** JSON, which is copied. */
  void add(byte[] item, int offset, int length) {
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
        full.add(piece);
        piece = new byte[Math.min(MOST_BYTES, 2 * piece.length)];
        used = 0;
      }
      int some = Math.min(length - done, piece.length - used);
      System.arraycopy(bytes, offset + done, piece, used, some);
      used += some;
      done += some;
    }
  }

  /**
   * The list, when all items are there.
   *
   * @param head all of it but {@code items}
   */
  List<byte[]> after(ObjectNode head) {
    put(END, 0, END.length);
    byte[] start = ResourceCodec.bytes(head);
    byte[] first = Arrays.copyOf(start, start.length - 1 + ITEMS.length);
    System.arraycopy(ITEMS, 0, first, start.length - 1, ITEMS.length);
    List<byte[]> all = new ArrayList<>(full.size() + 2);
    all.add(first);
    all.addAll(full);
    all.add(Arrays.copyOf(piece, used));
    return all;
  }
}
