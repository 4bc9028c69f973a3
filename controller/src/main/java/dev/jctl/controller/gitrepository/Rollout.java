package dev.jctl.controller.gitrepository;

import dev.jctl.controller.drift.MemberDrift;
import dev.jctl.controller.event.EventRecorder;
import dev.jctl.controller.git.GitException;
import dev.jctl.controller.git.Mirror;
import dev.jctl.controller.git.Revision;
import dev.jctl.controller.git.TrustedKeys;
import dev.jctl.controller.gitrepository.GitRepositoryStatusView.Running;
import dev.jctl.controller.gitrepository.RepositorySets.Change;
import dev.jctl.controller.overlay.Overlay;
import dev.jctl.controller.overlay.SourceFiles;
import dev.jctl.controller.queue.Outcome;
import dev.jctl.controller.resources.ApiException;
import dev.jctl.controller.sets.Health;
import dev.jctl.controller.sops.AgeIdentity;
import dev.jctl.controller.sops.DecryptionException;
import dev.jctl.controller.sops.SopsText;
import dev.jctl.controller.status.ObjectWriter;
import dev.jctl.controller.status.Times;
import dev.jctl.manifests.codec.ManifestDocument;
import dev.jctl.manifests.codec.ManifestException;
import dev.jctl.manifests.model.Drift;
import dev.jctl.manifests.model.FollowedSpec;
import dev.jctl.manifests.model.GitRepositoryStatus;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/** Brings the objects of a repository to what a revision says, and keeps them there. */
final class Rollout {
  /** While a commit has to become healthy; changes are told, mostly. */
  private static final Duration LOOK_AGAIN = Duration.ofSeconds(5);

  private final Origins origins;
  private final RepositorySets sets;
  private final MemberDrift machine;
  private final References references;
  private final ObjectWriter writer;
  private final EventRecorder events;
  private final InstantSource clock;

  Rollout(
      Origins origins,
      RepositorySets sets,
      MemberDrift machine,
      References references,
      ObjectWriter writer,
      EventRecorder events,
      InstantSource clock) {
    this.origins = origins;
    this.sets = sets;
    this.machine = machine;
    this.references = references;
    this.writer = writer;
    this.events = events;
    this.clock = clock;
  }

  /** {@code head}: what the repository has now, as far as is known. */
  Outcome bring(Subject subject, Mirror mirror, Revision head) {
    try {
      return switch (RolloutPlanner.plan(subject.repository(), subject.inputs(), head)) {
        case RolloutAction.Apply apply -> apply(subject, mirror, apply.revision());
        case RolloutAction.Keep keep -> keep(subject, mirror, keep.revision());
        case RolloutAction.Watch watch -> watch(subject, mirror, watch);
        case RolloutAction.Refuse refuse -> refuse(subject, mirror, refuse);
      };
    } catch (GitException e) {
      return failed(subject, mirror, head, e.reason().text(), e);
    } catch (ManifestException e) {
      return failed(subject, mirror, head, "InvalidManifest", e);
    } catch (DecryptionException e) {
      return failed(subject, mirror, head, "DecryptionFailed", e);
    } catch (ApiException e) {
      return failed(subject, mirror, head, e.reason().text(), e);
    }
  }

  private Outcome apply(Subject subject, Mirror mirror, Revision revision) {
    Optional<String> signer = signer(subject, mirror, revision);
    RepositorySets.Outcome outcome =
        sets.apply(subject, documents(subject, mirror, revision), revision.toString());
    events.normal(subject.object(), "Applied", AppliedSummary.of(revision, outcome));
    Running running = new Running(revision, outcome.objects(), signer, List.of());
    if (RolloutPlanner.isGated(subject.repository(), revision)) {
      return gate(
          subject, running, outcome, clock.instant().plus(RolloutPlanner.patience(subject.spec())));
    }
    writer.status(subject.object(), subject.view(clock.instant()).applied(running));
    return again(subject);
  }

  /** What differs from the revision although it was applied, was changed by somebody else. */
  private Outcome keep(Subject subject, Mirror mirror, Revision revision) {
    Optional<String> signer = signer(subject, mirror, revision);
    RepositorySets.Outcome outcome = compared(subject, mirror, revision);
    Running running = new Running(revision, outcome.objects(), signer, drift(subject, outcome));
    writer.status(subject.object(), subject.view(clock.instant()).applied(running));
    return again(subject);
  }

  private Outcome watch(Subject subject, Mirror mirror, RolloutAction.Watch watch) {
    Optional<String> signer = signer(subject, mirror, watch.revision());
    RepositorySets.Outcome outcome = compared(subject, mirror, watch.revision());
    Running running =
        new Running(watch.revision(), outcome.objects(), signer, drift(subject, outcome));
    return gate(subject, running, outcome, watch.deadline());
  }

  private Outcome gate(
      Subject subject, Running running, RepositorySets.Outcome outcome, Instant deadline) {
    List<String> notReady = sets.notReady(outcome);
    Instant now = clock.instant();
    GitRepositoryStatusView view = subject.view(now);
    Instant settled = settled(subject, outcome, deadline);
    if (notReady.isEmpty() && now.isBefore(settled)) {
      writer.status(subject.object(), view.progressing(running, List.of()));
      return Outcome.again(Duration.between(now, settled));
    }
    if (notReady.isEmpty()) {
      writer.status(subject.object(), view.applied(running));
      events.normal(subject.object(), "Healthy", running.revision() + ": all objects are Ready");
      return again(subject);
    }
    if (now.isBefore(deadline)) {
      writer.status(subject.object(), view.progressing(running, notReady));
      Duration left = Duration.between(now, deadline);
      return Outcome.again(left.compareTo(LOOK_AGAIN) < 0 ? left : LOOK_AGAIN);
    }
    writer.status(subject.object(), view.unhealthy(running.revision(), notReady));
    events.warning(
        subject.object(),
        "Unhealthy",
        running.revision() + " did not become Ready: " + String.join("; ", notReady));
    return Outcome.again(Duration.ZERO);
  }

  /** When what is Ready now counts as healthy. */
  private Instant settled(Subject subject, RepositorySets.Outcome outcome, Instant deadline) {
    Instant applied = deadline.minus(RolloutPlanner.patience(subject.spec()));
    Instant ready = sets.readySince(outcome);
    return (ready.isAfter(applied) ? ready : applied).plus(Health.SETTLED);
  }

  /** What is known not to become healthy does not run, or at least nothing else is tried. */
  private Outcome refuse(Subject subject, Mirror mirror, RolloutAction.Refuse refuse) {
    if (refuse.running().isEmpty()) {
      return again(subject);
    }
    Revision running = refuse.running().get();
    origins.recall(subject, mirror, running);
    boolean isThere = running.toString().equals(applied(subject));
    Optional<String> signer = signer(subject, mirror, running);
    RepositorySets.Outcome outcome =
        isThere
            ? compared(subject, mirror, running)
            : sets.apply(
                subject,
                documents(subject, mirror, running),
                running + ", as " + refuse.bad() + " was not healthy");
    List<Drift> drift = isThere ? drift(subject, outcome) : List.of();
    Running now = new Running(running, outcome.objects(), signer, drift);
    writer.status(subject.object(), subject.view(clock.instant()).returned(refuse.bad(), now));
    if (!isThere) {
      events.warning(subject.object(), "Returned", "to " + AppliedSummary.of(running, outcome));
    }
    return again(subject);
  }

  private static String applied(Subject subject) {
    GitRepositoryStatus status = subject.repository().status();
    return status == null ? "" : Objects.requireNonNullElse(status.lastAppliedRevision(), "");
  }

  private Optional<String> signer(Subject subject, Mirror mirror, Revision revision) {
    Optional<TrustedKeys> keys = references.trusted(subject.ref(), subject.spec());
    return keys.map(trusted -> mirror.signer(revision.commit(), trusted));
  }

  private List<ManifestDocument> documents(Subject subject, Mirror mirror, Revision revision) {
    FollowedSpec spec = subject.spec();
    Overlay overlay = RepositoryOverlay.of(spec, references.variables(subject.ref(), spec));
    String path = spec.path() == null ? "." : spec.path();
    List<AgeIdentity> identities = references.identities(subject.ref(), spec);
    return mirror.read(
        revision.commit(),
        subject.extent(),
        files -> overlay.render(decrypted(new CommitSource(files), identities), path));
  }

  /** Without keys, too, one that is encrypted must not be taken for what it says. */
  private static SourceFiles decrypted(SourceFiles files, List<AgeIdentity> identities) {
    return files.mapped(
        (path, text) ->
            SopsText.isEncrypted(text) ? SopsText.decrypt(path, text, identities) : text);
  }

  private RepositorySets.Outcome compared(Subject subject, Mirror mirror, Revision revision) {
    List<ManifestDocument> documents = documents(subject, mirror, revision);
    return isReported(subject)
        ? sets.compare(subject.ref(), subject.repository(), documents)
        : sets.repair(subject.ref(), subject.repository(), documents);
  }

  private static boolean isReported(Subject subject) {
    return "Report".equals(subject.spec().driftPolicy());
  }

  /** What others changed in the objects, which is told here, and of them on the machine. */
  private List<Drift> drift(Subject subject, RepositorySets.Outcome outcome) {
    String now = Times.text(clock.instant());
    boolean repaired = !isReported(subject);
    List<Drift> drift = new ArrayList<>();
    for (Change change : outcome.changes()) {
      drift.add(new Drift(change.ref().toString(), change.fields(), now, repaired, null));
    }
    drift.stream()
        .filter(Drift::repaired)
        .forEach(d -> events.warning(subject.object(), "DriftRepaired", DriftView.sentence(d)));
    drift.addAll(machine.of(outcome.members()));
    return List.copyOf(drift);
  }

  private Outcome failed(
      Subject subject, Mirror mirror, Revision head, String reason, RuntimeException e) {
    String message = String.valueOf(e.getMessage());
    List<Drift> drift = keepRunning(subject, mirror, head);
    writer.status(
        subject.object(), subject.view(clock.instant()).failed(head, reason, message, drift));
    events.warning(subject.object(), reason, head + ": " + message);
    return new Outcome.Retry();
  }

  /** What ran before a revision that is refused is kept as it was. */
  private List<Drift> keepRunning(Subject subject, Mirror mirror, Revision refused) {
    try {
      return Revision.parse(applied(subject))
          .filter(running -> !running.equals(refused) && mirror.has(running.commit()))
          .map(
              running -> {
                signer(subject, mirror, running);
                return drift(subject, compared(subject, mirror, running));
              })
          .orElse(List.of());
    } catch (GitException | ManifestException | DecryptionException | ApiException alsoRefused) {
      return List.of(); // the spec is another: neither can be applied; it is told why of the newer
    }
  }

  /** So that many do not ask at the same time. */
  private static Outcome again(Subject subject) {
    Duration interval = GitRepositoryPlanner.interval(subject.spec());
    return Outcome.again(
        interval.plus(
            Duration.ofMillis(ThreadLocalRandom.current().nextLong(interval.toMillis() / 20 + 1))));
  }
}
