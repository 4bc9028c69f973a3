package dev.jctl.controller.git;

import java.util.List;

/**
 * What of a commit is fetched and read.
 *
 * @param paths directories and files; empty: all
 * @param submodules whether each is taken for a directory with the files of its commit
 */
public record Extent(List<String> paths, boolean submodules) {
  public static final Extent ALL = new Extent(List.of(), false);

  public Extent {
    List<String> normal = paths.stream().map(Extent::normal).distinct().toList();
    paths = normal.contains("") ? List.of() : normal;
  }

  /** Without dots and slashes at its ends: {@code deploy/web}, or empty for the root. */
  static String normal(String path) {
    return String.join(
        "/",
        List.of(path.split("/")).stream().filter(s -> !s.isEmpty() && !s.equals(".")).toList());
  }

  boolean isPart() {
    return !paths.isEmpty();
  }

  /** {@code path}: in its normal form. */
  boolean contains(String path) {
    return paths.isEmpty()
        || paths.stream().anyMatch(p -> path.equals(p) || path.startsWith(p + "/"));
  }
}
