package dev.jctl.images.tree;

import dev.jctl.images.dockerfile.Globs;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** Which files of a tree a COPY names. */
final class Sources {
  /**
   * @param path where it is, links followed; empty for the root
   * @param name what it was called
   * @param kept of the path, where the directories of the sources are made too
   */
  record Match(String path, String name, String kept, Node node) {}

  /** What is before it is not made. Dockerfile reference, "COPY --parents". */
  private static final String PIVOT = "/./";

  private Sources() {}

  /**
   * @throws IllegalArgumentException for a source that selects nothing
   */
  static List<Match> select(LayerTree from, List<String> sources) {
    List<Match> matches = new ArrayList<>();
    for (String source : sources) {
      List<Match> some = Globs.isGlob(source) ? wild(from, source) : one(from, source, source);
      if (some.isEmpty()) {
        throw new IllegalArgumentException(
            "there is no " + source + " to copy; is it left out by .dockerignore?");
      }
      matches.addAll(some);
    }
    return matches;
  }

  /**
   * @param pattern that the source was selected by, or itself
   */
  private static List<Match> one(LayerTree from, String source, String pattern) {
    String path = from.resolve(source);
    Node node = from.node(path);
    String written = source.replaceFirst("/+$", "");
    String name = written.substring(written.lastIndexOf('/') + 1);
    return node == null ? List.of() : List.of(new Match(path, name, kept(pattern, path), node));
  }

  private static String kept(String pattern, String path) {
    int pivot = pattern.indexOf(PIVOT);
    String kept = path;
    for (String name : pattern.substring(0, Math.max(0, pivot)).split("/", -1)) {
      boolean above = !name.isEmpty() && !name.equals(".");
      kept = above ? kept.substring(kept.indexOf('/') + 1) : kept;
    }
    return kept;
  }

  private static List<Match> wild(LayerTree from, String source) {
    Pattern pattern =
        Globs.path(
            source.replace(PIVOT, "/").replaceFirst("^(\\.?/)+", "").replaceFirst("/+$", ""));
    List<Match> matches = new ArrayList<>();
    for (Map.Entry<String, Node> candidate : from.below("").entrySet()) {
      if (pattern.matcher(candidate.getKey()).matches()) {
        matches.addAll(one(from, candidate.getKey(), source));
      }
    }
    return matches;
  }
}
