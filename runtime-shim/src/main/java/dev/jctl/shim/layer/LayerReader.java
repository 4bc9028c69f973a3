package dev.jctl.shim.layer;

import dev.jctl.shim.ContainerChanges;
import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.RuntimeFailure.Reason;
import dev.jctl.shim.io.RawNames;
import dev.jctl.shim.kernel.DirectoryFd;
import dev.jctl.shim.kernel.FileAttributes;
import dev.jctl.shim.spec.LayerEntry;
import dev.jctl.shim.spec.LayerEntry.Attributes;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The upper directory of an overlay as a layer's entries, sorted by name: the opposite of {@link
 * LayerWriter}. Every directory is held by a descriptor that was opened beneath the one above, so
 * that a process that goes on inside cannot lead it anywhere else.
 *
 * @see <a href="https://docs.kernel.org/filesystems/overlayfs.html">overlayfs, "whiteouts and
 *     opaque directories"</a>
 */
public final class LayerReader implements ContainerChanges {
  static final int TYPE_MASK = 0170000;
  private static final int SYMLINK = 0120000;
  private static final int FILE = 0100000;
  private static final int BLOCK_DEVICE = 0060000;
  private static final int DIRECTORY = 0040000;
  static final int CHARACTER_DEVICE = 0020000;
  private static final int FIFO = 0010000;
  private static final String OVERLAY = "trusted.overlay.";

  /** How much of files is read. */
  public enum Content {
    WHOLE,
    /** They are of no bytes then. */
    NAMES
  }

  private record Inode(long device, long number) {}

  /** A directory that is being read. */
  private record Level(DirectoryFd directory, String path, Iterator<Map.Entry<String, Path>> rest) {
    Path place(Path name) {
      return Path.of("/proc/self/fd/" + directory.fd()).resolve(name);
    }
  }

  private final Content wanted;
  private final Deque<Level> levels = new ArrayDeque<>();
  private final Deque<LayerEntry> ready = new ArrayDeque<>();
  private final Map<Inode, String> linked = new HashMap<>();
  private @Nullable InputStream content;

  /** What lies below a directory; the directory itself is the layer's root. */
  public LayerReader(Path upper, Content wanted) {
    this.wanted = wanted;
    try {
      enter(DirectoryFd.open(upper.toString()), "");
    } catch (IOException e) {
      throw failure("", e);
    }
  }

  private void enter(DirectoryFd directory, String path) throws IOException {
    Map<String, Path> names = new TreeMap<>();
    try (DirectoryStream<Path> files =
        Files.newDirectoryStream(Path.of("/proc/self/fd/" + directory.fd()))) {
      for (Path file : files) {
        Path name = file.getFileName();
        names.put(
            RawNames.of(name).orElseThrow(() -> unsupported(path + name, "its name is not UTF-8")),
            name);
      }
    } catch (IOException | RuntimeException e) {
      directory.close();
      throw e;
    }
    levels.push(new Level(directory, path, names.entrySet().iterator()));
  }

  @Override
  public boolean hasNext() {
    try {
      while (ready.isEmpty() && !levels.isEmpty()) {
        advance();
      }
      return !ready.isEmpty();
    } catch (IOException e) {
      throw failure(levels.isEmpty() ? "" : levels.peek().path(), e);
    }
  }

  private void advance() throws IOException {
    closeContent();
    Level level = levels.element();
    if (!level.rest().hasNext()) {
      levels.pop().directory().close();
      return;
    }
    Map.Entry<String, Path> next = level.rest().next();
    try {
      read(level, level.path() + next.getKey(), next.getValue());
    } catch (NoSuchFileException gone) {
      return; // removed meanwhile: then the container no longer has it
    }
  }

  private void read(Level level, String path, Path name) throws IOException {
    Path place = level.place(name);
    Map<String, Object> stat = Files.readAttributes(place, "unix:*", LinkOption.NOFOLLOW_LINKS);
    int type = number(stat, "mode") & TYPE_MASK;
    if (OverlaySigns.isWhiteout(stat)) {
      ready.add(new LayerEntry.Whiteout(path));
      return;
    }
    Map<String, byte[]> xattrs = FileAttributes.of(place.toString());
    Attributes attributes = attributes(stat, xattrs);
    if (type != DIRECTORY && number(stat, "nlink") > 1) {
      Inode inode = new Inode(longNumber(stat, "dev"), longNumber(stat, "ino"));
      String first = linked.putIfAbsent(inode, path);
      if (first != null) {
        ready.add(new LayerEntry.HardLink(path, first));
        return;
      }
    }
    switch (type) {
      case DIRECTORY -> directory(level, path, attributes, xattrs);
      case FILE -> file(place, path, attributes, longNumber(stat, "size"));
      case SYMLINK -> ready.add(new LayerEntry.Symlink(path, attributes, target(place, path)));
      case FIFO -> ready.add(new LayerEntry.Fifo(path, attributes));
      case BLOCK_DEVICE, CHARACTER_DEVICE -> ready.add(device(path, attributes, type, stat));
      default -> {
        // a socket means nothing without the process that listens on it
      }
    }
  }

  private void directory(
      Level level, String path, Attributes attributes, Map<String, byte[]> xattrs)
      throws IOException {
    if (xattrs.containsKey(OVERLAY + "redirect")) {
      throw unsupported(
          path,
          "it was renamed by overlayfs (redirect_dir); switch that off in"
              + " /sys/module/overlay/parameters/redirect_dir");
    }
    ready.add(new LayerEntry.Directory(path, attributes));
    byte[] opaque = xattrs.get(OverlaySigns.OPAQUE);
    if (opaque != null && OverlaySigns.isYes(opaque)) {
      ready.add(new LayerEntry.Opaque(path));
    }
    String name = path.substring(level.path().length());
    enter(level.directory().descend(name), path + "/");
  }

  private void file(Path place, String path, Attributes attributes, long size) throws IOException {
    if (wanted == Content.NAMES) {
      ready.add(new LayerEntry.File(path, attributes, 0, InputStream.nullInputStream()));
      return;
    }
    InputStream in = Files.newInputStream(place, LinkOption.NOFOLLOW_LINKS);
    content = in;
    ready.add(new LayerEntry.File(path, attributes, size, in));
  }

  private static String target(Path link, String path) throws IOException {
    return RawNames.ofAll(Files.readSymbolicLink(link))
        .orElseThrow(() -> unsupported(path, "its target is not UTF-8"));
  }

  /** glibc's gnu_dev_major and gnu_dev_minor. */
  private static LayerEntry device(
      String path, Attributes attributes, int type, Map<String, Object> stat) {
    long device = longNumber(stat, "rdev");
    int major = (int) ((device >>> 8 & 0xfff) | (device >>> 32 & ~0xfffL));
    int minor = (int) ((device & 0xff) | (device >>> 12 & ~0xffL));
    return new LayerEntry.Device(path, attributes, type == BLOCK_DEVICE, major, minor);
  }

  /** Of a directory itself. */
  static Attributes attributes(DirectoryFd directory) throws IOException {
    Path place = Path.of("/proc/self/fd/" + directory.fd());
    Map<String, Object> stat = Files.readAttributes(place, "unix:*");
    return attributes(stat, FileAttributes.of(place + "/."));
  }

  /** What is for this kernel alone, {@code trusted.*}, is no content. */
  private static Attributes attributes(Map<String, Object> stat, Map<String, byte[]> xattrs) {
    Map<String, byte[]> kept = new TreeMap<>(xattrs);
    kept.keySet().removeIf(name -> name.startsWith("trusted."));
    long mtime =
        stat.get("lastModifiedTime") instanceof FileTime time ? time.to(TimeUnit.NANOSECONDS) : 0;
    return new Attributes(
        number(stat, "mode") & 07777, number(stat, "uid"), number(stat, "gid"), mtime, kept);
  }

  private static int number(Map<String, Object> stat, String name) {
    return (int) longNumber(stat, name);
  }

  private static long longNumber(Map<String, Object> stat, String name) {
    return stat.get(name) instanceof Number number ? number.longValue() : 0;
  }

  private static RuntimeFailure unsupported(String path, String why) {
    return new RuntimeFailure(Reason.INVALID, "change of " + path + ": " + why);
  }

  private static RuntimeFailure failure(String path, IOException e) {
    return new RuntimeFailure(Reason.KERNEL, "read changes below /" + path + ": " + e, e);
  }

  @Override
  public LayerEntry next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    return ready.remove();
  }

  private void closeContent() throws IOException {
    InputStream open = content;
    content = null;
    if (open != null) {
      open.close();
    }
  }

  @Override
  public void close() {
    levels.forEach(level -> level.directory().close());
    levels.clear();
    try {
      closeContent();
    } catch (IOException e) {
      throw failure("", e);
    }
  }
}
