package dev.jctl.images;

import java.util.Iterator;

/**
 * A layer's entries, read once, in order. {@link #next} fails with {@link ImageException} at the
 * first unacceptable entry.
 */
public interface LayerArchive extends Iterator<LayerArchive.Entry>, AutoCloseable {
  @Override
  void close();

  /**
   * One entry. Paths are relative, normalised, without {@code .} or {@code ..}; the layer's own
   * root is the empty path, as a {@link Directory} or {@link Opaque}. Whiteout file names have been
   * turned into {@link Whiteout} and {@link Opaque}. A path may come twice; the later entry wins.
   */
  sealed interface Entry {
    String path();

    record Directory(String path, Attributes attributes) implements Entry {}

    /**
     * {@code content} ends after {@code size} bytes; read it before the next entry is asked for
     * ({@link #hasNext} included).
     */
    record File(String path, Attributes attributes, long size, java.io.InputStream content)
        implements Entry {}

    record Symlink(String path, Attributes attributes, String target) implements Entry {}

    record HardLink(String path, String target) implements Entry {}

    record Fifo(String path, Attributes attributes) implements Entry {}

    record Device(String path, Attributes attributes, boolean block, int major, int minor)
        implements Entry {}

    record Whiteout(String path) implements Entry {}

    record Opaque(String path) implements Entry {}
  }

  /** {@code mode}: 07777 bits; {@code xattrs}: names with prefix. */
  record Attributes(
      int mode, int uid, int gid, long mtimeNanos, java.util.Map<String, byte[]> xattrs) {
    public Attributes {
      xattrs = java.util.Map.copyOf(xattrs);
    }
  }
}
