package dev.jctl.shim.rpc;

import dev.jctl.shim.spec.LayerEntry;
import dev.jctl.shim.spec.LayerEntry.Attributes;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashMap;
import java.util.Map;
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

  /** Some ten thousand of them make a layer: JSON would take as long as making the files. */
  byte[] toBytes() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(128);
    DataOutputStream out = new DataOutputStream(bytes);
    out.writeUTF(kind.name());
    out.writeUTF(path);
    out.writeUTF(target == null ? "" : target);
    out.writeLong(size);
    out.writeInt(major);
    out.writeInt(minor);
    if (attributes != null) {
      write(attributes, out);
    }
    return bytes.toByteArray();
  }

  private static void write(Attributes attributes, DataOutputStream out) throws IOException {
    out.writeInt(attributes.mode());
    out.writeInt(attributes.uid());
    out.writeInt(attributes.gid());
    out.writeLong(attributes.mtimeNanos());
    out.writeInt(attributes.xattrs().size());
    for (Map.Entry<String, byte[]> attribute : attributes.xattrs().entrySet()) {
      out.writeUTF(attribute.getKey());
      out.writeInt(attribute.getValue().length);
      out.write(attribute.getValue());
    }
  }

  /** The opposite of {@link #toBytes}. */
  static EntryHead parse(byte[] bytes) throws IOException {
    DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes));
    Kind kind = kind(in.readUTF());
    String path = in.readUTF();
    String target = in.readUTF();
    long size = in.readLong();
    int major = in.readInt();
    int minor = in.readInt();
    return new EntryHead(
        kind, path, in.available() == 0 ? null : attributes(in), target, size, major, minor);
  }

  private static Kind kind(String name) throws IOException {
    try {
      return Kind.valueOf(name);
    } catch (IllegalArgumentException e) {
      throw new IOException("not an entry: kind " + name, e);
    }
  }

  private static Attributes attributes(DataInputStream in) throws IOException {
    int mode = in.readInt();
    int uid = in.readInt();
    int gid = in.readInt();
    long mtimeNanos = in.readLong();
    Map<String, byte[]> xattrs = new HashMap<>();
    for (int left = in.readInt(); left > 0; left--) {
      String name = in.readUTF();
      xattrs.put(name, in.readNBytes(in.readInt()));
    }
    return new Attributes(mode, uid, gid, mtimeNanos, xattrs);
  }

  private <T> T known(@Nullable T value) {
    if (value == null) {
      throw new IllegalArgumentException(kind + " " + path + ": incomplete entry");
    }
    return value;
  }
}
