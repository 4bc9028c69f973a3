package dev.jctl.controller.git;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A commit and how it was named; as text {@code main@sha1:1f3870be…}, as Flux writes it.
 *
 * @param name a branch or tag; empty: it was named by its id
 * @param commit 40 hexadecimal digits
 */
public record Revision(String name, String commit) {
  private static final Pattern TEXT = Pattern.compile("(?:(.+)@)?sha1:([0-9a-f]{40})");

  public static Optional<Revision> parse(String text) {
    Matcher m = TEXT.matcher(text);
    return m.matches()
        ? Optional.of(new Revision(m.group(1) == null ? "" : m.group(1), m.group(2)))
        : Optional.empty();
  }

  @Override
  public String toString() {
    return (name.isEmpty() ? "" : name + "@") + "sha1:" + commit;
  }
}
