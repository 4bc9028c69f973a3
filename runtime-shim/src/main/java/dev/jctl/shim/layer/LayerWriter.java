package dev.jctl.shim.layer;

import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.RuntimeFailure.Reason;
import dev.jctl.shim.io.Trees;
import dev.jctl.shim.kernel.DirectoryFd;
import dev.jctl.shim.kernel.Errno;
import dev.jctl.shim.kernel.Kernel;
import dev.jctl.shim.kernel.KernelException;
import dev.jctl.shim.kernel.Transfer;
import dev.jctl.shim.spec.LayerEntry;
import dev.jctl.shim.spec.LayerEntry.Attributes;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes one layer's entries below a directory that nobody else touches. Parents are resolved
 * beneath it and through no symbolic link; a later entry replaces an earlier one of the same path.
 */
final class LayerWriter implements AutoCloseable {
  private static final int IMPLICIT_DIRECTORY_MODE = 0755;
  private static final int MAX_OPEN_DIRECTORIES = 32;

  /** A way out of the root, through a link or a file; a hard link to nothing; too long a name. */
  private static final List<Errno> BAD_PATHS =
      List.of(Errno.EXDEV, Errno.ELOOP, Errno.ENOTDIR, Errno.ENOENT, Errno.ENAMETOOLONG);

  private record DirectoryTime(String path, long mtimeNanos) {}

  private record Place(DirectoryFd parent, String name) {}

  private final Path rootPath;
  private final DirectoryFd root;
  private final byte[] buffer = new byte[64 << 10];
  private final List<DirectoryTime> times = new ArrayList<>();
  private final Map<String, DirectoryFd> open = new LinkedHashMap<>(16, 0.75f, true);

  LayerWriter(Path rootPath) {
    this.rootPath = rootPath;
    this.root = DirectoryFd.open(rootPath.toString());
  }

  void write(LayerEntry entry) {
    try {
      dispatch(entry);
    } catch (KernelException e) {
      if (BAD_PATHS.stream().anyMatch(e::is)) {
        throw new RuntimeFailure(
            Reason.BAD_LAYER, "layer entry " + entry.path() + ": " + e.getMessage(), e);
      }
      throw e;
    }
  }

  private void dispatch(LayerEntry entry) {
    switch (entry) {
      case LayerEntry.Directory e -> directory(e);
      case LayerEntry.File e -> file(e);
      case LayerEntry.Symlink e ->
          node(e.path(), e.attributes(), false, p -> p.parent().symlink(e.target(), p.name()));
      case LayerEntry.HardLink e -> hardLink(e);
      case LayerEntry.Fifo e ->
          node(e.path(), e.attributes(), true, p -> p.parent().makeFifo(p.name(), 0600));
      case LayerEntry.Device e -> node(e.path(), e.attributes(), true, p -> makeDevice(p, e));
      case LayerEntry.Whiteout e -> whiteout(e.path());
      case LayerEntry.Opaque e -> opaque(e.path());
    }
  }

  private interface Maker {
    void make(Place place);
  }

  private static void makeDevice(Place place, LayerEntry.Device device) {
    if (device.block()) {
      place.parent().makeBlockDevice(place.name(), 0600, device.major(), device.minor());
    } else {
      place.parent().makeCharacterDevice(place.name(), 0600, device.major(), device.minor());
    }
  }

  // --- places

  private Place place(String path) {
    int slash = path.lastIndexOf('/');
    String name = path.substring(slash + 1);
    if (name.isEmpty() || name.equals(".") || name.equals("..") || path.indexOf('\0') >= 0) {
      throw new RuntimeFailure(Reason.BAD_LAYER, "layer entry with the path \"" + path + "\"");
    }
    return new Place(parent(slash < 0 ? "" : path.substring(0, slash)), name);
  }

  private DirectoryFd parent(String path) {
    if (path.isEmpty()) {
      return root;
    }
    DirectoryFd known = open.get(path);
    if (known != null) {
      return known;
    }
    DirectoryFd opened = descend(path);
    closeEldest();
    open.put(path, opened);
    return opened;
  }

  private DirectoryFd descend(String path) {
    try {
      return root.descend(path);
    } catch (KernelException e) {
      if (!e.is(Errno.ENOENT)) {
        throw e;
      }
    }
    // an archive need not name the directories above its files
    Place place = place(path);
    place.parent().makeDirectory(place.name(), IMPLICIT_DIRECTORY_MODE);
    place.parent().changeMode(place.name(), IMPLICIT_DIRECTORY_MODE);
    return root.descend(path);
  }

  private void closeEldest() {
    if (open.size() >= MAX_OPEN_DIRECTORIES) {
      String eldest = open.keySet().iterator().next();
      DirectoryFd directory = open.remove(eldest);
      if (directory != null) {
        directory.close();
      }
    }
  }

  /** Makes it; what an earlier entry made there is removed first. */
  private void make(Place place, String path, Maker maker) {
    try {
      maker.make(place);
    } catch (KernelException e) {
      if (!e.is(Errno.EEXIST)) {
        throw e;
      }
      Place fresh = clear(place, path);
      maker.make(fresh);
    }
  }

  private Place clear(Place place, String path) {
    try {
      place.parent().unlink(place.name());
      return place;
    } catch (KernelException e) {
      if (!e.is(Errno.EISDIR)) {
        throw e;
      }
    }
    closeAll();
    try {
      Trees.delete(rootPath.resolve(path));
    } catch (IOException e) {
      throw new UncheckedIOException("replace directory " + path + ": " + e.getMessage(), e);
    }
    return place(path);
  }

  // --- entries

  private void directory(LayerEntry.Directory entry) {
    String path = entry.path();
    if (path.isEmpty() || path.equals(".")) {
      attributes(new Place(root, "."), entry.attributes(), true);
      times.add(new DirectoryTime(".", entry.attributes().mtimeNanos()));
      return;
    }
    Place place = place(path);
    try {
      place.parent().makeDirectory(place.name(), 0700);
    } catch (KernelException e) {
      if (!e.is(Errno.EEXIST)) {
        throw e;
      }
      place = existingDirectory(place, path);
    }
    attributes(place, entry.attributes(), true);
    times.add(new DirectoryTime(path, entry.attributes().mtimeNanos()));
  }

  private Place existingDirectory(Place place, String path) {
    try {
      place.parent().descend(place.name()).close();
      return place;
    } catch (KernelException notADirectory) {
      Place fresh = clear(place, path);
      fresh.parent().makeDirectory(fresh.name(), 0700);
      return fresh;
    }
  }

  private void file(LayerEntry.File entry) {
    Place place = place(entry.path());
    make(
        place,
        entry.path(),
        p -> {
          int fd = p.parent().createFile(p.name(), 0600);
          try {
            copy(entry, fd);
          } finally {
            Kernel.close(fd);
          }
        });
    attributes(place(entry.path()), entry.attributes(), true);
    changeTime(place(entry.path()), entry.attributes());
  }

  private void copy(LayerEntry.File entry, int fd) {
    long remaining = entry.size();
    while (remaining > 0) {
      int count = read(entry.content(), (int) Math.min(buffer.length, remaining), entry.path());
      writeFully(fd, count == buffer.length ? buffer : Arrays.copyOf(buffer, count));
      remaining -= count;
    }
  }

  private int read(InputStream content, int limit, String path) {
    int count;
    try {
      count = content.readNBytes(buffer, 0, limit);
    } catch (IOException e) {
      throw new RuntimeFailure(Reason.BAD_LAYER, "layer entry " + path + ": " + e.getMessage(), e);
    }
    if (count < limit) {
      throw new RuntimeFailure(Reason.BAD_LAYER, "layer entry " + path + ": content ends early");
    }
    return count;
  }

  private static void writeFully(int fd, byte[] bytes) {
    byte[] rest = bytes;
    while (rest.length > 0) {
      int count = Math.max(0, Transfer.write(fd, rest));
      rest = count == rest.length ? new byte[0] : Arrays.copyOfRange(rest, count, rest.length);
    }
  }

  private void node(String path, Attributes attributes, boolean withMode, Maker maker) {
    make(place(path), path, maker);
    Place made = place(path);
    attributes(made, attributes, withMode);
    changeTime(made, attributes);
  }

  private void hardLink(LayerEntry.HardLink entry) {
    Place target = place(entry.target());
    make(
        place(entry.path()),
        entry.path(),
        p -> p.parent().link(target.parent(), target.name(), p.name()));
  }

  /** Overlayfs's sign for "not there": a character device 0/0. */
  private void whiteout(String path) {
    Place place = place(path);
    try {
      place.parent().makeCharacterDevice(place.name(), 0, 0, 0);
    } catch (KernelException e) {
      // the same layer has put something there: that hides what is below as well
      if (!e.is(Errno.EEXIST)) {
        throw e;
      }
    }
  }

  private void opaque(String path) {
    boolean isRoot = path.isEmpty() || path.equals(".");
    DirectoryFd directory = isRoot ? root : parent(path);
    directory.setAttributes(".", Map.of("trusted.overlay.opaque", new byte[] {'y'}));
  }

  /** In this order: a change of owner clears set-id bits and capabilities. */
  private static void attributes(Place place, Attributes attributes, boolean withMode) {
    place.parent().changeOwner(place.name(), attributes.uid(), attributes.gid());
    for (Map.Entry<String, byte[]> attribute : attributes.xattrs().entrySet()) {
      setAttribute(place, attribute.getKey(), attribute.getValue());
    }
    if (withMode) {
      place.parent().changeMode(place.name(), attributes.mode());
    }
  }

  private static void setAttribute(Place place, String name, byte[] value) {
    if (name.startsWith("trusted.")) {
      throw new RuntimeFailure(
          Reason.BAD_LAYER, "layer entry " + place.name() + " has the attribute " + name);
    }
    try {
      place.parent().setAttributes(place.name(), Map.of(name, value));
    } catch (KernelException e) {
      if (!(e.is(Errno.EOPNOTSUPP) && name.startsWith("user."))) {
        throw e;
      }
    }
  }

  private static void changeTime(Place place, Attributes attributes) {
    place.parent().changeTime(place.name(), attributes.mtimeNanos());
  }

  /** Times of directories, which every entry below them has changed. */
  void finish() {
    for (DirectoryTime time : times.reversed()) {
      if (time.path().equals(".")) {
        root.changeTime(".", time.mtimeNanos());
        continue;
      }
      try {
        Place place = place(time.path());
        place.parent().changeTime(place.name(), time.mtimeNanos());
      } catch (KernelException e) {
        // a later entry may have put something else there
        if (!e.is(Errno.ENOTDIR) && !e.is(Errno.ENOENT)) {
          throw e;
        }
      }
    }
  }

  private void closeAll() {
    open.values().forEach(DirectoryFd::close);
    open.clear();
  }

  @Override
  public void close() {
    closeAll();
    root.close();
  }
}
