package dev.jctl.shim.layer;

import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.RuntimeFailure.Reason;
import dev.jctl.shim.io.Trees;
import dev.jctl.shim.kernel.DirectoryFd;
import dev.jctl.shim.kernel.Errno;
import dev.jctl.shim.kernel.FileAttributes;
import dev.jctl.shim.kernel.KernelException;
import dev.jctl.shim.kernel.NewFile;
import dev.jctl.shim.spec.LayerEntry;
import dev.jctl.shim.spec.LayerEntry.Attributes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Writes one layer's entries below a directory that nobody else touches. Parents are resolved
 * beneath it and through no symbolic link; a later entry replaces an earlier one of the same path.
 */
final class LayerWriter implements AutoCloseable {
  private static final int IMPLICIT_DIRECTORY_MODE = 0755;
  private static final int MAX_OPEN_DIRECTORIES = 32;
  static final int PIECE_BYTES = 64 << 10;
  private static final int SPECIAL_BITS = 07000;
  private static final int SET_GROUP_ID = 02000;
  private static final String DEFAULT_ACL = "system.posix_acl_default";

  /** A way out of the root, through a link or a file; a hard link to nothing; too long a name. */
  private static final List<Errno> BAD_PATHS =
      List.of(Errno.EXDEV, Errno.ELOOP, Errno.ENOTDIR, Errno.ENOENT, Errno.ENAMETOOLONG);

  private record DirectoryTime(String path, long mtimeNanos) {}

  private record Place(DirectoryFd parent, String name) {}

  private final Path rootPath;
  private final DirectoryFd root;
  private final FileFinisher files = new FileFinisher();
  private final int umask = Umask.ofThisProcess();

  /** Whether a directory may give what is made in it a group or permissions of its own. */
  private boolean inheriting;

  private final List<DirectoryTime> times = new ArrayList<>();
  private final Map<String, DirectoryFd> open = new LinkedHashMap<>(16, 0.75f, true);

  LayerWriter(Path rootPath) {
    this.rootPath = rootPath;
    this.root = DirectoryFd.open(rootPath.toString());
    root.changeOwner(".", 0, 0);
    root.changeMode(".", IMPLICIT_DIRECTORY_MODE);
    this.inheriting = FileAttributes.of(rootPath.toString()).containsKey(DEFAULT_ACL);
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
      inheriting |= handsDown(entry.attributes());
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
    inheriting |= handsDown(entry.attributes());
    times.add(new DirectoryTime(path, entry.attributes().mtimeNanos()));
  }

  private static boolean handsDown(Attributes directory) {
    return (directory.mode() & SET_GROUP_ID) != 0 || directory.xattrs().containsKey(DEFAULT_ACL);
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
    Attributes attributes = entry.attributes();
    int mode = needsMode(attributes) ? 0600 : attributes.mode();
    make(
        place(entry.path()),
        entry.path(),
        p -> content(entry, p.parent().createFile(p.name(), mode)));
  }

  private void content(LayerEntry.File entry, NewFile file) {
    byte[] piece;
    try {
      long remaining = entry.size();
      while (remaining > PIECE_BYTES) {
        files.write(file, read(entry, PIECE_BYTES));
        remaining -= PIECE_BYTES;
      }
      piece = read(entry, (int) remaining);
    } catch (RuntimeException e) {
      files.abandon(file);
      throw e;
    }
    boolean owner = needsOwner(entry.attributes());
    boolean mode = needsMode(entry.attributes());
    files.finish(file, piece, () -> attributes(file, entry, owner, mode));
  }

  private static byte[] read(LayerEntry.File entry, int count) {
    byte[] piece;
    try {
      piece = entry.content().readNBytes(count);
    } catch (IOException e) {
      throw new RuntimeFailure(
          Reason.BAD_LAYER, "layer entry " + entry.path() + ": " + e.getMessage(), e);
    }
    if (piece.length < count) {
      throw new RuntimeFailure(
          Reason.BAD_LAYER, "layer entry " + entry.path() + ": content ends early");
    }
    return piece;
  }

  /** What root makes is root's. */
  private boolean needsOwner(Attributes attributes) {
    return inheriting || attributes.uid() != 0 || attributes.gid() != 0;
  }

  /** What is made has the mode that was asked for, but for what the umask takes and set-id bits. */
  private boolean needsMode(Attributes attributes) {
    return inheriting || (attributes.mode() & (umask | SPECIAL_BITS)) != 0;
  }

  /** In this order: a change of owner clears set-id bits and capabilities. */
  private static void attributes(NewFile file, LayerEntry.File entry, boolean owner, boolean mode) {
    Attributes attributes = entry.attributes();
    if (owner) {
      file.changeOwner(attributes.uid(), attributes.gid());
    }
    attributes
        .xattrs()
        .forEach((name, value) -> setAttribute(entry.path(), name, value, file::setAttributes));
    if (mode) {
      file.changeMode(attributes.mode());
    }
    file.changeTime(attributes.mtimeNanos());
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

  /** As with {@link #attributes(NewFile, LayerEntry.File, boolean, boolean) files}. */
  private void attributes(Place place, Attributes attributes, boolean withMode) {
    if (needsOwner(attributes)) {
      place.parent().changeOwner(place.name(), attributes.uid(), attributes.gid());
    }
    attributes
        .xattrs()
        .forEach(
            (name, value) ->
                setAttribute(
                    place.name(),
                    name,
                    value,
                    attribute -> place.parent().setAttributes(place.name(), attribute)));
    if (withMode) {
      place.parent().changeMode(place.name(), attributes.mode());
    }
  }

  private static void setAttribute(
      String entry, String name, byte[] value, Consumer<Map<String, byte[]>> setter) {
    if (name.startsWith("trusted.")) {
      throw new RuntimeFailure(
          Reason.BAD_LAYER, "layer entry " + entry + " has the attribute " + name);
    }
    try {
      setter.accept(Map.of(name, value));
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
    files.await();
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
    files.close();
    closeAll();
    root.close();
  }
}
