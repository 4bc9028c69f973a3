package dev.jctl.controller.git;

import dev.jctl.controller.git.GitException.Reason;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.FileMode;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectReader;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.revwalk.RevWalk;
import org.eclipse.jgit.treewalk.TreeWalk;
import org.eclipse.jgit.treewalk.filter.PathFilterGroup;

/**
 * What of a commit, of which the directories are at hand, is not.
 *
 * @param files ids of their content
 * @param submodules their commits by path
 */
record Wanted(Set<ObjectId> files, Map<String, ObjectId> submodules) {
  private static final int MAX_ENTRIES = 100_000;

  static Wanted of(Repository repository, String commit, Extent extent) throws IOException {
    Wanted wanted = new Wanted(new HashSet<>(), new HashMap<>());
    if (extent.equals(Extent.ALL)) {
      return wanted;
    }
    try (RevWalk commits = new RevWalk(repository);
        TreeWalk walk = new TreeWalk(commits.getObjectReader())) {
      walk.addTree(commits.parseCommit(ObjectId.fromString(commit)).getTree());
      walk.setRecursive(true);
      if (extent.isPart()) {
        walk.setFilter(PathFilterGroup.createFromStrings(extent.paths()));
      }
      for (int entries = 0; walk.next(); entries++) {
        if (entries == MAX_ENTRIES) {
          throw new GitException(
              Reason.TOO_LARGE, "more than " + MAX_ENTRIES + " files are to be looked at");
        }
        wanted.see(walk, extent, walk.getObjectReader());
      }
    }
    return wanted;
  }

  private void see(TreeWalk walk, Extent extent, ObjectReader reader) throws IOException {
    ObjectId id = walk.getObjectId(0);
    if (FileMode.GITLINK.equals(walk.getFileMode(0))) {
      if (extent.submodules() && !reader.has(id, Constants.OBJ_COMMIT)) {
        submodules.put(walk.getPathString(), id);
      }
    } else if (extent.isPart() && !reader.has(id)) {
      files.add(id);
    }
  }
}
