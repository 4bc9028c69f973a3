package dev.jctl.controller.gitrepository;

import dev.jctl.manifests.model.GitRepositoryStatus.Attempt;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What was tried, the latest first. Pure. */
final class History {
  private static final int MAX_ATTEMPTS = 10;
  private static final int MAX_MESSAGE = 512;
  private static final String PROGRESSING = "Progressing";

  private History() {}

  /** With one attempt more, or with what became of the latest. */
  static List<Attempt> with(@Nullable List<Attempt> before, Attempt attempt) {
    List<Attempt> all = before == null ? new ArrayList<>() : new ArrayList<>(before);
    if (all.isEmpty()) {
      return List.of(bounded(attempt));
    }
    Attempt last = all.getFirst();
    boolean same =
        last.revision().equals(attempt.revision())
            && Objects.equals(last.generation(), attempt.generation());
    if (same && last.result().equals(attempt.result())) {
      return all;
    }
    if (same && last.result().equals(PROGRESSING)) {
      all.removeFirst();
    } else if (last.result().equals(PROGRESSING)) {
      all.set(0, superseded(last));
    }
    all.addFirst(bounded(attempt));
    return List.copyOf(all.subList(0, Math.min(all.size(), MAX_ATTEMPTS)));
  }

  private static Attempt superseded(Attempt a) {
    return new Attempt(a.revision(), a.time(), "Superseded", a.generation(), null);
  }

  private static Attempt bounded(Attempt a) {
    String message = a.message();
    return message == null || message.length() <= MAX_MESSAGE
        ? a
        : new Attempt(
            a.revision(),
            a.time(),
            a.result(),
            a.generation(),
            message.substring(0, MAX_MESSAGE) + "…");
  }
}
