package dev.jctl.controller.gitrepository;

import dev.jctl.controller.config.SecretText;
import dev.jctl.controller.event.EventRecorder;
import dev.jctl.controller.git.GitException;
import dev.jctl.controller.git.Mirror;
import dev.jctl.controller.git.RepositoryFile;
import dev.jctl.controller.git.Revision;
import dev.jctl.controller.gitrepository.GitRepositoryPlanner.Fetched;
import dev.jctl.controller.gitrepository.RepositorySets.Change;
import dev.jctl.controller.queue.Outcome;
import dev.jctl.controller.queue.Reconciler;
import dev.jctl.controller.resources.ApiException;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.Resources;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.controller.status.Conditions;
import dev.jctl.controller.status.Finalizers;
import dev.jctl.controller.status.ObjectWriter;
import dev.jctl.controller.status.Times;
import dev.jctl.controller.watch.ResourceCache;
import dev.jctl.manifests.codec.ManifestException;
import dev.jctl.manifests.model.GitRepositorySpec;
import dev.jctl.manifests.model.GitRepositoryStatus;
import dev.jctl.manifests.model.GitRepositoryStatus.Drift;
import dev.jctl.manifests.model.Resource;
import dev.jctl.manifests.model.ResourceKind;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** Keeps the objects of every GitRepository as its repository has them. */
public final class GitRepositoryReconciler implements Reconciler {
  private static final Duration GONE_SOON = Duration.ofSeconds(5);
  private static final int MAX_NAMED = 10;

  private final Resources resources;
  private final Path directory;
  private final EventRecorder events;
  private final InstantSource clock;
  private final ObjectWriter writer;
  private final RepositorySets sets;

  /** By uid. What is not remembered is fetched again. */
  private final Map<String, Fetched> fetched = new ConcurrentHashMap<>();

  /** {@code directory}: of what is fetched, by uid. */
  public GitRepositoryReconciler(
      Resources resources,
      ResourceCache cache,
      Path directory,
      EventRecorder events,
      InstantSource clock) {
    this.resources = resources;
    this.directory = directory;
    this.events = events;
    this.clock = clock;
    this.writer = new ObjectWriter(resources);
    this.sets = new RepositorySets(resources, cache);
  }

  @Override
  public Outcome reconcile(ObjectRef ref) {
    Optional<StoredObject> found = resources.find(ref);
    if (found.isEmpty()) {
      return Outcome.DONE;
    }
    StoredObject object = writer.withFinalizer(found.get(), Finalizers.GIT_REPOSITORY);
    Resource.GitRepository repository = object.as(Resource.GitRepository.class);
    Optional<Map<String, String>> secret = secret(ref, repository.spec());
    GitRepositoryAction action =
        GitRepositoryPlanner.plan(
            new GitRepositoryPlanner.Input(
                repository,
                object.isDeleting(),
                ObjectWriter.hasFinalizer(object.tree(), Finalizers.ORPHAN),
                secret,
                notReady(ref, repository.spec()),
                Optional.ofNullable(fetched.get(object.uid())),
                clock.instant()));
    return carryOut(new Subject(object, repository, secret), action);
  }

  private record Subject(
      StoredObject object,
      Resource.GitRepository repository,
      Optional<Map<String, String>> secret) {}

  private Optional<Map<String, String>> secret(ObjectRef ref, GitRepositorySpec spec) {
    return spec.secretRef() == null
        ? Optional.empty()
        : resources
            .find(new ObjectRef(ResourceKind.SECRET, ref.namespace(), spec.secretRef().name()))
            .map(SecretText::of);
  }

  private List<String> notReady(ObjectRef ref, GitRepositorySpec spec) {
    return spec.dependsOn() == null
        ? List.of()
        : spec.dependsOn().stream()
            .map(GitRepositorySpec.Dependency::name)
            .filter(name -> !isReady(new ObjectRef(ref.kind(), ref.namespace(), name)))
            .toList();
  }

  private boolean isReady(ObjectRef ref) {
    return resources
        .find(ref)
        .flatMap(o -> o.status(GitRepositoryStatus.class))
        .map(status -> Conditions.isTrue(status.conditions(), "Ready"))
        .orElse(false);
  }

  private Outcome carryOut(Subject subject, GitRepositoryAction action) {
    return switch (action) {
      case GitRepositoryAction.Fetch fetch -> fetch(subject, fetch);
      case GitRepositoryAction.Hold hold -> hold(subject, hold.revision());
      case GitRepositoryAction.Suspend suspend -> {
        writer.status(
            subject.object(),
            view(subject).waiting("Suspended", "Suspended", "spec.suspend is set"));
        yield Outcome.DONE;
      }
      case GitRepositoryAction.Await await -> {
        writer.status(
            subject.object(), view(subject).waiting("Pending", await.reason(), await.message()));
        yield Outcome.DONE;
      }
      case GitRepositoryAction.Prune prune -> {
        if (sets.prune(subject.object().ref())) {
          yield release(subject);
        }
        writer.status(
            subject.object(),
            view(subject).waiting("Terminating", "Pruning", "Deletion waits for its objects"));
        yield Outcome.again(GONE_SOON);
      }
      case GitRepositoryAction.Release release -> release(subject);
    };
  }

  private Outcome release(Subject subject) {
    mirror(subject).remove();
    fetched.remove(subject.object().uid());
    writer.dropFinalizer(subject.object(), Finalizers.GIT_REPOSITORY);
    return Outcome.DONE;
  }

  private Outcome fetch(Subject subject, GitRepositoryAction.Fetch fetch) {
    Revision revision;
    try {
      revision = mirror(subject).fetch(fetch.remote());
    } catch (GitException e) {
      return failed(subject, null, e.reason().text(), String.valueOf(e.getMessage()));
    }
    Resource.GitRepository repository = subject.repository();
    Outcome outcome = bring(subject, revision);
    if (outcome instanceof Outcome.Again) {
      fetched.put(
          subject.object().uid(),
          new Fetched(
              revision,
              clock.instant(),
              GitRepositoryPlanner.generation(repository),
              GitRepositoryPlanner.request(repository),
              subject.secret()));
    }
    return outcome;
  }

  private Outcome hold(Subject subject, Revision revision) {
    if (!mirror(subject).has(revision.commit())) {
      fetched.remove(subject.object().uid());
      return Outcome.again(Duration.ZERO);
    }
    return bring(subject, revision);
  }

  /** To the objects, what the revision says of them. */
  private Outcome bring(Subject subject, Revision revision) {
    GitRepositorySpec spec = subject.repository().spec();
    try {
      String path = spec.path() == null ? "." : spec.path();
      List<RepositoryFile> files = mirror(subject).manifests(revision.commit(), path);
      if (isApplied(subject, revision)) {
        keep(subject, revision, files);
      } else {
        RepositorySets.Outcome outcome =
            sets.apply(subject.object().ref(), subject.repository(), files);
        writer.status(
            subject.object(), view(subject).applied(revision, outcome.objects(), List.of()));
        events.normal(subject.object(), "Applied", summary(revision, outcome));
      }
      return Outcome.again(jittered(GitRepositoryPlanner.interval(spec)));
    } catch (GitException e) {
      return failed(subject, revision, e.reason().text(), String.valueOf(e.getMessage()));
    } catch (ManifestException e) {
      return failed(subject, revision, "InvalidManifest", String.valueOf(e.getMessage()));
    } catch (ApiException e) {
      return failed(subject, revision, e.reason().text(), String.valueOf(e.getMessage()));
    }
  }

  private static boolean isApplied(Subject subject, Revision revision) {
    GitRepositoryStatus status = subject.repository().status();
    return status != null
        && "Ready".equals(status.phase())
        && revision.toString().equals(status.lastAppliedRevision())
        && Long.valueOf(GitRepositoryPlanner.generation(subject.repository()))
            .equals(status.observedGeneration());
  }

  /** What differs from the revision although it was applied, was changed by somebody else. */
  private void keep(Subject subject, Revision revision, List<RepositoryFile> files) {
    boolean report = "Report".equals(subject.repository().spec().driftPolicy());
    ObjectRef ref = subject.object().ref();
    RepositorySets.Outcome outcome =
        report
            ? sets.compare(ref, subject.repository(), files)
            : sets.apply(ref, subject.repository(), files);
    List<Drift> drift = outcome.changes().stream().map(c -> drift(c, !report)).toList();
    writer.status(subject.object(), view(subject).applied(revision, outcome.objects(), drift));
    if (!report) {
      drift.forEach(d -> events.warning(subject.object(), "DriftRepaired", sentence(d)));
    }
  }

  private Drift drift(Change change, boolean repaired) {
    return new Drift(
        change.ref().toString(), change.fields(), Times.text(clock.instant()), repaired);
  }

  private static String sentence(Drift drift) {
    return drift.fields().isEmpty()
        ? drift.object() + " was not there"
        : drift.object() + " differed in " + String.join(", ", drift.fields());
  }

  private static String summary(Revision revision, RepositorySets.Outcome outcome) {
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

  private Outcome failed(
      Subject subject, @Nullable Revision attempted, String reason, String message) {
    writer.status(subject.object(), view(subject).failed(attempted, reason, message));
    events.warning(subject.object(), reason, (attempted == null ? "" : attempted + ": ") + message);
    return new Outcome.Retry();
  }

  private GitRepositoryStatusView view(Subject subject) {
    Instant now = clock.instant();
    return new GitRepositoryStatusView(subject.repository(), now);
  }

  private Mirror mirror(Subject subject) {
    return new Mirror(directory.resolve(subject.object().uid()));
  }

  /** So that many do not ask at the same time. */
  private static Duration jittered(Duration interval) {
    return interval.plus(
        Duration.ofMillis(ThreadLocalRandom.current().nextLong(interval.toMillis() / 20 + 1)));
  }
}
