package dev.jctl.controller.git;

import dev.jctl.controller.git.GitException.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.eclipse.jgit.errors.CorruptObjectException;
import org.eclipse.jgit.errors.IncorrectObjectTypeException;
import org.eclipse.jgit.errors.MissingObjectException;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.FileMode;
import org.eclipse.jgit.lib.ObjectChecker;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectLoader;
import org.eclipse.jgit.lib.ObjectReader;
import org.eclipse.jgit.revwalk.RevCommit;
import org.eclipse.jgit.revwalk.RevWalk;
import org.eclipse.jgit.treewalk.TreeWalk;
import org.jspecify.annotations.Nullable;

/**
 * All that a tree has, directories before what is in them. A submodule that was fetched is a
 * directory; one that was not is an empty one. Names are those that git itself checks out.
 */
public final class CommitTree implements Iterator<CommitTree.Entry> {
  private static final int MAX_ENTRIES = 100_000;
  private static final int MAX_DEPTH = 100;
  private static final int MAX_LINK_BYTES = 4095;

  /** {@code path}: from the directory that is read. */
  public sealed interface Entry {
    String path();

    record Directory(String path) implements Entry {}

    /** {@code content} is read before the next entry is asked for. */
    record File(String path, Executable executable, long size, Content content) implements Entry {}

    record Link(String path, String target) implements Entry {}
  }

  public enum Executable {
    NO,
    YES
  }

  /** What is in a file. */
  public interface Content {
    InputStream open() throws IOException;
  }

  /**
   * @param prefix with a slash at its end, or empty
   */
  private record Level(TreeWalk walk, String prefix) {}

  private final ObjectReader reader;
  private final Instant committed;
  private final ObjectChecker names = new ObjectChecker();
  private final Deque<Level> levels = new ArrayDeque<>();
  private int entries;
  private @Nullable Entry ready;

  private CommitTree(ObjectReader reader, Instant committed, ObjectId tree) throws IOException {
    this.reader = reader;
    this.committed = committed;
    enter(tree, "");
  }

  static CommitTree of(ObjectReader reader, RevCommit commit, String directory) throws IOException {
    return new CommitTree(
        reader,
        Instant.ofEpochSecond(commit.getCommitTime()),
        tree(reader, commit.getTree(), Extent.normal(directory)));
  }

  private static ObjectId tree(ObjectReader reader, ObjectId root, String path) throws IOException {
    if (path.isEmpty()) {
      return root;
    }
    try (TreeWalk walk = TreeWalk.forPath(reader, path, root)) {
      if (walk == null || !FileMode.TREE.equals(walk.getFileMode(0))) {
        throw new GitException(Reason.NO_SUCH_PATH, "there is no directory " + path);
      }
      return walk.getObjectId(0);
    }
  }

  /** When the commit was made, as it says itself. */
  public Instant committed() {
    return committed;
  }

  private void enter(ObjectId tree, String prefix) throws IOException {
    if (levels.size() == MAX_DEPTH) {
      throw new GitException(Reason.TOO_LARGE, prefix + ": directories deeper than " + MAX_DEPTH);
    }
    TreeWalk walk = new TreeWalk(reader);
    walk.addTree(tree);
    levels.push(new Level(walk, prefix));
  }

  @Override
  public boolean hasNext() {
    try {
      while (ready == null && !levels.isEmpty()) {
        Level level = levels.element();
        if (level.walk().next()) {
          ready = entry(level);
        } else {
          levels.pop();
        }
      }
      return ready != null;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public Entry next() {
    if (!hasNext() || ready == null) {
      throw new NoSuchElementException();
    }
    Entry next = ready;
    ready = null;
    return next;
  }

  private Entry entry(Level level) throws IOException {
    if (++entries > MAX_ENTRIES) {
      throw new GitException(Reason.TOO_LARGE, "more than " + MAX_ENTRIES + " files");
    }
    TreeWalk walk = level.walk();
    String path = level.prefix() + name(level);
    ObjectId id = walk.getObjectId(0);
    FileMode mode = walk.getFileMode(0);
    if (FileMode.TREE.equals(mode)) {
      enter(id, path + "/");
      return new Entry.Directory(path);
    }
    if (FileMode.GITLINK.equals(mode)) {
      submodule(id, path);
      return new Entry.Directory(path);
    }
    ObjectLoader loader = reader.open(id, Constants.OBJ_BLOB);
    if (FileMode.SYMLINK.equals(mode)) {
      return new Entry.Link(path, target(loader, path));
    }
    Executable executable = FileMode.EXECUTABLE_FILE.equals(mode) ? Executable.YES : Executable.NO;
    return new Entry.File(path, executable, loader.getSize(), loader::openStream);
  }

  private static String target(ObjectLoader link, String path) throws IOException {
    if (link.getSize() > MAX_LINK_BYTES) {
      throw new GitException(
          Reason.BAD_CONTENT, path + " is a link to more than " + MAX_LINK_BYTES + " bytes");
    }
    return utf8(link.getBytes(MAX_LINK_BYTES), path);
  }

  /** Git refuses the same: {@code ..}, {@code .git}, and what would be several names. */
  private String name(Level level) throws IOException {
    byte[] raw = level.walk().getRawPath();
    try {
      names.checkPathSegment(raw, 0, raw.length);
    } catch (CorruptObjectException e) {
      throw new GitException(
          Reason.BAD_CONTENT,
          "a file in /%s has a name that git does not take: %s"
              .formatted(level.prefix(), e.getMessage()),
          e);
    }
    return utf8(raw, level.prefix());
  }

  private static String utf8(byte[] raw, String where) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(raw)).toString();
    } catch (CharacterCodingException e) {
      throw new GitException(
          Reason.BAD_CONTENT, "a name or link at /" + where + " is not UTF-8", e);
    }
  }

  private void submodule(ObjectId commit, String path) throws IOException {
    try (RevWalk walk = new RevWalk(reader)) {
      enter(walk.parseCommit(commit).getTree(), path + "/");
    } catch (MissingObjectException | IncorrectObjectTypeException e) {
      return; // one in a submodule: it was not asked for
    }
  }
}
