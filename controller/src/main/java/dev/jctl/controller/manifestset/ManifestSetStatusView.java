package dev.jctl.controller.manifestset;

import dev.jctl.controller.drift.Drifts;
import dev.jctl.controller.manifestset.ManifestSetPlanner.Member;
import dev.jctl.controller.sets.Health;
import dev.jctl.controller.sets.Members;
import dev.jctl.controller.sets.SetHistory;
import dev.jctl.controller.status.Conditions;
import dev.jctl.controller.status.Conditions.Seen;
import dev.jctl.manifests.model.Drift;
import dev.jctl.manifests.model.ManifestSetStatus;
import dev.jctl.manifests.model.ManifestSetStatus.NotReady;
import dev.jctl.manifests.model.ManifestSetStatus.Revision;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** How the members of a set are → its status. Pure. */
final class ManifestSetStatusView {
  private static final int MAX_NOT_READY = 10;
  private static final int MAX_NAMED = 3;

  /** Of a status that each look writes again, only as much as a person reads. */
  private static final int MAX_MESSAGE = 512;

  private static final ManifestSetStatus NOTHING =
      new ManifestSetStatus(
          null, null, null, null, null, null, null, null, null, null, null, null, null);

  private final ManifestSetStatus before;
  private final List<Member> members;
  private final List<Drift> drift;
  private final long generation;
  private final Instant now;

  /** {@code drift}: what was found changed on the machine of the members. */
  ManifestSetStatusView(
      Optional<ManifestSetStatus> before,
      List<Member> members,
      List<Drift> drift,
      long generation,
      Instant now) {
    this.before = before.orElse(NOTHING);
    this.members = members;
    this.drift = drift;
    this.generation = generation;
    this.now = now;
  }

  ManifestSetStatus shown() {
    return with(before.history());
  }

  /** With what is known now of the current revision; {@code message} empty: nothing to be said. */
  ManifestSetStatus concluded(String result, String message) {
    return with(
        Objects.requireNonNullElse(before.history(), List.<Revision>of()).stream()
            .map(
                r ->
                    r.revision().equals(before.revision())
                        ? SetHistory.concluded(
                            r, result, message.isEmpty() ? null : bounded(message))
                        : r)
            .toList());
  }

  ManifestSetStatus terminating() {
    Seen ready = new Seen("Ready", false, "Pruning", "Deletion waits for its objects");
    return status("Terminating", before.history(), ready);
  }

  private ManifestSetStatus with(@Nullable List<Revision> history) {
    if (before.revision() == null) {
      Seen empty = new Seen("Ready", false, "Empty", "Nothing was applied as this set yet");
      return status("Pending", history, empty);
    }
    Optional<Revision> current =
        history == null
            ? Optional.empty()
            : history.stream().filter(r -> r.revision().equals(before.revision())).findFirst();
    boolean unhealthy =
        current.filter(r -> r.result().equals(SetHistory.UNHEALTHY)).isPresent()
            || members.stream().anyMatch(m -> m.health().state() == Health.State.FAILED);
    boolean all = ready() == members.size();
    return status(all ? "Ready" : unhealthy ? "Failed" : "Pending", history, seen(all, current));
  }

  private Seen seen(boolean all, Optional<Revision> current) {
    String revision = "Revision " + before.revision();
    String because = current.map(Revision::cause).map(c -> " (" + c + ")").orElse("");
    return all
        ? new Seen("Ready", true, "Healthy", revision + because + ": all objects are ready")
        : new Seen(
            "Ready",
            false,
            "NotReady",
            bounded(
                revision
                    + because
                    + ": "
                    + ready()
                    + " of "
                    + members.size()
                    + " objects are ready; not yet: "
                    + named()));
  }

  private static String bounded(String message) {
    return message.length() <= MAX_MESSAGE ? message : message.substring(0, MAX_MESSAGE) + "…";
  }

  private String named() {
    List<String> unready =
        members.stream()
            .filter(m -> !m.health().isReady())
            .map(m -> Members.text(m.ref()))
            .toList();
    int others = unready.size() - MAX_NAMED;
    return String.join(", ", unready.subList(0, Math.min(MAX_NAMED, unready.size())))
        + (others > 0 ? " and " + others + " others" : "");
  }

  private int ready() {
    return (int) members.stream().filter(m -> m.health().isReady()).count();
  }

  private ManifestSetStatus status(String phase, @Nullable List<Revision> history, Seen ready) {
    return new ManifestSetStatus(
        generation,
        phase,
        before.revision(),
        healthy(history),
        before.appliedTime(),
        members.size(),
        ready(),
        before.members(),
        isOpen(history) ? before.leaving() : null,
        notReady(),
        Drifts.recent(before.drift(), drift),
        history,
        Conditions.of(before.conditions(), generation, now, List.of(ready)));
  }

  private boolean isOpen(@Nullable List<Revision> history) {
    return history != null
        && history.stream()
            .anyMatch(
                r ->
                    r.revision().equals(before.revision())
                        && r.result().equals(SetHistory.PENDING));
  }

  private @Nullable Long healthy(@Nullable List<Revision> history) {
    return history == null
        ? before.healthyRevision()
        : history.stream()
            .filter(r -> r.result().equals(SetHistory.HEALTHY))
            .map(Revision::revision)
            .max(Long::compare)
            .orElse(before.healthyRevision());
  }

  private @Nullable List<NotReady> notReady() {
    List<NotReady> first =
        members.stream()
            .filter(m -> !m.health().isReady())
            .limit(MAX_NOT_READY)
            .map(
                m ->
                    new NotReady(
                        Members.text(m.ref()),
                        m.health().reason(),
                        m.health().message().isEmpty() ? null : bounded(m.health().message())))
            .toList();
    return first.isEmpty() ? null : first;
  }
}
