package dev.jctl.controller.gitrepository;

import dev.jctl.controller.drift.MemberDrift;
import dev.jctl.controller.event.EventRecorder;
import dev.jctl.controller.git.GitException;
import dev.jctl.controller.git.Mirror;
import dev.jctl.controller.git.Revision;
import dev.jctl.controller.gitrepository.GitRepositoryPlanner.Fetched;
import dev.jctl.controller.image.PullSecrets;
import dev.jctl.controller.queue.Dependents;
import dev.jctl.controller.queue.Outcome;
import dev.jctl.controller.queue.Reconciler;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.Resources;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.controller.sets.ManifestSets;
import dev.jctl.controller.status.Finalizers;
import dev.jctl.controller.status.ObjectWriter;
import dev.jctl.controller.watch.ResourceCache;
import dev.jctl.images.ImageStore;
import dev.jctl.manifests.model.FollowedSpec;
import dev.jctl.manifests.model.GitRepositoryStatus;
import dev.jctl.manifests.model.Resource;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/** Keeps the objects of every GitRepository and ManifestSource as they are there. */
public final class GitRepositoryReconciler implements Reconciler, AutoCloseable {
  private static final Duration GONE_SOON = Duration.ofSeconds(5);

  private final Resources resources;
  private final Path directory;
  private final ManifestSets records;
  private final Dependents dependents;
  private final EventRecorder events;
  private final InstantSource clock;
  private final ObjectWriter writer;
  private final References references;
  private final Dependencies dependencies;
  private final RepositorySets sets;
  private final FileWatch watch;
  private final Origins origins;
  private final ImageUpdates updates;
  private final Rollout rollout;

  /** By uid. What is not remembered is fetched again. */
  private final Map<String, Fetched> fetched = new ConcurrentHashMap<>();

  /**
   * @param records of what was applied
   * @param changed told of those whose files on this machine have changed
   * @param directory of what is fetched, by uid
   */
  public GitRepositoryReconciler(
      Resources resources,
      ResourceCache cache,
      ImageStore images,
      PullSecrets secrets,
      ManifestSets records,
      Dependents dependents,
      Consumer<ObjectRef> changed,
      Path directory,
      EventRecorder events,
      InstantSource clock) {
    this.resources = resources;
    this.records = records;
    this.dependents = dependents;
    this.directory = directory;
    this.events = events;
    this.clock = clock;
    this.writer = new ObjectWriter(resources);
    this.references = new References(resources);
    this.dependencies = new Dependencies(resources::find);
    this.sets = new RepositorySets(resources, cache, records);
    this.watch = new FileWatch(changed);
    this.origins = new Origins(images, secrets, watch);
    this.updates = new ImageUpdates(resources, dependents);
    this.rollout =
        new Rollout(
            origins, sets, new MemberDrift(resources, cache), references, writer, events, clock);
  }

  @Override
  public Outcome reconcile(ObjectRef ref) {
    Optional<StoredObject> found = resources.find(ref);
    if (found.isEmpty()) {
      dependents.remove(ref);
      watch.forget(ref);
      return Outcome.DONE;
    }
    StoredObject object = writer.withFinalizer(found.get(), Finalizers.GIT_REPOSITORY);
    Resource.Followed repository = Subject.followed(object);
    if (watch.isDirty(ref)) {
      fetched.remove(object.uid());
    }
    dependents.set(ref, References.all(ref, repository.spec()));
    Optional<Map<String, String>> secret = references.secret(ref, repository.spec());
    GitRepositoryAction action =
        GitRepositoryPlanner.plan(
            new GitRepositoryPlanner.Input(
                repository,
                object.isDeleting(),
                ObjectWriter.hasFinalizer(object.tree(), Finalizers.ORPHAN),
                secret,
                unmet(ref, repository.spec()),
                dependencies.cycle(ref),
                Optional.ofNullable(fetched.get(object.uid())),
                clock.instant()));
    String inputs = references.inputs(ref, repository.spec());
    return carryOut(new Subject(object, repository, secret, inputs), action);
  }

  private List<String> unmet(ObjectRef ref, FollowedSpec spec) {
    List<String> unmet = new ArrayList<>(dependencies.unmet(ref, spec));
    unmet.addAll(references.missing(ref, spec));
    return unmet;
  }

  private Outcome carryOut(Subject subject, GitRepositoryAction action) {
    return switch (action) {
      case GitRepositoryAction.Fetch fetch -> fetch(subject, fetch.origin());
      case GitRepositoryAction.Hold hold -> hold(subject, hold.revision());
      case GitRepositoryAction.Suspend suspend -> {
        waits(subject, "Suspended", "Suspended", "spec.suspend is set");
        yield Outcome.DONE;
      }
      case GitRepositoryAction.Await await -> {
        waits(subject, "Pending", await.reason(), await.message());
        yield Outcome.DONE;
      }
      case GitRepositoryAction.Prune prune -> {
        if (sets.prune(subject.ref())) {
          yield release(subject);
        }
        waits(subject, "Terminating", "Pruning", "Deletion waits for its objects");
        yield Outcome.again(GONE_SOON);
      }
      case GitRepositoryAction.Release release -> release(subject);
    };
  }

  private void waits(Subject subject, String phase, String reason, String message) {
    writer.status(subject.object(), subject.view(clock.instant()).waiting(phase, reason, message));
  }

  private Outcome release(Subject subject) {
    mirror(subject).remove();
    records.removeRecord(subject.ref());
    fetched.remove(subject.object().uid());
    dependents.remove(subject.ref());
    writer.dropFinalizer(subject.object(), Finalizers.GIT_REPOSITORY);
    return Outcome.DONE;
  }

  private Outcome fetch(Subject subject, Origin origin) {
    Mirror mirror = mirror(subject);
    Revision revision;
    try {
      revision = origins.fetch(subject.ref(), origin, mirror);
    } catch (GitException e) {
      return failed(subject, Optional.empty(), e);
    }
    try {
      refuseRewritten(subject, mirror, origin, revision);
    } catch (GitException e) {
      return failed(subject, Optional.of(revision), e);
    }
    try {
      revision = updates.push(subject, mirror, revision, clock.instant()).orElse(revision);
    } catch (GitException e) {
      return failed(subject, Optional.of(revision), e);
    }
    Outcome outcome = rollout.bring(subject, mirror, revision);
    if (outcome instanceof Outcome.Again) {
      fetched.put(
          subject.object().uid(),
          new Fetched(
              revision,
              clock.instant(),
              GitRepositoryPlanner.generation(subject.repository()),
              GitRepositoryPlanner.request(subject.repository()),
              subject.secret()));
    }
    return outcome;
  }

  /** A branch moves on; one that moves to elsewhere may have been moved by somebody else. */
  private static void refuseRewritten(
      Subject subject, Mirror mirror, Origin origin, Revision revision) {
    Optional<Revision> ran = ran(subject).filter(r -> r.name().equals(revision.name()));
    if (ran.isEmpty()
        || revision.name().isEmpty()
        || ran.get().equals(revision)
        || !(origin instanceof Origin.Git git)
        || Origin.git(subject.repository())
            .map(spec -> Boolean.TRUE.equals(spec.allowForcePush()))
            .orElse(false)) {
      return;
    }
    if (!mirror.descends(git.remote(), revision, ran.get().commit())) {
      throw new GitException(
          GitException.Reason.REWRITTEN,
          "%s was rewritten: %s is not in its history; if that is meant, set spec.allowForcePush"
              .formatted(revision.name(), ran.get().commit()));
    }
  }

  /** What was last followed of the same remote, healthy or not. */
  private static Optional<Revision> ran(Subject subject) {
    GitRepositoryStatus status = subject.repository().status();
    return status == null
            || status.lastAppliedRevision() == null
            || !Origin.url(subject.repository()).equals(status.url())
        ? Optional.empty()
        : Revision.parse(status.lastAppliedRevision());
  }

  private Outcome hold(Subject subject, Revision revision) {
    if (!mirror(subject).has(revision.commit())) {
      fetched.remove(subject.object().uid());
      return Outcome.again(Duration.ZERO);
    }
    return updates.areDue(subject, mirror(subject), revision)
        ? fetchAnew(subject)
        : rollout.bring(subject, mirror(subject), revision);
  }

  /** What is pushed goes on top of what the remote has now. */
  private Outcome fetchAnew(Subject subject) {
    fetched.remove(subject.object().uid());
    return fetch(subject, Origin.of(subject.repository(), subject.secret().orElse(Map.of())));
  }

  private Outcome failed(Subject subject, Optional<Revision> attempted, GitException e) {
    String message = String.valueOf(e.getMessage());
    String reason = e.reason().text();
    writer.status(
        subject.object(),
        subject.view(clock.instant()).failed(attempted.orElse(null), reason, message));
    events.warning(
        subject.object(), reason, attempted.map(revision -> revision + ": ").orElse("") + message);
    return new Outcome.Retry();
  }

  @Override
  public void close() {
    watch.close();
  }

  private Mirror mirror(Subject subject) {
    return new Mirror(directory.resolve(subject.object().uid()));
  }
}
