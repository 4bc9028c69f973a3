package dev.jctl.shim.rpc;

import dev.jctl.shim.spec.LayerEntry;
import dev.jctl.shim.spec.LayerEntry.Attributes;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/** A {@link LayerEntry} without its file's content, which follows in frames of its own. */
record EntryHead(
    Kind kind,
    String path,
    @Nullable Attributes attributes,
    @Nullable String target,
    long size,
    int major,
    int minor) {
  enum Kind {
    DIRECTORY,
    FILE,
    SYMLINK,
    HARD_LINK,
    FIFO,
    BLOCK_DEVICE,
    CHARACTER_DEVICE,
    WHITEOUT,
    OPAQUE
  }

  static EntryHead of(LayerEntry entry) {
    return switch (entry) {
      case LayerEntry.Directory e -> plain(Kind.DIRECTORY, e.path(), e.attributes());
      case LayerEntry.File e ->
          new EntryHead(Kind.FILE, e.path(), e.attributes(), null, e.size(), 0, 0);
      case LayerEntry.Symlink e ->
          new EntryHead(Kind.SYMLINK, e.path(), e.attributes(), e.target(), 0, 0, 0);
      case LayerEntry.HardLink e ->
          new EntryHead(Kind.HARD_LINK, e.path(), null, e.target(), 0, 0, 0);
      case LayerEntry.Fifo e -> plain(Kind.FIFO, e.path(), e.attributes());
      case LayerEntry.Device e ->
          new EntryHead(
              e.block() ? Kind.BLOCK_DEVICE : Kind.CHARACTER_DEVICE,
              e.path(),
              e.attributes(),
              null,
              0,
              e.major(),
              e.minor());
      case LayerEntry.Whiteout e -> plain(Kind.WHITEOUT, e.path(), null);
      case LayerEntry.Opaque e -> plain(Kind.OPAQUE, e.path(), null);
    };
  }

  private static EntryHead plain(Kind kind, String path, @Nullable Attributes attributes) {
    return new EntryHead(kind, path, attributes, null, 0, 0, 0);
  }

  LayerEntry toEntry(InputStream content) {
    return switch (kind) {
      case DIRECTORY -> new LayerEntry.Directory(path, known(attributes));
      case FILE -> new LayerEntry.File(path, known(attributes), size, content);
      case SYMLINK -> new LayerEntry.Symlink(path, known(attributes), known(target));
      case HARD_LINK -> new LayerEntry.HardLink(path, known(target));
      case FIFO -> new LayerEntry.Fifo(path, known(attributes));
      case BLOCK_DEVICE -> new LayerEntry.Device(path, known(attributes), true, major, minor);
      case CHARACTER_DEVICE -> new LayerEntry.Device(path, known(attributes), false, major, minor);
      case WHITEOUT -> new LayerEntry.Whiteout(path);
      case OPAQUE -> new LayerEntry.Opaque(path);
    };
  }

  private <T> T known(@Nullable T value) {
    if (value == null) {
      throw new IllegalArgumentException(kind + " " + path + ": incomplete entry");
    }
    return value;
  }
}
