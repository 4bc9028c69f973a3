package dev.jctl.images.layer;

import dev.jctl.images.LayerArchive.Attributes;
import dev.jctl.images.LayerArchive.Entry;
import java.io.InputStream;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarConstants;

/**
 * Pure: what a tar entry means as an entry of a layer. Whiteouts: OCI image spec, layer.md.
 *
 * @param fault names the layer
 */
record EntryReader(LayerFault fault) {
  private static final String WHITEOUT = ".wh.";
  private static final String OPAQUE = ".wh..wh..opq";

  /** Bookkeeping of aufs, such as {@code .wh..wh.plnk}; not content. */
  private static final String AUFS = ".wh..wh.";

  /** {@code dev_t} of the kernel has 12 and 20 bits. */
  private static final int MAX_MAJOR = (1 << 12) - 1;

  private static final int MAX_MINOR = (1 << 20) - 1;

  /** Others are of other systems, such as {@code com.apple.}; xattr(7). */
  private static final List<String> XATTR_SPACES =
      List.of("user.", "security.", "system.", "trusted.");

  /** XATTR_SIZE_MAX of limits.h. */
  private static final int MAX_XATTR_BYTES = 1 << 16;

  /**
   * @return empty for what is not content
   */
  Optional<Entry> read(TarArchiveEntry tar, Map<String, byte[]> xattrs, InputStream content) {
    EntryPath path = EntryPath.parse(fault, tar.getName());
    if (path.name().equals(OPAQUE)) {
      return Optional.of(new Entry.Opaque(checkParents(path, tar).parent().toString()));
    }
    if (path.names().stream().anyMatch(name -> name.startsWith(AUFS))) {
      return Optional.empty();
    }
    checkParents(path, tar);
    if (path.name().startsWith(WHITEOUT)) {
      return Optional.of(whiteout(path, tar));
    }
    return Optional.of(content(path, tar, xattrs, content));
  }

  private EntryPath checkParents(EntryPath path, TarArchiveEntry tar) {
    if (path.parent().names().stream().anyMatch(name -> name.startsWith(WHITEOUT))) {
      throw fault.hostile(tar.getName(), "lies below a whiteout");
    }
    return path;
  }

  private Entry whiteout(EntryPath path, TarArchiveEntry tar) {
    String hidden = path.name().substring(WHITEOUT.length());
    if (hidden.isEmpty() || hidden.equals(".") || hidden.equals("..")) {
      throw fault.hostile(tar.getName(), "is a whiteout of nothing that can be hidden");
    }
    return new Entry.Whiteout(path.sibling(hidden).toString());
  }

  private Entry content(
      EntryPath path, TarArchiveEntry tar, Map<String, byte[]> xattrs, InputStream content) {
    Entry entry =
        switch (tar.getLinkFlag()) {
          case TarConstants.LF_DIR -> new Entry.Directory(path.toString(), attributes(tar, xattrs));
          case TarConstants.LF_SYMLINK -> symlink(path, tar, xattrs);
          case TarConstants.LF_LINK -> hardLink(path, tar);
          case TarConstants.LF_FIFO -> new Entry.Fifo(path.toString(), attributes(tar, xattrs));
          case TarConstants.LF_CHR -> device(path, tar, xattrs, false);
          case TarConstants.LF_BLK -> device(path, tar, xattrs, true);
          case TarConstants.LF_NORMAL,
              TarConstants.LF_OLDNORM,
              TarConstants.LF_CONTIG,
              TarConstants.LF_GNUTYPE_SPARSE ->
              file(path, tar, xattrs, content);
          default ->
              throw fault.unsupported(
                  tar.getName(), "has the unknown type '" + (char) tar.getLinkFlag() + "'");
        };
    if (path.isRoot() && !(entry instanceof Entry.Directory)) {
      throw fault.hostile(tar.getName(), "would replace the layer's root by something else");
    }
    return entry;
  }

  /** Before POSIX, a directory was a file whose name ends with a slash. */
  private Entry file(
      EntryPath path, TarArchiveEntry tar, Map<String, byte[]> xattrs, InputStream content) {
    return tar.getName().endsWith("/")
        ? new Entry.Directory(path.toString(), attributes(tar, xattrs))
        : new Entry.File(path.toString(), attributes(tar, xattrs), tar.getRealSize(), content);
  }

  private Entry symlink(EntryPath path, TarArchiveEntry tar, Map<String, byte[]> xattrs) {
    String target = tar.getLinkName();
    if (target.isEmpty()
        || target.indexOf('\0') >= 0
        || EntryPath.bytes(target) > LayerLimits.PATH_BYTES) {
      throw fault.hostile(
          tar.getName(), "is a symbolic link whose target is empty, too long, or has a NUL");
    }
    return new Entry.Symlink(path.toString(), attributes(tar, xattrs), target);
  }

  private Entry hardLink(EntryPath path, TarArchiveEntry tar) {
    EntryPath target = EntryPath.parse(fault, tar.getLinkName());
    if (target.isRoot() || target.equals(path)) {
      throw fault.hostile(tar.getName(), "is a hard link to the root or to itself");
    }
    if (target.names().stream().anyMatch(name -> name.startsWith(WHITEOUT))) {
      throw fault.hostile(tar.getName(), "is a hard link to a whiteout");
    }
    return new Entry.HardLink(path.toString(), target.toString());
  }

  private Entry device(
      EntryPath path, TarArchiveEntry tar, Map<String, byte[]> xattrs, boolean block) {
    if (isBeyond(MAX_MAJOR, tar.getDevMajor()) || isBeyond(MAX_MINOR, tar.getDevMinor())) {
      throw fault.hostile(
          tar.getName(),
          "is a device %d:%d, which Linux does not have"
              .formatted(tar.getDevMajor(), tar.getDevMinor()));
    }
    return new Entry.Device(
        path.toString(), attributes(tar, xattrs), block, tar.getDevMajor(), tar.getDevMinor());
  }

  private static boolean isBeyond(int most, int number) {
    return number < 0 || number > most;
  }

  private Attributes attributes(TarArchiveEntry tar, Map<String, byte[]> xattrs) {
    return new Attributes(
        tar.getMode() & 07777,
        id(tar, tar.getLongUserId()),
        id(tar, tar.getLongGroupId()),
        tar.getLastModifiedTime().to(TimeUnit.NANOSECONDS),
        checked(tar, xattrs));
  }

  private Map<String, byte[]> checked(TarArchiveEntry tar, Map<String, byte[]> xattrs) {
    Map<String, byte[]> known = new HashMap<>(xattrs);
    known.keySet().removeIf(name -> XATTR_SPACES.stream().noneMatch(name::startsWith));
    known.forEach(
        (name, value) -> {
          if (name.indexOf('\0') >= 0 || EntryPath.bytes(name) > LayerLimits.NAME_BYTES) {
            throw fault.hostile(
                tar.getName(), "an attribute's name has a NUL, or more than 255 bytes");
          }
          if (value.length > MAX_XATTR_BYTES) {
            throw fault.hostile(
                tar.getName(),
                "an attribute has %d bytes, more than Linux takes".formatted(value.length));
          }
        });
    return known;
  }

  private int id(TarArchiveEntry tar, long id) {
    if (id < 0 || id > Integer.MAX_VALUE) {
      throw fault.unsupported(tar.getName(), "is owned by user or group " + id);
    }
    return (int) id;
  }
}
