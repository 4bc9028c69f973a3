package dev.jctl.controller.gitrepository;

import dev.jctl.controller.drift.Drifts;
import dev.jctl.controller.git.Revision;
import dev.jctl.controller.status.Conditions;
import dev.jctl.controller.status.Conditions.Seen;
import dev.jctl.controller.status.Times;
import dev.jctl.manifests.model.Drift;
import dev.jctl.manifests.model.GitRepositoryStatus;
import dev.jctl.manifests.model.GitRepositoryStatus.Attempt;
import dev.jctl.manifests.model.Resource;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What became of what is followed → its status. Pure. */
final class GitRepositoryStatusView {
  private static final int MAX_MESSAGE = 4096;
  private static final String READY = "Ready";
  private static final GitRepositoryStatus NOTHING =
      new GitRepositoryStatus(
          null, null, null, null, null, null, null, null, null, null, null, null, null);

  private final Resource.Followed repository;
  private final GitRepositoryStatus before;
  private final @Nullable String inputs;
  private final Instant now;

  /** {@code inputs}: which versions of other objects the manifests depend on. */
  GitRepositoryStatusView(Resource.Followed repository, String inputs, Instant now) {
    this.repository = repository;
    this.before = repository.status() == null ? NOTHING : repository.status();
    this.inputs = inputs.isEmpty() ? null : inputs;
    this.now = now;
  }

  /**
   * What runs.
   *
   * @param signer whoever signed it; empty: nobody was asked for
   * @param drift what is found changed by others
   */
  record Running(Revision revision, int objects, Optional<String> signer, List<Drift> drift) {}

  /** It runs as it shall. */
  GitRepositoryStatus applied(Running running) {
    boolean gated = repository.spec().healthGate() != null;
    String text = running.revision().toString();
    Seen ready = new Seen(READY, true, "Applied", words(running));
    return with(
        running,
        READY,
        gated ? text : before.lastHealthyRevision(),
        gated ? "Healthy" : "Applied",
        ready);
  }

  /** It runs, and has to become healthy; with nothing that is not Ready, to stay so. */
  GitRepositoryStatus progressing(Running running, List<String> notReady) {
    String what =
        notReady.isEmpty()
            ? "; all are Ready, and have to stay so for a moment"
            : "; not Ready yet: " + String.join("; ", notReady);
    String message = words(running) + what;
    return with(
        running,
        "Progressing",
        before.lastHealthyRevision(),
        "Progressing",
        new Seen(READY, false, "Progressing", bounded(message)));
  }

  private GitRepositoryStatus with(
      Running running, String phase, @Nullable String healthy, String result, Seen ready) {
    String text = running.revision().toString();
    String since = before.lastAppliedTime();
    boolean same = text.equals(before.lastAppliedRevision()) && since != null;
    return new GitRepositoryStatus(
        generation(),
        phase,
        text,
        text,
        same ? since : Times.text(now),
        healthy,
        Origin.url(repository),
        inputs,
        running.objects(),
        requestMet(),
        Drifts.recent(before.drift(), running.drift()),
        attempted(running.revision(), result, null),
        conditions(facts(running, ready)));
  }

  private static List<Seen> facts(Running running, Seen ready) {
    List<Seen> facts = new ArrayList<>(List.of(ready, DriftView.inSync(running.drift())));
    running
        .signer()
        .ifPresent(who -> facts.add(new Seen("Verified", true, "Signed", "Signed by " + who)));
    return facts;
  }

  private static String words(Running running) {
    return "Applied " + running.objects() + " objects of " + running.revision();
  }

  /** {@code attempted}: null when nothing could be fetched. */
  GitRepositoryStatus failed(@Nullable Revision attempted, String reason, String message) {
    return failed(attempted, reason, message, List.of());
  }

  /** {@code drift}: what is found changed by others of what goes on. */
  GitRepositoryStatus failed(
      @Nullable Revision attempted, String reason, String message, List<Drift> drift) {
    String all = (attempted == null ? "" : attempted + ": ") + message + goesOn();
    String last = attempted == null ? before.lastAttemptedRevision() : attempted.toString();
    List<Attempt> history =
        attempted == null ? before.history() : attempted(attempted, reason, message);
    return keeping(
        "Failed",
        last,
        requestMet(),
        drift.isEmpty() ? before.drift() : Drifts.recent(before.drift(), drift),
        history,
        new Seen(READY, false, reason, bounded(all)));
  }

  private String goesOn() {
    String running = before.lastAppliedRevision();
    return running == null ? "" : " (" + running + " goes on)";
  }

  /** It did not become healthy in time; what is done about that comes next. */
  GitRepositoryStatus unhealthy(Revision revision, List<String> notReady) {
    return failed(
        revision,
        "Unhealthy",
        "not Ready within "
            + RolloutPlanner.patience(repository.spec()).toSeconds()
            + " s: "
            + String.join("; ", notReady));
  }

  /** Instead of one that did not become healthy, an earlier one runs. */
  GitRepositoryStatus returned(Revision bad, Running running) {
    String before = Conditions.message(this.before.conditions(), READY);
    String cause = before.replaceFirst(" \\([^()]* goes on\\)$", "");
    String text = running.revision().toString();
    Seen ready = new Seen(READY, false, "Unhealthy", bounded(cause + " (" + text + " goes on)"));
    boolean moved = !text.equals(this.before.lastAppliedRevision());
    return new GitRepositoryStatus(
        generation(),
        "Failed",
        text,
        bad.toString(),
        moved ? Times.text(now) : this.before.lastAppliedTime(),
        this.before.lastHealthyRevision(),
        this.before.url(),
        inputs,
        running.objects(),
        requestMet(),
        Drifts.recent(this.before.drift(), running.drift()),
        moved ? attempted(running.revision(), "Returned", null) : this.before.history(),
        conditions(facts(running, ready)));
  }

  GitRepositoryStatus waiting(String phase, String reason, String message) {
    return keeping(
        phase,
        before.lastAttemptedRevision(),
        before.lastHandledReconcileRequest(),
        before.drift(),
        before.history(),
        new Seen(READY, false, reason, bounded(message)));
  }

  private static String bounded(String message) {
    return message.length() <= MAX_MESSAGE ? message : message.substring(0, MAX_MESSAGE) + "…";
  }

  private GitRepositoryStatus keeping(
      String phase,
      @Nullable String attempted,
      @Nullable String request,
      @Nullable List<Drift> drift,
      @Nullable List<Attempt> history,
      Seen ready) {
    return new GitRepositoryStatus(
        generation(),
        phase,
        before.lastAppliedRevision(),
        attempted,
        before.lastAppliedTime(),
        before.lastHealthyRevision(),
        before.url(),
        attempted == null || attempted.equals(before.lastAttemptedRevision())
            ? before.observedInputs()
            : inputs,
        before.objects(),
        request,
        drift,
        history,
        conditions(List.of(ready)));
  }

  private List<Attempt> attempted(Revision revision, String result, @Nullable String message) {
    return History.with(
        before.history(),
        new Attempt(revision.toString(), Times.text(now), result, generation(), message));
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
