package dev.jctl.controller.build;

import dev.jctl.images.LayerArchive;
import dev.jctl.images.LayerArchive.Entry;
import dev.jctl.shim.spec.LayerEntry;
import java.util.Iterator;

/** A runtime's entries in the words of layers. */
public final class ArchiveEntries implements Iterator<Entry> {
  private final Iterator<LayerEntry> entries;

  public ArchiveEntries(Iterator<LayerEntry> entries) {
    this.entries = entries;
  }

  @Override
  public boolean hasNext() {
    return entries.hasNext();
  }

  @Override
  public Entry next() {
    return switch (entries.next()) {
      case LayerEntry.Directory e -> new Entry.Directory(e.path(), attributes(e.attributes()));
      case LayerEntry.File e ->
          new Entry.File(e.path(), attributes(e.attributes()), e.size(), e.content());
      case LayerEntry.Symlink e ->
          new Entry.Symlink(e.path(), attributes(e.attributes()), e.target());
      case LayerEntry.HardLink e -> new Entry.HardLink(e.path(), e.target());
      case LayerEntry.Fifo e -> new Entry.Fifo(e.path(), attributes(e.attributes()));
      case LayerEntry.Device e ->
          new Entry.Device(e.path(), attributes(e.attributes()), e.block(), e.major(), e.minor());
      case LayerEntry.Whiteout e -> new Entry.Whiteout(e.path());
      case LayerEntry.Opaque e -> new Entry.Opaque(e.path());
    };
  }

  private static LayerArchive.Attributes attributes(LayerEntry.Attributes a) {
    return new LayerArchive.Attributes(a.mode(), a.uid(), a.gid(), a.mtimeNanos(), a.xattrs());
  }
}
