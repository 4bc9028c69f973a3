package dev.jctl.controller.gitrepository;

import dev.jctl.controller.git.Revision;
import java.time.Instant;
import java.util.Optional;

/** What is to be done about the revision that a repository has now. */
sealed interface RolloutAction {
  record Apply(Revision revision) implements RolloutAction {}

  /** It runs: what others change is found. */
  record Keep(Revision revision) implements RolloutAction {}

  /** It runs, and has until then to become healthy. */
  record Watch(Revision revision, Instant deadline) implements RolloutAction {}

  /** It is known not to become healthy. {@code running}: what runs instead, or is to. */
  record Refuse(Revision bad, Optional<Revision> running) implements RolloutAction {}
}
