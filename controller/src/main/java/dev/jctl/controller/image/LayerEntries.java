package dev.jctl.controller.image;

import dev.jctl.images.LayerArchive;
import dev.jctl.shim.spec.LayerEntry;
import java.util.Iterator;

/** A layer's entries in the runtime's words. */
final class LayerEntries implements Iterator<LayerEntry> {
  private final LayerArchive archive;

  LayerEntries(LayerArchive archive) {
    this.archive = archive;
  }

  @Override
  public boolean hasNext() {
    return archive.hasNext();
  }

  @Override
  public LayerEntry next() {
    return convert(archive.next());
  }

  private static LayerEntry convert(LayerArchive.Entry entry) {
    return switch (entry) {
      case LayerArchive.Entry.Directory d ->
          new LayerEntry.Directory(d.path(), attributes(d.attributes()));
      case LayerArchive.Entry.File f ->
          new LayerEntry.File(f.path(), attributes(f.attributes()), f.size(), f.content());
      case LayerArchive.Entry.Symlink s ->
          new LayerEntry.Symlink(s.path(), attributes(s.attributes()), s.target());
      case LayerArchive.Entry.HardLink h -> new LayerEntry.HardLink(h.path(), h.target());
      case LayerArchive.Entry.Fifo f -> new LayerEntry.Fifo(f.path(), attributes(f.attributes()));
      case LayerArchive.Entry.Device d ->
          new LayerEntry.Device(
              d.path(), attributes(d.attributes()), d.block(), d.major(), d.minor());
      case LayerArchive.Entry.Whiteout w -> new LayerEntry.Whiteout(w.path());
      case LayerArchive.Entry.Opaque o -> new LayerEntry.Opaque(o.path());
    };
  }

  private static LayerEntry.Attributes attributes(LayerArchive.Attributes a) {
    return new LayerEntry.Attributes(a.mode(), a.uid(), a.gid(), a.mtimeNanos(), a.xattrs());
  }
}
