package dev.jctl.images.layer;

import dev.jctl.images.ImageException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.jspecify.annotations.Nullable;

/**
 * The files of an uncompressed tar by name, so that each can be read where it lies. For archives
 * that hold images.
 */
public final class TarIndex implements AutoCloseable {
  private static final int MAX_FILES = 100_000;
  private static final int MAX_LINKS = 8;
  private static final int MAX_HEADER_BYTES = 1 << 20;
  private static final int RECORD_BYTES = 512;

  private sealed interface Node {
    record Content(long offset, long size) implements Node {}

    record Link(String target) implements Node {}
  }

  private final FileChannel channel;
  private final Map<String, Node> nodes = new HashMap<>();

  private TarIndex(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * @param what for messages, {@code archive /x/web.tar}
   * @throws ImageException CORRUPT, HOSTILE_LAYER, UNSUPPORTED
   */
  public static TarIndex open(String what, Path file) throws IOException {
    FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
    try {
      TarIndex index = new TarIndex(channel);
      index.scan(new LayerFault(what));
      return index;
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  /** Size in bytes of the file of that name, links followed. */
  public Optional<Long> size(String name) {
    return Optional.ofNullable(content(name)).map(Node.Content::size);
  }

  /** Its content, links followed. */
  public Optional<InputStream> open(String name) {
    return Optional.ofNullable(content(name))
        .map(place -> new Window(channel, place.offset(), place.offset() + place.size()));
  }

  private Node.@Nullable Content content(String name) {
    String at = name;
    for (int i = 0; i < MAX_LINKS; i++) {
      switch (nodes.get(at)) {
        case Node.Content content -> {
          return content;
        }
        case Node.Link link -> at = link.target();
        case null -> {
          return null;
        }
      }
    }
    return null;
  }

  private void scan(LayerFault fault) throws IOException {
    long length = channel.size();
    Window window = new Window(channel, 0, length);
    String last = "";
    try (TarArchiveInputStream tar =
        new TarArchiveInputStream(window, RECORD_BYTES, RECORD_BYTES, "UTF-8")) {
      for (TarArchiveEntry entry = next(tar, window); entry != null; entry = next(tar, window)) {
        last = entry.getName();
        add(fault, entry, window.position(), length);
        window.blank(entry.getSize());
      }
    } catch (ImageException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      throw fault.corrupt(last, e);
    }
  }

  private static @Nullable TarArchiveEntry next(TarArchiveInputStream tar, Window window)
      throws IOException {
    window.allow(MAX_HEADER_BYTES);
    return tar.getNextEntry();
  }

  private void add(LayerFault fault, TarArchiveEntry entry, long offset, long length) {
    String name = normalised(entry.getName());
    if (nodes.size() >= MAX_FILES) {
      throw fault.hostile("has more than " + MAX_FILES + " files");
    }
    if (entry.isSparse()) {
      throw fault.unsupported(name, "is a sparse file");
    }
    if (entry.isSymbolicLink()) {
      Path target = Path.of("/" + name).resolveSibling(entry.getLinkName()).normalize();
      nodes.put(name, new Node.Link(normalised(target.toString())));
    } else if (entry.isLink()) {
      nodes.put(name, new Node.Link(normalised(entry.getLinkName())));
    } else if (!entry.isDirectory()) {
      if (entry.getSize() > length - offset) {
        throw fault.corrupt(name, new IOException("the file ends before this entry does"));
      }
      nodes.put(name, new Node.Content(offset, entry.getSize()));
    }
  }

  private static String normalised(String name) {
    String relative = name.startsWith("./") ? name.substring(2) : name;
    return relative.startsWith("/") ? relative.substring(1) : relative;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }

  /**
   * A part of the file. Does not own the channel. Skipping costs nothing, and neither does what is
   * read only to be skipped.
   */
  private static final class Window extends InputStream {
    private final FileChannel channel;
    private final long end;
    private long position;
    private long allowed = Long.MAX_VALUE;
    private long blankUntil;

    Window(FileChannel channel, long start, long end) {
      this.channel = channel;
      this.position = start;
      this.end = end;
    }

    long position() {
      return position;
    }

    /** Bounds what may be read from here on. */
    void allow(long bytes) {
      allowed = bytes;
    }

    /**
     * The next bytes are content that nobody looks at: the tar reader skips it by reading. They are
     * not fetched, and not counted as headers.
     */
    void blank(long bytes) {
      blankUntil = Math.min(end, position + bytes);
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      if (position >= end) {
        return -1;
      }
      if (position < blankUntil) {
        int blank = (int) Math.min(length, blankUntil - position);
        position += blank;
        return blank;
      }
      if (length > allowed) {
        throw new IOException("its headers are too large");
      }
      int wanted = (int) Math.min(length, end - position);
      int n = channel.read(ByteBuffer.wrap(bytes, offset, wanted), position);
      position += Math.max(n, 0);
      allowed -= Math.max(n, 0);
      return n;
    }

    @Override
    public long skip(long n) {
      long skipped = Math.clamp(n, 0, end - position);
      position += skipped;
      return skipped;
    }

    @Override
    public int available() {
      return (int) Math.min(Integer.MAX_VALUE, end - position);
    }
  }
}
