package dev.jctl.controller.build;

import dev.jctl.controller.git.CommitTree;
import dev.jctl.controller.git.CommitTree.Executable;
import dev.jctl.images.ImageBuild;
import dev.jctl.images.LayerArchive.Attributes;
import dev.jctl.images.LayerArchive.Entry;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The files of a commit as entries of a layer, below a directory of their own or at the root. */
final class GitEntries implements Iterator<Entry>, AutoCloseable {
  private static final int DIRECTORY = 0755;
  private static final int FILE = 0644;
  private static final int LINK = 0777;

  private final String below;
  private final long mtimeNanos;
  private final Deque<Entry> first = new ArrayDeque<>();
  private final Deque<Iterator<CommitTree.Entry>> rest;
  private final long room;
  private long bytes;
  private InputStream open = InputStream.nullInputStream();

  /**
   * @param name of the directory; empty: none
   * @param committed what all of their times are
   * @param room how many bytes the files may come to
   */
  GitEntries(String name, Instant committed, long room, List<Iterator<CommitTree.Entry>> entries) {
    this.below = name.isEmpty() ? "" : ImageBuild.DOWNLOADS + "/" + name + "/";
    this.mtimeNanos = TimeUnit.SECONDS.toNanos(committed.getEpochSecond());
    this.room = room;
    this.rest = new ArrayDeque<>(entries);
    if (!name.isEmpty()) {
      first.add(new Entry.Directory(ImageBuild.DOWNLOADS, attributes(DIRECTORY)));
      first.add(new Entry.Directory(ImageBuild.DOWNLOADS + "/" + name, attributes(DIRECTORY)));
    }
  }

  private Attributes attributes(int mode) {
    return new Attributes(mode, 0, 0, mtimeNanos, Map.of());
  }

  @Override
  public boolean hasNext() {
    close();
    while (!rest.isEmpty() && !rest.element().hasNext()) {
      rest.remove();
    }
    return !first.isEmpty() || !rest.isEmpty();
  }

  @Override
  public Entry next() {
    return first.isEmpty() ? entry(rest.element().next()) : first.remove();
  }

  private Entry entry(CommitTree.Entry entry) {
    String path = below + entry.path();
    return switch (entry) {
      case CommitTree.Entry.Directory directory -> new Entry.Directory(path, attributes(DIRECTORY));
      case CommitTree.Entry.Link link -> new Entry.Symlink(path, attributes(LINK), link.target());
      case CommitTree.Entry.File file -> {
        bytes += file.size();
        if (bytes > room) {
          throw new BuildFailure(
              "BuildFailed", "a repository of more than " + room + " bytes is not taken; clone it");
        }
        int mode = file.executable() == Executable.YES ? DIRECTORY : FILE;
        yield new Entry.File(path, attributes(mode), file.size(), opened(file));
      }
    };
  }

  private InputStream opened(CommitTree.Entry.File file) {
    try {
      open = file.content().open();
      return open;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    try {
      open.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
