package dev.jctl.images.store;

import dev.jctl.images.LayerArchive.Attributes;
import dev.jctl.images.LayerArchive.Entry;
import dev.jctl.images.tree.LayerTree;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a container has really changed. Left out are directories that were copied up and are as
 * before, unless something below them is not, and what was made only to be mounted over. Pure.
 */
final class RealChanges implements Iterator<Entry> {
  private final Iterator<Entry> all;
  private final LayerTree base;
  private final Set<String> mountPoints;

  /** Directories on the way to the entry at hand that have not been given out. */
  private final Deque<Entry.Directory> above = new ArrayDeque<>();

  private final Deque<Entry> ready = new ArrayDeque<>();

  /**
   * @param all depth first, directories before what is in them
   * @param mountPoints absolute paths
   */
  RealChanges(Iterator<Entry> all, LayerTree base, Set<String> mountPoints) {
    this.all = all;
    this.base = base;
    this.mountPoints =
        mountPoints.stream().map(path -> path.replaceFirst("^/+", "")).collect(Collectors.toSet());
  }

  @Override
  public boolean hasNext() {
    while (ready.isEmpty() && all.hasNext()) {
      take(all.next());
    }
    return !ready.isEmpty();
  }

  private void take(Entry entry) {
    above.removeIf(directory -> !entry.path().startsWith(directory.path() + "/"));
    if (entry instanceof Entry.Directory directory) {
      if (isAsBefore(directory) || wasMadeToMount(directory.path())) {
        above.addLast(directory);
        return;
      }
    } else if (mountPoints.contains(entry.path()) && !base.has(entry.path())) {
      return;
    }
    ready.addAll(above);
    above.clear();
    ready.add(entry);
  }

  private boolean isAsBefore(Entry.Directory directory) {
    Optional<Attributes> before = base.directory(directory.path());
    return before.isPresent() && same(before.get(), directory.attributes());
  }

  /** Time is left out of it: what is put in and taken out again changes that too. */
  private static boolean same(Attributes one, Attributes other) {
    return one.mode() == other.mode()
        && one.uid() == other.uid()
        && one.gid() == other.gid()
        && one.xattrs().keySet().equals(other.xattrs().keySet())
        && one.xattrs().entrySet().stream().allMatch(x -> equal(x, other.xattrs()));
  }

  private static boolean equal(Map.Entry<String, byte[]> one, Map<String, byte[]> others) {
    byte @Nullable [] other = others.get(one.getKey());
    return other != null && Arrays.equals(one.getValue(), other);
  }

  private boolean wasMadeToMount(String path) {
    return !base.has(path)
        && mountPoints.stream().anyMatch(m -> m.equals(path) || m.startsWith(path + "/"));
  }

  @Override
  public Entry next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    return ready.remove();
  }
}
