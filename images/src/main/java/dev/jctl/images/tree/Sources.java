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
   */
  record Match(String path, String name, Node node) {}

  private Sources() {}

  /**
   * @throws IllegalArgumentException for a source that selects nothing
   */
  static List<Match> select(LayerTree from, List<String> sources) {
    List<Match> matches = new ArrayList<>();
    for (String source : sources) {
      List<Match> some = Globs.isGlob(source) ? wild(from, source) : one(from, source);
      if (some.isEmpty()) {
        throw new IllegalArgumentException(
            "there is no " + source + " to copy; is it left out by .dockerignore?");
      }
      matches.addAll(some);
    }
    return matches;
  }

  private static List<Match> one(LayerTree from, String source) {
    String path = from.resolve(source);
    Node node = from.node(path);
    String written = source.replaceFirst("/+$", "");
    String name = written.substring(written.lastIndexOf('/') + 1);
    return node == null ? List.of() : List.of(new Match(path, name, node));
  }

  private static List<Match> wild(LayerTree from, String source) {
    Pattern pattern = Globs.path(source.replaceFirst("^(\\.?/)+", "").replaceFirst("/+$", ""));
    List<Match> matches = new ArrayList<>();
    for (Map.Entry<String, Node> candidate : from.below("").entrySet()) {
      if (pattern.matcher(candidate.getKey()).matches()) {
        matches.addAll(one(from, candidate.getKey()));
      }
    }
    return matches;
  }
}
