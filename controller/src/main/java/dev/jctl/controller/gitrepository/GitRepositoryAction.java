package dev.jctl.controller.gitrepository;

import dev.jctl.controller.git.Revision;

/** What is to be done about one GitRepository. */
sealed interface GitRepositoryAction {
  /** Look at where it is from, and apply what it has. */
  record Fetch(Origin origin) implements GitRepositoryAction {}

  /** What was fetched is up to date; look whether the objects still are. */
  record Hold(Revision revision) implements GitRepositoryAction {}

  record Suspend() implements GitRepositoryAction {}

  /** Something else must be so first; what runs, runs on. */
  record Await(String reason, String message) implements GitRepositoryAction {}

  /** It is being deleted: its objects go first. */
  record Prune() implements GitRepositoryAction {}

  /** It is being deleted, and its objects stay. */
  record Release() implements GitRepositoryAction {}
}
