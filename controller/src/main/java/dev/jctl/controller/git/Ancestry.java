package dev.jctl.controller.git;

import java.io.IOException;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.revwalk.RevCommit;
import org.eclipse.jgit.revwalk.RevWalk;

/** Whether a commit is in the history of another, as far as that was fetched. */
final class Ancestry {
  private Ancestry() {}

  enum Answer {
    YES,
    NO,
    /** Not in the part of the history that is at hand. */
    NOT_SEEN
  }

  static Answer of(Repository repository, ObjectId ancestor, ObjectId commit) throws IOException {
    try (RevWalk walk = new RevWalk(repository)) {
      walk.setRetainBody(false);
      walk.markStart(walk.parseCommit(commit));
      for (RevCommit each : walk) {
        if (each.equals(ancestor)) {
          return Answer.YES;
        }
      }
    }
    return repository.getObjectDatabase().getShallowCommits().isEmpty()
        ? Answer.NO
        : Answer.NOT_SEEN;
  }
}
