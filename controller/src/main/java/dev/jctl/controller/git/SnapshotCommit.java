package dev.jctl.controller.git;

import java.io.IOException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.eclipse.jgit.dircache.DirCache;
import org.eclipse.jgit.dircache.DirCacheBuilder;
import org.eclipse.jgit.dircache.DirCacheEntry;
import org.eclipse.jgit.lib.CommitBuilder;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.FileMode;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectInserter;
import org.eclipse.jgit.lib.PersonIdent;
import org.eclipse.jgit.lib.Repository;

/** Files as a commit: the same id for the same name and files, whenever it is made. */
final class SnapshotCommit {
  private static final PersonIdent NOBODY =
      new PersonIdent("jctl", "jctl@localhost", Instant.EPOCH, ZoneOffset.UTC);

  private SnapshotCommit() {}

  /**
   * @throws GitException for names that git has no place for
   */
  static ObjectId write(Repository repository, String name, List<SnapshotFile> files)
      throws IOException {
    try (ObjectInserter inserter = repository.newObjectInserter()) {
      CommitBuilder commit = new CommitBuilder();
      commit.setTreeId(tree(inserter, files));
      commit.setAuthor(NOBODY);
      commit.setCommitter(NOBODY);
      commit.setMessage(name);
      ObjectId id = inserter.insert(commit);
      inserter.flush();
      return id;
    }
  }

  private static ObjectId tree(ObjectInserter inserter, List<SnapshotFile> files)
      throws IOException {
    DirCacheBuilder builder = DirCache.newInCore().builder();
    for (SnapshotFile file : files) {
      builder.add(entry(inserter, file));
    }
    try {
      builder.finish();
    } catch (IllegalStateException e) {
      throw bad("there are two files of the same name: " + e.getMessage());
    }
    return builder.getDirCache().writeTree(inserter);
  }

  private static DirCacheEntry entry(ObjectInserter inserter, SnapshotFile file)
      throws IOException {
    try {
      DirCacheEntry entry = new DirCacheEntry(file.path());
      entry.setFileMode(
          file.kind() == SnapshotFile.Kind.LINK ? FileMode.SYMLINK : FileMode.REGULAR_FILE);
      entry.setObjectId(inserter.insert(Constants.OBJ_BLOB, file.content()));
      return entry;
    } catch (IllegalArgumentException e) {
      throw bad(file.path() + ": no name for a file: " + e.getMessage());
    }
  }

  private static GitException bad(String message) {
    return new GitException(GitException.Reason.BAD_CONTENT, message);
  }
}
