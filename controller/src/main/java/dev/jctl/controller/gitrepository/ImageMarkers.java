package dev.jctl.controller.gitrepository;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Lines that follow an Image's policy, marked as Flux has it: {@code image: r/web:1.0 #
 * {"$imagepolicy": "default:web"}}, with {@code :tag} behind the name for the tag alone. Pure.
 */
final class ImageMarkers {
  private static final Pattern MARKED =
      Pattern.compile(
          "(\\s*(?:- )?[\\w.\"'-]+:\\s+)(\"?)([^\\s\"#]+)(\"?)(\\s+#\\s*\\{\\s*\"\\$imagepolicy\":\\s*"
              + "\"([^\":]+):([^\":]+)(:tag)?\"\\s*\\}\\s*)");

  private ImageMarkers() {}

  /** An Image that a line follows. */
  record Marker(String namespace, String name) {}

  /** Those that are named. */
  static List<Marker> of(String text) {
    return text.lines()
        .map(MARKED::matcher)
        .filter(Matcher::matches)
        .map(m -> new Marker(m.group(6), m.group(7)))
        .distinct()
        .toList();
  }

  /**
   * The text with what is selected now.
   *
   * @param selected by tag and digest; empty: the line stays
   */
  static String updated(String text, Function<Marker, Optional<String>> selected) {
    List<String> lines = new ArrayList<>();
    for (String line : text.split("\n", -1)) {
      Matcher m = MARKED.matcher(line);
      lines.add(
          m.matches()
              ? selected
                  .apply(new Marker(m.group(6), m.group(7)))
                  .map(r -> m.group(8) == null ? tagged(m.group(3), r) : tag(r))
                  .map(v -> m.group(1) + m.group(2) + v + m.group(4) + m.group(5))
                  .orElse(line)
              : line);
    }
    return String.join("\n", lines);
  }

  /** With its digest where the line has one. */
  private static String tagged(String before, String reference) {
    return before.contains("@") ? reference : reference.substring(0, reference.indexOf('@'));
  }

  private static String tag(String reference) {
    String tagged = reference.substring(0, reference.indexOf('@'));
    return tagged.substring(tagged.lastIndexOf(':') + 1);
  }
}
