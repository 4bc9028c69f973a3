package dev.jctl.controller.gitrepository;

import dev.jctl.controller.git.Revision;
import dev.jctl.controller.status.Conditions;
import dev.jctl.controller.status.Conditions.Seen;
import dev.jctl.controller.status.Times;
import dev.jctl.manifests.model.GitRepositoryStatus;
import dev.jctl.manifests.model.GitRepositoryStatus.Drift;
import dev.jctl.manifests.model.Resource;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What became of a GitRepository → its status. Pure. */
final class GitRepositoryStatusView {
  private static final int MAX_DRIFT = 20;
  private static final int MAX_MESSAGE = 4096;
  private static final GitRepositoryStatus NOTHING =
      new GitRepositoryStatus(null, null, null, null, null, null, null, null, null);

  private final Resource.GitRepository repository;
  private final GitRepositoryStatus before;
  private final Instant now;

  GitRepositoryStatusView(Resource.GitRepository repository, Instant now) {
    this.repository = repository;
    this.before = repository.status() == null ? NOTHING : repository.status();
    this.now = now;
  }

  /** {@code drift}: what was found changed by others just now. */
  GitRepositoryStatus applied(Revision revision, int objects, List<Drift> drift) {
    String text = revision.toString();
    boolean same = text.equals(before.lastAppliedRevision());
    boolean unrepaired = drift.stream().anyMatch(d -> !d.repaired());
    Seen ready = new Seen("Ready", true, "Applied", "Applied " + objects + " objects of " + text);
    Seen inSync =
        unrepaired
            ? new Seen("InSync", false, "Drifted", summary(drift))
            : new Seen("InSync", true, "AsDeclared", "All objects are as in the repository");
    String since = before.lastAppliedTime();
    return new GitRepositoryStatus(
        generation(),
        "Ready",
        text,
        text,
        same && since != null ? since : Times.text(now),
        objects,
        requestMet(),
        recent(drift),
        conditions(List.of(ready, inSync)));
  }

  private static String summary(List<Drift> drift) {
    return String.join(
        "; ",
        drift.stream()
            .map(d -> d.object() + (d.fields().isEmpty() ? " was deleted" : " " + d.fields()))
            .toList());
  }

  /** {@code attempted}: null when nothing could be fetched. */
  GitRepositoryStatus failed(@Nullable Revision attempted, String reason, String message) {
    String running = before.lastAppliedRevision();
    String all =
        (attempted == null ? "" : attempted + ": ")
            + message
            + (running == null ? "" : " (" + running + " goes on)");
    String last = attempted == null ? before.lastAttemptedRevision() : attempted.toString();
    return keeping("Failed", last, requestMet(), new Seen("Ready", false, reason, bounded(all)));
  }

  GitRepositoryStatus waiting(String phase, String reason, String message) {
    return keeping(
        phase,
        before.lastAttemptedRevision(),
        before.lastHandledReconcileRequest(),
        new Seen("Ready", false, reason, bounded(message)));
  }

  private static String bounded(String message) {
    return message.length() <= MAX_MESSAGE ? message : message.substring(0, MAX_MESSAGE) + "…";
  }

  private GitRepositoryStatus keeping(
      String phase, @Nullable String attempted, @Nullable String request, Seen ready) {
    return new GitRepositoryStatus(
        generation(),
        phase,
        before.lastAppliedRevision(),
        attempted,
        before.lastAppliedTime(),
        before.objects(),
        request,
        before.drift(),
        conditions(List.of(ready)));
  }

  /** The new before the old; of one object the last. */
  private @Nullable List<Drift> recent(List<Drift> drift) {
    List<Drift> earlier = before.drift() == null ? List.of() : before.drift();
    List<Drift> all = new ArrayList<>();
    drift.forEach(d -> all.add(firstSeen(d, earlier)));
    earlier.stream()
        .filter(old -> drift.stream().noneMatch(d -> d.object().equals(old.object())))
        .filter(Drift::repaired)
        .forEach(all::add);
    return all.isEmpty() ? null : all.subList(0, Math.min(all.size(), MAX_DRIFT));
  }

  /** What is only reported is the same drift until it changes. */
  private static Drift firstSeen(Drift drift, List<Drift> earlier) {
    return earlier.stream()
        .filter(old -> !old.repaired() && !drift.repaired())
        .filter(old -> old.object().equals(drift.object()) && old.fields().equals(drift.fields()))
        .findFirst()
        .orElse(drift);
  }

  private @Nullable String requestMet() {
    String request = GitRepositoryPlanner.request(repository);
    return request.isEmpty() ? null : request;
  }

  private long generation() {
    return GitRepositoryPlanner.generation(repository);
  }

  private List<io.fabric8.kubernetes.api.model.Condition> conditions(List<Seen> seen) {
    return Conditions.of(before.conditions(), generation(), now, seen);
  }
}
