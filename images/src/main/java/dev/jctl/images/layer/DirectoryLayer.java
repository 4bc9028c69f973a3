package dev.jctl.images.layer;

import dev.jctl.images.ImageException;
import dev.jctl.images.ImageException.Reason;
import dev.jctl.images.layer.TarWriter.EntryType;
import dev.jctl.images.layer.TarWriter.Header;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * Writes a directory as a layer: sorted by name, times in whole seconds, so that an unchanged
 * directory gives the same bytes. Stays on the directory's file system. Of extended attributes only
 * {@code user.*} can be read without native code.
 */
public final class DirectoryLayer {
  private static final int TYPE_MASK = 0170000;
  private static final int SOCKET = 0140000;
  private static final int SYMLINK = 0120000;
  private static final int FILE = 0100000;
  private static final int BLOCK_DEVICE = 0060000;
  private static final int DIRECTORY = 0040000;
  private static final int CHARACTER_DEVICE = 0020000;
  private static final int FIFO = 0010000;

  private record Inode(long device, long number) {}

  /** What {@code lstat} says. */
  private record Stat(Map<String, Object> unix) {
    static Stat of(Path file) throws IOException {
      return new Stat(Files.readAttributes(file, "unix:*", LinkOption.NOFOLLOW_LINKS));
    }

    long number(String name) {
      return unix.get(name) instanceof Number number ? number.longValue() : 0;
    }

    int type() {
      return (int) number("mode") & TYPE_MASK;
    }

    int mode() {
      return (int) number("mode") & 07777;
    }

    long mtimeSeconds() {
      return unix.get("lastModifiedTime") instanceof FileTime time ? time.to(TimeUnit.SECONDS) : 0;
    }

    /** glibc's gnu_dev_major. */
    int major() {
      long device = number("rdev");
      return (int) ((device >>> 8 & 0xfff) | (device >>> 32 & ~0xfffL));
    }

    int minor() {
      long device = number("rdev");
      return (int) ((device & 0xff) | (device >>> 12 & ~0xffL));
    }

    Inode inode() {
      return new Inode(number("dev"), number("ino"));
    }
  }

  private final Path root;
  private final TarWriter tar;
  private final Map<Inode, String> linked = new HashMap<>();

  private final Selection selection;

  /** Which entries are written, by their path below the root. */
  public interface Selection {
    /** All of them. */
    Selection ALL =
        new Selection() {
          @Override
          public boolean leavesOut(String path) {
            return false;
          }

          @Override
          public boolean entersLeftOut() {
            return false;
          }
        };

    boolean leavesOut(String path);

    /** Whether something below a directory that is left out may be selected. */
    boolean entersLeftOut();
  }

  private DirectoryLayer(Path root, TarWriter tar, Selection selection) {
    this.root = root;
    this.tar = tar;
    this.selection = selection;
  }

  /**
   * @throws ImageException UNSUPPORTED for a name that is not UTF-8
   * @throws IOException also when a file changes its size meanwhile
   */
  public static void write(Path root, OutputStream out) throws IOException {
    write(root, Selection.ALL, out);
  }

  /** As above, of a part. */
  public static void write(Path root, Selection selection, OutputStream out) throws IOException {
    TarWriter tar = new TarWriter(new BufferedOutputStream(out, 1 << 16));
    DirectoryLayer layer = new DirectoryLayer(root, tar, selection);
    Stat stat = Stat.of(root);
    tar.write(layer.header(EntryType.DIRECTORY, root, "./", "", stat, 0));
    layer.children(root, "", stat.number("dev"));
    tar.end();
  }

  private void children(Path directory, String path, long device) throws IOException {
    Map<String, Path> byName = new TreeMap<>();
    try (var files = Files.newDirectoryStream(directory)) {
      for (Path file : files) {
        byName.put(name(file), file);
      }
    }
    for (var child : byName.entrySet()) {
      entry(child.getValue(), path + child.getKey(), device);
    }
  }

  private void entry(Path file, String path, long device) throws IOException {
    Stat stat = Stat.of(file);
    if (selection.leavesOut(path)) {
      if (stat.type() == DIRECTORY && stat.number("dev") == device && selection.entersLeftOut()) {
        children(file, path + "/", device);
      }
      return;
    }
    if (stat.type() == DIRECTORY) {
      tar.write(header(EntryType.DIRECTORY, file, path + "/", "", stat, 0));
      if (stat.number("dev") == device) {
        children(file, path + "/", device);
      }
      return;
    }
    String first = stat.number("nlink") > 1 ? linked.putIfAbsent(stat.inode(), path) : null;
    if (first != null) {
      tar.write(header(EntryType.HARD_LINK, file, path, first, stat, 0));
      return;
    }
    leaf(file, path, stat);
  }

  private void leaf(Path file, String path, Stat stat) throws IOException {
    switch (stat.type()) {
      case FILE -> file(file, path, stat);
      case SYMLINK -> tar.write(header(EntryType.SYMLINK, file, path, target(file), stat, 0));
      case FIFO -> tar.write(header(EntryType.FIFO, file, path, "", stat, 0));
      case BLOCK_DEVICE -> tar.write(header(EntryType.BLOCK_DEVICE, file, path, "", stat, 0));
      case CHARACTER_DEVICE ->
          tar.write(header(EntryType.CHARACTER_DEVICE, file, path, "", stat, 0));
      case SOCKET -> {
        // a socket means nothing without the process that listens on it
      }
      default -> throw unsupported(file, "it is of an unknown type");
    }
  }

  private void file(Path file, String path, Stat stat) throws IOException {
    long size = stat.number("size");
    try (InputStream content = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
      tar.write(header(EntryType.FILE, file, path, "", stat, size), content);
      if (content.read() >= 0) {
        throw new IOException(file + " became longer while it was read");
      }
    }
  }

  private Header header(EntryType type, Path file, String path, String link, Stat stat, long size)
      throws IOException {
    boolean device = type == EntryType.BLOCK_DEVICE || type == EntryType.CHARACTER_DEVICE;
    return new Header(
        type,
        path,
        link,
        stat.mode(),
        stat.number("uid"),
        stat.number("gid"),
        size,
        stat.mtimeSeconds(),
        device ? stat.major() : 0,
        device ? stat.minor() : 0,
        type == EntryType.FILE || type == EntryType.DIRECTORY ? userXattrs(file) : Map.of());
  }

  private static Map<String, byte[]> userXattrs(Path file) throws IOException {
    UserDefinedFileAttributeView view =
        Files.getFileAttributeView(
            file, UserDefinedFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
    Map<String, byte[]> attributes = new TreeMap<>();
    if (view == null) {
      return attributes;
    }
    for (String name : view.list()) {
      ByteBuffer value = ByteBuffer.allocate(view.size(name));
      view.read(name, value);
      attributes.put("user." + name, value.array());
    }
    return attributes;
  }

  private String name(Path file) {
    return FileNames.of(file.getFileName())
        .orElseThrow(() -> unsupported(file, "its name is not UTF-8"));
  }

  private String target(Path link) throws IOException {
    return FileNames.ofAll(Files.readSymbolicLink(link))
        .orElseThrow(() -> unsupported(link, "its target is not UTF-8"));
  }

  private ImageException unsupported(Path file, String why) {
    return new ImageException(
        Reason.UNSUPPORTED, "rootfs %s: %s: %s".formatted(root, root.relativize(file), why));
  }
}
