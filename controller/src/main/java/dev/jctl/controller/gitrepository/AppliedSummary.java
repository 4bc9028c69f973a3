package dev.jctl.controller.gitrepository;

import dev.jctl.controller.git.Revision;
import java.util.Locale;

/** What an application changed, in a line. Pure. */
final class AppliedSummary {
  private static final int MAX_NAMED = 10;

  private AppliedSummary() {}

  static String of(Revision revision, RepositorySets.Outcome outcome) {
    StringBuilder text = new StringBuilder(revision.toString()).append(": ");
    outcome.changes().stream()
        .limit(MAX_NAMED)
        .forEach(
            c ->
                text.append(c.ref())
                    .append(' ')
                    .append(c.outcome().name().toLowerCase(Locale.ROOT))
                    .append(", "));
    outcome.pruned().stream().limit(MAX_NAMED).forEach(ref -> text.append(ref).append(" pruned, "));
    int others =
        Math.max(0, outcome.changes().size() - MAX_NAMED)
            + Math.max(0, outcome.pruned().size() - MAX_NAMED);
    int unchanged = outcome.objects() - outcome.changes().size();
    return text.append(others > 0 ? others + " others, " : "")
        .append(unchanged)
        .append(" unchanged")
        .toString();
  }
}
