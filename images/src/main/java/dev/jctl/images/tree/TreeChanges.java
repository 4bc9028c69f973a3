package dev.jctl.images.tree;

import dev.jctl.images.ImageStore.Change;
import dev.jctl.images.ImageStore.Change.Kind;
import dev.jctl.images.LayerArchive.Entry;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A layer on top of a tree → what it changes of it. Pure. */
public final class TreeChanges {
  private TreeChanges() {}

  /** In order of the paths; of what is deleted with all below it only the top. */
  public static List<Change> of(LayerTree base, Iterator<Entry> layer) {
    Map<String, Kind> changes = new TreeMap<>();
    List<String> opaque = new ArrayList<>();
    while (layer.hasNext()) {
      Entry entry = layer.next();
      switch (entry) {
        case Entry.Whiteout e -> changes.put(e.path(), Kind.DELETED);
        case Entry.Opaque e -> opaque.add(e.path());
        default -> changes.put(entry.path(), base.has(entry.path()) ? Kind.CHANGED : Kind.ADDED);
      }
    }
    opaque.forEach(directory -> addHidden(base, directory, changes));
    List<Change> list = new ArrayList<>();
    changes.forEach((path, kind) -> list.add(new Change(kind, "/" + path)));
    return list;
  }

  /** What was in a directory that was emptied or made anew, and was not made anew itself. */
  private static void addHidden(LayerTree base, String directory, Map<String, Kind> changes) {
    for (String path : base.below(directory).keySet()) {
      String parent = LayerTree.parent(path);
      boolean isTop = parent.equals(directory) || changes.get(parent) == Kind.CHANGED;
      if (isTop) {
        changes.putIfAbsent(path, Kind.DELETED);
      }
    }
  }
}
