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
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
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

  /** Attributes without which somebody else could do more, or a program less. */
  private static final String CAPABILITY = "security.capability";

  private static final String ACL_PREFIX = "system.posix_acl_";

  /** With this much left it is not the disk that is full. */
  private static final long ROOM_BYTES = 1 << 20;

  /** While a directory has it, no entry has named that directory. */
  private static final String UNNAMED = "trusted.jctl.unnamed";

  /** An entry of a few bytes can ask for two thousand directories. */
  private static final int MAX_UNNAMED_CHARACTERS = 16 << 20;

  private record Place(DirectoryFd parent, String name) {
    Path path() {
      return Path.of("/proc/self/fd/" + parent.fd()).resolve(name);
    }

    void makeOpaque() {
      parent.setAttributes(name, Map.of(OverlaySigns.OPAQUE, new byte[] {'y'}));
    }
  }

  private final Path rootPath;
  private final DirectoryFd root;
  private final FileFinisher files = new FileFinisher();
  private final int umask = Umask.ofThisProcess();

  /** Whether a directory may give what is made in it a group or permissions of its own. */
  private boolean inheriting;

  private final DirectoryLog directories;
  private int unnamedCharacters;
  private final Map<String, DirectoryFd> open = new LinkedHashMap<>(16, 0.75f, true);

  /**
   * @param log a file for its own use while it writes
   */
  LayerWriter(Path rootPath, Path log) {
    this.rootPath = rootPath;
    this.directories = new DirectoryLog(log);
    this.root = DirectoryFd.open(rootPath.toString(), ".");
    root.changeOwner(".", 0, 0);
    root.changeMode(".", IMPLICIT_DIRECTORY_MODE);
    this.inheriting = FileAttributes.of(rootPath.toString()).containsKey(DEFAULT_ACL);
  }

  void write(LayerEntry entry) {
    try {
      dispatch(entry);
    } catch (KernelException e) {
      throw EntryFailure.of(entry.path(), e);
    } catch (IOException e) {
      throw new RuntimeFailure(
          Reason.KERNEL, EntryFailure.message(entry.path(), "what is in its place: " + why(e)), e);
    }
  }

  /** Without the path, which is none of the archive. */
  private static String why(IOException e) {
    return e instanceof FileSystemException known && known.getReason() != null
        ? known.getReason()
        : e.getClass().getSimpleName();
  }

  private void dispatch(LayerEntry entry) throws IOException {
    switch (entry) {
      case LayerEntry.Directory e -> directory(e);
      case LayerEntry.File e -> file(e);
      case LayerEntry.Symlink e ->
          node(e, e.attributes(), false, p -> p.parent().symlink(e.target(), p.name()));
      case LayerEntry.HardLink e -> hardLink(e);
      case LayerEntry.Fifo e ->
          node(e, e.attributes(), true, p -> p.parent().makeFifo(p.name(), 0600));
      case LayerEntry.Device e -> node(e, e.attributes(), true, p -> makeDevice(p, e));
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

  private Place place(String path) throws IOException {
    String name = path.substring(path.lastIndexOf('/') + 1);
    requireName(name, path);
    return new Place(parent(above(path)), name);
  }

  private static void requireName(String name, String path) {
    if (name.isEmpty() || name.equals(".") || name.equals("..") || path.indexOf('\0') >= 0) {
      throw new KernelException("resolve ./" + path, Errno.EINVAL.number());
    }
  }

  private static String above(String path) {
    return path.substring(0, Math.max(0, path.lastIndexOf('/')));
  }

  private DirectoryFd parent(String path) throws IOException {
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

  /** An archive need not name the directories above its files, not even one that it hides. */
  private DirectoryFd descend(String path) throws IOException {
    try {
      return root.descend(path);
    } catch (KernelException e) {
      if (!e.is(Errno.ENOENT) && !e.is(Errno.ENOTDIR)) {
        throw e;
      }
    }
    DirectoryFd at = root.descend(".");
    for (int start = 0; start <= path.length(); ) {
      int slash = path.indexOf('/', start);
      int end = slash < 0 ? path.length() : slash;
      at = step(at, path.substring(start, end), path.substring(0, end));
      start = end + 1;
    }
    return at;
  }

  private DirectoryFd step(DirectoryFd above, String name, String path) throws IOException {
    try (above) {
      requireName(name, path);
      try {
        return above.descend(name);
      } catch (KernelException e) {
        Place place = new Place(above, name);
        if (e.is(Errno.ENOENT)) {
          above.makeDirectory(name, IMPLICIT_DIRECTORY_MODE);
          unnamed(place, path);
        } else if (e.is(Errno.ENOTDIR) && OverlaySigns.isWhiteout(place.path())) {
          replaceByDirectory(place, path, IMPLICIT_DIRECTORY_MODE);
        } else {
          throw e;
        }
      }
      above.changeMode(name, IMPLICIT_DIRECTORY_MODE);
      return above.descend(name);
    }
  }

  private void unnamed(Place place, String path) {
    unnamedCharacters += path.length();
    if (unnamedCharacters > MAX_UNNAMED_CHARACTERS) {
      throw EntryFailure.badLayer(
          path,
          "the paths of directories that no entry names are more than %d characters"
              .formatted(MAX_UNNAMED_CHARACTERS));
    }
    place.parent().setAttributes(place.name(), Map.of(UNNAMED, new byte[0]));
    directories.unnamed(path);
  }

  /** Whether this layer hides it, or what is above it, and has put no directory in its place. */
  private boolean isHidden(String directory) throws IOException {
    if (directory.isEmpty() || open.containsKey(directory)) {
      return false;
    }
    try {
      root.descend(directory).close();
      return false;
    } catch (KernelException e) {
      return e.is(Errno.ENOTDIR)
          && (isHidden(above(directory)) || OverlaySigns.isWhiteout(place(directory).path()));
    }
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
  private void make(Place place, String path, Maker maker) throws IOException {
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

  private Place clear(Place place, String path) throws IOException {
    try {
      place.parent().unlink(place.name());
      return place;
    } catch (KernelException e) {
      if (!e.is(Errno.EISDIR)) {
        throw e;
      }
    }
    closeAll();
    Trees.delete(rootPath.resolve(path));
    return place(path);
  }

  /** What was there hid what the layers below have of that name, and so it stays. */
  private Place replaceByDirectory(Place place, String path, int mode) throws IOException {
    Place fresh = clear(place, path);
    fresh.parent().makeDirectory(fresh.name(), mode);
    fresh.makeOpaque();
    return fresh;
  }

  // --- entries

  private void directory(LayerEntry.Directory entry) throws IOException {
    String path = entry.path();
    if (path.isEmpty() || path.equals(".")) {
      attributes(new Place(root, "."), entry, entry.attributes(), true);
      inheriting |= handsDown(entry.attributes());
      directories.named(".", entry.attributes().mtimeNanos());
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
    attributes(place, entry, entry.attributes(), true);
    inheriting |= handsDown(entry.attributes());
    directories.named(path, entry.attributes().mtimeNanos());
  }

  private static boolean handsDown(Attributes directory) {
    return (directory.mode() & SET_GROUP_ID) != 0 || directory.xattrs().containsKey(DEFAULT_ACL);
  }

  private Place existingDirectory(Place place, String path) throws IOException {
    if (!isDirectory(place)) {
      return replaceByDirectory(place, path, 0700);
    }
    place.parent().removeAttribute(place.name(), UNNAMED);
    return place;
  }

  private static boolean isDirectory(Place place) {
    try {
      place.parent().descend(place.name()).close();
      return true;
    } catch (KernelException e) {
      if (e.is(Errno.ENOTDIR) || e.is(Errno.ELOOP)) {
        return false;
      }
      throw e;
    }
  }

  private void file(LayerEntry.File entry) throws IOException {
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
        files.write(entry.path(), file, read(entry, PIECE_BYTES));
        remaining -= PIECE_BYTES;
      }
      piece = read(entry, (int) remaining);
    } catch (RuntimeException e) {
      files.abandon(entry.path(), file);
      throw e;
    }
    boolean owner = needsOwner(entry.attributes());
    boolean mode = needsMode(entry.attributes());
    files.finish(entry.path(), file, piece, () -> attributes(file, entry, owner, mode));
  }

  private static byte[] read(LayerEntry.File entry, int count) {
    byte[] piece;
    try {
      piece = entry.content().readNBytes(count);
    } catch (IOException e) {
      throw new RuntimeFailure(
          Reason.BAD_LAYER, EntryFailure.message(entry.path(), String.valueOf(e.getMessage())), e);
    }
    if (piece.length < count) {
      throw EntryFailure.badLayer(entry.path(), "content ends early");
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
  private void attributes(NewFile file, LayerEntry.File entry, boolean owner, boolean mode) {
    Attributes attributes = entry.attributes();
    if (owner) {
      file.changeOwner(attributes.uid(), attributes.gid());
    }
    setAttributes(entry, attributes.xattrs(), file::setAttributes);
    if (mode) {
      file.changeMode(attributes.mode());
    }
    file.changeTime(attributes.mtimeNanos());
  }

  private void node(LayerEntry entry, Attributes attributes, boolean withMode, Maker maker)
      throws IOException {
    make(place(entry.path()), entry.path(), maker);
    Place made = place(entry.path());
    attributes(made, entry, attributes, withMode);
    changeTime(made, attributes);
  }

  private void hardLink(LayerEntry.HardLink entry) throws IOException {
    Place target = place(entry.target());
    make(
        place(entry.path()),
        entry.path(),
        p -> p.parent().link(target.parent(), target.name(), p.name()));
  }

  /** Overlayfs's sign for "not there": a character device 0/0. */
  private void whiteout(String path) throws IOException {
    if (isHidden(above(path))) {
      return; // some tools write both /.wh.a and /a/.wh.b
    }
    Place place = place(path);
    try {
      place.parent().makeCharacterDevice(place.name(), 0, 0, 0);
    } catch (KernelException e) {
      if (!e.is(Errno.EEXIST)) {
        throw e;
      }
      // it is about the layers below: what the same layer has put there stays, and hides them
      if (isDirectory(place)) {
        place.makeOpaque();
        place.parent().removeAttribute(place.name(), UNNAMED);
      }
    }
  }

  private void opaque(String path) throws IOException {
    if (!isHidden(path)) {
      new Place(path.equals(".") ? root : parent(path), ".").makeOpaque();
    }
  }

  /** As with {@link #attributes(NewFile, LayerEntry.File, boolean, boolean) files}. */
  private void attributes(Place place, LayerEntry entry, Attributes attributes, boolean withMode) {
    if (needsOwner(attributes)) {
      place.parent().changeOwner(place.name(), attributes.uid(), attributes.gid());
    }
    setAttributes(
        entry, attributes.xattrs(), one -> place.parent().setAttributes(place.name(), one));
    if (withMode) {
      place.parent().changeMode(place.name(), attributes.mode());
    }
  }

  private void setAttributes(
      LayerEntry entry, Map<String, byte[]> xattrs, Consumer<Map<String, byte[]>> setter) {
    xattrs.forEach(
        (name, value) -> {
          if (name.startsWith("trusted.")) {
            throw EntryFailure.badLayer(entry.path(), "it has the attribute " + name);
          }
          try {
            setter.accept(Map.of(name, value));
          } catch (KernelException e) {
            refuse(entry, name, value, e);
          }
        });
  }

  /** What this file system has no place for is left out where nothing hangs on it. */
  private void refuse(LayerEntry entry, String name, byte[] value, KernelException e) {
    if (e.is(Errno.EOPNOTSUPP) && !name.equals(CAPABILITY) && !name.startsWith(ACL_PREFIX)) {
      return;
    }
    // so ext4 says that a file's attributes are too many or too large, too
    if (e.is(Errno.ENOSPC) && rootPath.toFile().getUsableSpace() > ROOM_BYTES) {
      throw EntryFailure.badLayer(
          entry.path(),
          "its attribute %s of %d bytes does not fit into a file's attributes here"
              .formatted(name, value.length));
    }
    throw e;
  }

  private static void changeTime(Place place, Attributes attributes) {
    place.parent().changeTime(place.name(), attributes.mtimeNanos());
  }

  /**
   * Sets the times of directories, which every entry below them has changed.
   *
   * @param inherited is told of each directory, from the root down, that no entry has named, and of
   *     which layers below may know more than that it is there
   */
  void finish(Consumer<String> inherited) {
    files.await();
    directories.forEach(directory -> finish(directory, inherited));
  }

  private void finish(DirectoryLog.Directory directory, Consumer<String> inherited) {
    try (DirectoryFd made = root.descend(directory.path())) {
      if (directory.named()) {
        made.changeTime(".", directory.mtimeNanos());
      } else if (made.removeAttribute(".", UNNAMED) && !isBelowOpaque(directory.path())) {
        inherited.accept(directory.path());
      }
    } catch (KernelException e) {
      // a later entry may have put something else there
      if (!e.is(Errno.ENOTDIR) && !e.is(Errno.ENOENT) && !e.is(Errno.ELOOP)) {
        throw EntryFailure.of(directory.path(), e);
      }
    }
  }

  private boolean isBelowOpaque(String path) {
    DirectoryFd at = root.descend(".");
    try {
      for (String name : path.split("/", -1)) {
        if (OverlaySigns.isOpaque(at)) {
          return true;
        }
        DirectoryFd next = at.descend(name);
        at.close();
        at = next;
      }
      return false;
    } finally {
      at.close();
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
    directories.close();
  }
}
