package dev.jctl.controller.git;

import java.util.Optional;

/** What of a repository is followed. */
public sealed interface GitRef {
  /** What the remote's HEAD names. */
  record DefaultBranch() implements GitRef {}

  record Branch(String name) implements GitRef {}

  record Tag(String name) implements GitRef {}

  /** A whole reference, or else a tag, or else a branch; gitrevisions(7). */
  record Named(String name) implements GitRef {}

  /** The highest tag that is a version in the range, in npm's syntax. */
  record Range(String range) implements GitRef {}

  /**
   * @param id 40 hexadecimal digits
   * @param branch where it is looked for when the remote gives no commit by its id
   */
  record Commit(String id, Optional<String> branch) implements GitRef {}
}
