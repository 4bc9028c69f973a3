package dev.jctl.manifests.schema;

import java.util.Collection;
import java.util.Locale;
import java.util.Optional;

/** Which known name a mistyped one was meant to be. */
public final class NearestName {
  /** Longer words are nobody's slip, and would cost: the distance takes the product of lengths. */
  private static final int MAX_LENGTH = 64;

  private NearestName() {}

  /**
   * The candidate that takes the fewest edits, if those are few enough to be a slip: at most a
   * third of the word, and two for short words. Upper and lower case count as alike.
   */
  public static Optional<String> of(String word, Collection<String> candidates) {
    if (word.isEmpty() || word.length() > MAX_LENGTH) {
      return Optional.empty();
    }
    String nearest = null;
    int least = Math.max(word.length() <= 3 ? 1 : 2, word.length() / 3) + 1;
    for (String candidate : candidates) {
      if (Math.abs(candidate.length() - word.length()) < least) {
        int distance = distance(lower(word), lower(candidate));
        if (distance < least) {
          least = distance;
          nearest = candidate;
        }
      }
    }
    return Optional.ofNullable(nearest);
  }

  /** {@code : did you mean "x"?} or nothing. */
  public static String hint(String word, Collection<String> candidates) {
    return of(word, candidates).map(n -> ": did you mean \"" + n + "\"?").orElse("");
  }

  private static String lower(String s) {
    return s.toLowerCase(Locale.ROOT);
  }

  /**
   * Edits between two words: insertion, deletion, replacement, swap of two neighbours (optimal
   * string alignment).
   */
  static int distance(String a, String b) {
    int[] beforeLast = new int[b.length() + 1];
    int[] last = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      last[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int[] row = new int[b.length() + 1];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int replaced = last[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        row[j] = Math.min(replaced, Math.min(last[j], row[j - 1]) + 1);
        if (swapped(a, i, b, j)) {
          row[j] = Math.min(row[j], beforeLast[j - 2] + 1);
        }
      }
      beforeLast = last;
      last = row;
    }
    return last[b.length()];
  }

  private static boolean swapped(String a, int i, String b, int j) {
    return i > 1
        && j > 1
        && a.charAt(i - 1) == b.charAt(j - 2)
        && a.charAt(i - 2) == b.charAt(j - 1);
  }
}
