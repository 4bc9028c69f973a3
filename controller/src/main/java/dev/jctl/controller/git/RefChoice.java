package dev.jctl.controller.git;

import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.Ref;
import org.semver4j.Semver;
import org.semver4j.range.RangeList;
import org.semver4j.range.RangeListFactory;

/** What is followed, and the references of the remote → what is fetched. Pure. */
final class RefChoice {
  private RefChoice() {}

  /**
   * @param source a reference of the remote, or the id of a commit
   * @param name for people; empty: there is none but the id
   * @param commit empty: known when it is fetched
   */
  record Chosen(String source, String name, Optional<String> commit) {}

  /** {@code refs}: by full name. */
  static Chosen of(GitRef wanted, Map<String, Ref> refs) {
    return switch (wanted) {
      case GitRef.DefaultBranch head -> defaultBranch(refs);
      case GitRef.Branch branch -> named(Constants.R_HEADS, branch.name(), "branch", refs);
      case GitRef.Tag tag -> named(Constants.R_TAGS, tag.name(), "tag", refs);
      case GitRef.Named any -> named(any.name(), refs);
      case GitRef.Range range -> named(Constants.R_TAGS, highest(range, refs), "tag", refs);
      case GitRef.Commit commit ->
          new Chosen(commit.id(), commit.branch().orElse(""), Optional.of(commit.id()));
    };
  }

  private static Chosen defaultBranch(Map<String, Ref> refs) {
    Ref head = refs.get(Constants.HEAD);
    if (head == null) {
      throw new GitException(
          GitException.Reason.NO_SUCH_REF,
          "the repository is empty or its HEAD names no branch; set spec.ref.branch");
    }
    String name = head.isSymbolic() ? head.getTarget().getName() : branchAt(head, refs).orElse("");
    return new Chosen(Constants.HEAD, name.replaceFirst("^" + Constants.R_HEADS, ""), id(head));
  }

  /** Servers that do not say what HEAD stands for are taken at the commit. */
  private static Optional<String> branchAt(Ref head, Map<String, Ref> refs) {
    return refs.values().stream()
        .filter(r -> r.getName().startsWith(Constants.R_HEADS))
        .filter(r -> id(r).equals(id(head)))
        .map(Ref::getName)
        .min(Comparator.naturalOrder());
  }

  private static Chosen named(String prefix, String name, String what, Map<String, Ref> refs) {
    Ref ref = refs.get(prefix + name);
    if (ref == null) {
      throw new GitException(
          GitException.Reason.NO_SUCH_REF, "the repository has no " + what + " " + name);
    }
    return new Chosen(prefix + name, name, id(ref));
  }

  private static Chosen named(String name, Map<String, Ref> refs) {
    return Stream.of("", Constants.R_TAGS, Constants.R_HEADS)
        .map(prefix -> refs.get(prefix + name))
        .flatMap(Stream::ofNullable)
        .findFirst()
        .map(ref -> new Chosen(ref.getName(), name, id(ref)))
        .orElseThrow(
            () ->
                new GitException(
                    GitException.Reason.NO_SUCH_REF,
                    "the repository has no tag and no branch " + name));
  }

  private static Optional<String> id(Ref ref) {
    return Optional.ofNullable(
            ref.getPeeledObjectId() == null ? ref.getObjectId() : ref.getPeeledObjectId())
        .map(id -> id.getName());
  }

  private static String highest(GitRef.Range wanted, Map<String, Ref> refs) {
    RangeList range = RangeListFactory.create(wanted.range());
    return refs.keySet().stream()
        .filter(name -> name.startsWith(Constants.R_TAGS))
        .map(name -> name.substring(Constants.R_TAGS.length()))
        .filter(tag -> version(tag).map(range::isSatisfiedBy).orElse(false))
        .max(Comparator.comparing(tag -> version(tag).orElseThrow()))
        .orElseThrow(
            () ->
                new GitException(
                    GitException.Reason.NO_SUCH_REF,
                    "the repository has no tag in the range " + wanted.range()));
  }

  private static Optional<Semver> version(String tag) {
    return Optional.ofNullable(Semver.parse(tag.replaceFirst("^v", "")));
  }
}
