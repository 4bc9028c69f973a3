package dev.jctl.images.tree;

import dev.jctl.images.ImageException;
import dev.jctl.images.LayerArchive;
import dev.jctl.images.LayerArchive.Entry;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;

/** The entries of one layer without their content, in the archive's order. */
public final class LayerIndex {
  /** {@code digest}: hex, of a file's content, or empty. */
  record Item(Entry entry, String digest) {
    /** In the place of what is left out: what comes after it keeps its number. */
    static final Item NOTHING = new Item(new Entry.Whiteout("\0"), "");
  }

  /** Where its entries are kept. */
  @FunctionalInterface
  public interface Room {
    /**
     * @param entries of the layer so far
     * @throws ImageException when that is more than can be kept in memory
     */
    void need(int entries);
  }

  private static final InputStream NO_CONTENT = InputStream.nullInputStream();

  private final List<Item> items;

  private LayerIndex(List<Item> items) {
    this.items = List.copyOf(items);
  }

  /** Reads the archive to its end; the caller closes it. */
  public static LayerIndex of(LayerArchive archive, Room room) {
    return of(archive, room, file -> "");
  }

  /**
   * As above, with the digest of each file.
   *
   * @param hash reset before each file
   */
  public static LayerIndex withDigests(LayerArchive archive, Room room, MessageDigest hash) {
    return of(archive, room, file -> digest(file.content(), hash));
  }

  private static LayerIndex of(
      LayerArchive archive, Room room, Function<Entry.File, String> digest) {
    List<Item> items = new ArrayList<>();
    while (archive.hasNext()) {
      room.need(items.size() + 1);
      Entry entry = archive.next();
      String hash = entry instanceof Entry.File file ? digest.apply(file) : "";
      items.add(new Item(withoutContent(entry), hash));
    }
    return new LayerIndex(items);
  }

  public int size() {
    return items.size();
  }

  /** Without entries whose path is left out. */
  public LayerIndex without(Predicate<String> leftOut) {
    return new LayerIndex(
        items.stream()
            .map(item -> leftOut.test(item.entry().path()) ? Item.NOTHING : item)
            .toList());
  }

  private static String digest(InputStream content, MessageDigest hash) {
    byte[] buffer = new byte[1 << 16];
    hash.reset();
    try {
      for (int n = content.read(buffer); n >= 0; n = content.read(buffer)) {
        hash.update(buffer, 0, n);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return HexFormat.of().formatHex(hash.digest());
  }

  private static Entry withoutContent(Entry entry) {
    return entry instanceof Entry.File file
        ? new Entry.File(file.path(), file.attributes(), file.size(), NO_CONTENT)
        : entry;
  }

  List<Item> items() {
    return items;
  }
}
