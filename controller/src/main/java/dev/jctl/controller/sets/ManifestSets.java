package dev.jctl.controller.sets;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.resources.ApiException;
import dev.jctl.controller.resources.ApiException.Reason;
import dev.jctl.controller.resources.ApplyRecord;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.OwnerReferences;
import dev.jctl.controller.resources.Resources;
import dev.jctl.controller.resources.Resources.Applied;
import dev.jctl.controller.resources.Resources.ApplyItem;
import dev.jctl.controller.resources.Resources.ApplyOptions;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.controller.resources.WriteGuard;
import dev.jctl.controller.sets.SetApply.Bad;
import dev.jctl.controller.sets.SetApply.Leaving;
import dev.jctl.controller.sets.SetApply.Origin;
import dev.jctl.controller.watch.ResourceCache;
import dev.jctl.manifests.model.ManifestSetStatus;
import dev.jctl.manifests.model.ManifestSetStatus.Revision;
import dev.jctl.manifests.model.ResourceKind;
import java.io.Serial;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Sets of objects that are applied, pruned and taken back as a whole: the objects, the ManifestSet
 * that keeps record of them and the manifests of the revision are one transaction of the store.
 */
public final class ManifestSets {
  private static final int MAX_ATTEMPTS = 16;

  private final Resources resources;
  private final ResourceCache cache;
  private final SetRevisions revisions;
  private final InstantSource clock;

  public ManifestSets(
      Resources resources, ResourceCache cache, SetRevisions revisions, InstantSource clock) {
    this.resources = resources;
    this.cache = cache;
    this.revisions = revisions;
    this.clock = clock;
  }

  /**
   * @param pruned members that were deleted or marked for it, as they were
   * @param revision of the set; empty when it is as it was
   */
  public record Outcome(List<Applied> applied, List<StoredObject> pruned, Optional<Long> revision) {
    public Outcome {
      applied = List.copyOf(applied);
      pruned = List.copyOf(pruned);
    }
  }

  /** Another revision was applied while this one was being decided. */
  private static final class Overtaken extends RuntimeException {
    @Serial private static final long serialVersionUID = 1L;

    Overtaken() {
      super("another revision was applied meanwhile", null, false, false);
    }
  }

  /**
   * @throws ApiException when anything of it is refused; then nothing was written
   */
  public Outcome apply(SetApply apply) {
    Membership membership = membership(apply.set());
    apply.items().forEach(item -> membership.mark(item.applied()));
    for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      try {
        return attempt(apply, membership);
      } catch (Overtaken e) {
        // decided again on what is there now
      }
    }
    throw new ApiException(
        Reason.CONFLICT,
        apply.set() + " is being applied by others; try again",
        apply.set(),
        List.of());
  }

  private Outcome attempt(SetApply apply, Membership membership) {
    Optional<StoredObject> set = resources.find(apply.set());
    set.filter(StoredObject::isDeleting).ifPresent(ManifestSets::refuseDeleting);
    set.ifPresent(ManifestSets::refuseFollowing);
    List<StoredObject> leaving =
        apply.leaving() == Leaving.DELETED ? leaving(set, apply, membership) : List.of();
    apply.leavingCheck().accept(leaving);
    refuseOthers(apply);
    SetNote note = new SetNote(apply, clock.instant());
    List<Optional<Long>> noted = new ArrayList<>();
    ApplyRecord record =
        (applied, pruned) -> {
          apply.further().note(applied, pruned);
          Optional<StoredObject> now = resources.find(apply.set());
          if (!revision(now).equals(revision(set))) {
            throw new Overtaken();
          }
          Optional<ApplyRecord.Note> made = note.of(now, leavingOf(applied));
          noted.add(made.map(n -> n.after().path("status").path("revision").asLong()));
          return made;
        };
    List<Applied> applied =
        resources.applyAll(
            apply.items(),
            leaving.stream().map(StoredObject::ref).toList(),
            apply.options(),
            record);
    return new Outcome(applied, leaving, noted.getLast());
  }

  private static List<ObjectRef> leavingOf(List<ApplyRecord.Becoming> applied) {
    return applied.stream()
        .filter(b -> b.after().path("metadata").hasNonNull("deletionTimestamp"))
        .map(ApplyRecord.Becoming::ref)
        .toList();
  }

  private static void refuseDeleting(StoredObject set) {
    throw new ApiException(
        Reason.CONFLICT,
        set.ref() + " is being deleted; wait until it is gone, or use another name",
        set.ref(),
        List.of());
  }

  private static Optional<Long> revision(Optional<StoredObject> set) {
    return set.map(s -> s.tree().path("status").path("revision").asLong());
  }

  public static Membership membership(ObjectRef set) {
    return Membership.of(set.name(), Source.of(set));
  }

  private List<StoredObject> leaving(
      Optional<StoredObject> set, SetApply apply, Membership membership) {
    Set<ObjectRef> kept = new HashSet<>();
    apply.items().forEach(item -> kept.add(item.ref()));
    return prunable(apply.set(), set, membership).stream()
        .filter(o -> !o.isDeleting() && !kept.contains(o.ref()))
        .toList();
  }

  /** By the set's own record, which is never late, and by the marks of those before. */
  private List<StoredObject> prunable(
      ObjectRef ref, Optional<StoredObject> set, Membership membership) {
    Set<ObjectRef> candidates = new LinkedHashSet<>();
    set.ifPresent(s -> candidates.addAll(recorded(s)));
    marked(ref).forEach(o -> candidates.add(o.ref()));
    return candidates.stream()
        .flatMap(member -> resources.find(member).stream())
        .filter(o -> membership.isPrunable(o.tree()))
        .toList();
  }

  // --- sets that follow a repository or another source

  /** The set that keeps record of what a follower has applied: of the same name, owned by it. */
  public static ObjectRef recordOf(ObjectRef follower) {
    return new ObjectRef(ResourceKind.MANIFEST_SET, follower.namespace(), follower.name());
  }

  /**
   * Takes note of a revision that a follower applies, in the same transaction; none when its
   * manifests are those of the one before.
   *
   * @param manifests as the source has them
   * @param cause which revision it is there
   * @throws ApiException when there is a set of that name that is of somebody else
   */
  public ApplyRecord recording(
      StoredObject follower, List<ApplyItem> manifests, String cause, ApplyOptions options) {
    ObjectRef set = recordOf(follower.ref());
    SetApply apply =
        new SetApply(
            set,
            manifests,
            Leaving.KEPT,
            Bad.TRIED_AGAIN,
            Optional.empty(),
            new Origin.Followed(cause),
            options,
            leaving -> {},
            ApplyRecord.NONE);
    return (applied, pruned) -> {
      Optional<StoredObject> now = resources.find(set);
      now.ifPresent(there -> requireOwn(there, follower));
      Optional<ApplyRecord.Note> note =
          new SetNote(apply, clock.instant()).of(now, leavingOf(applied));
      note.ifPresent(n -> own(n.after(), follower));
      return note;
    };
  }

  private static void requireOwn(StoredObject set, StoredObject follower) {
    if (followerOf(set).filter(follower.ref()::equals).isEmpty() || set.isDeleting()) {
      throw new ApiException(
          Reason.CONFLICT,
          set.ref()
              + (set.isDeleting() ? " is being deleted" : " is there already, and of somebody else")
              + ": it would keep record of "
              + follower.ref(),
          set.ref(),
          List.of());
    }
  }

  private static void own(ObjectNode set, StoredObject follower) {
    set.withObject("/metadata")
        .putArray("ownerReferences")
        .add(OwnerReferences.toController(follower));
  }

  /** Whose record a set is; empty: it was applied for itself. */
  public static Optional<ObjectRef> followerOf(StoredObject set) {
    return set.tree()
        .at("/metadata/ownerReferences")
        .valueStream()
        .filter(owner -> owner.path("controller").asBoolean())
        .flatMap(
            owner ->
                ResourceKind.of(owner.path("apiVersion").asText(), owner.path("kind").asText())
                    .map(
                        kind ->
                            new ObjectRef(kind, set.ref().namespace(), owner.path("name").asText()))
                    .stream())
        .findFirst();
  }

  /** Forgets the record of a follower that goes. */
  public void removeRecord(ObjectRef follower) {
    resources
        .find(recordOf(follower))
        .filter(set -> followerOf(set).filter(follower::equals).isPresent())
        .filter(set -> !set.isDeleting())
        .ifPresent(set -> resources.delete(set.ref(), Resources.DeleteOptions.DEFAULT));
  }

  private static void refuseFollowing(StoredObject set) {
    followerOf(set)
        .ifPresent(
            follower -> {
              throw new ApiException(
                  Reason.CONFLICT,
                  set.ref() + " follows " + follower + ": change what that one has instead",
                  set.ref(),
                  List.of());
            });
  }

  /** The objects of the revision that was applied last. */
  public static List<ObjectRef> recorded(StoredObject set) {
    List<ObjectRef> members = new ArrayList<>();
    for (JsonNode member : set.tree().path("status").path("members")) {
      Members.ref(member.asText()).ifPresent(members::add);
    }
    return members;
  }

  /** All objects with the set's marks that go with it. */
  public List<StoredObject> marked(ObjectRef set) {
    Membership membership = membership(set);
    List<StoredObject> marked = new ArrayList<>();
    for (ResourceKind kind : ResourceKind.values()) {
      cache.list(kind, null).stream()
          .filter(o -> membership.isPrunable(o.tree()))
          .forEach(marked::add);
    }
    return marked;
  }

  /** Two sets that want the same object would undo each other's work. */
  private void refuseOthers(SetApply apply) {
    if (apply.options().force()) {
      return;
    }
    Source own = Source.of(apply.set());
    for (ApplyItem item : apply.items()) {
      resources
          .find(item.ref())
          .flatMap(o -> Source.of(o.tree()))
          .filter(s -> !s.equals(own) && s.ref().flatMap(resources::find).isPresent())
          .ifPresent(
              s -> {
                throw new ApiException(
                    Reason.CONFLICT,
                    item.ref()
                        + " belongs to "
                        + s
                        + "; take it out of one of the two, or apply with force",
                    item.ref(),
                    List.of());
              });
    }
  }

  // --- going back

  /**
   * Who goes back.
   *
   * @param to 0: the last healthy revision before the current one, else the one before it
   */
  public record Rollback(
      ObjectRef set,
      long to,
      boolean dryRun,
      WriteGuard guard,
      Consumer<List<ApplyItem>> itemsCheck,
      Consumer<List<StoredObject>> leavingCheck) {}

  /** Applies an earlier revision as a new one. */
  public Outcome rollBack(Rollback rollback) {
    ObjectRef ref = rollback.set();
    ManifestSetStatus status = status(resources.get(ref));
    long to = rollback.to() == 0 ? before(ref, status) : rollback.to();
    Revision revision = kept(ref, status, to);
    List<ApplyItem> items = items(ref, to);
    rollback.itemsCheck().accept(items);
    return apply(
        new SetApply(
            ref,
            items,
            Leaving.DELETED,
            Bad.TRIED_AGAIN,
            Optional.empty(),
            new Origin.Chosen(to),
            new ApplyOptions(revision.manager(), true, rollback.dryRun(), rollback.guard()),
            rollback.leavingCheck(),
            ApplyRecord.NONE));
  }

  /** Puts the last healthy revision back in place of one that was not healthy in its time. */
  public Outcome takeBack(ObjectRef ref, Origin.Unhealthy origin) {
    Revision revision = kept(ref, status(resources.get(ref)), origin.to());
    return apply(
        new SetApply(
            ref,
            items(ref, origin.to()),
            Leaving.DELETED,
            Bad.TRIED_AGAIN,
            Optional.empty(),
            origin,
            new ApplyOptions(revision.manager(), true, false),
            leaving -> {},
            ApplyRecord.NONE));
  }

  /** Applies the current revision once more: what is missing is made. */
  public void applyAgain(ObjectRef ref) {
    ManifestSetStatus status = status(resources.get(ref));
    long current = Objects.requireNonNull(status.revision());
    apply(
        new SetApply(
            ref,
            items(ref, current),
            Leaving.KEPT,
            Bad.TRIED_AGAIN,
            Optional.empty(),
            new Origin.Manifests(),
            new ApplyOptions(kept(ref, status, current).manager(), true, false),
            leaving -> {},
            ApplyRecord.NONE));
  }

  private static ManifestSetStatus status(StoredObject set) {
    return set.status(ManifestSetStatus.class)
        .filter(s -> s.revision() != null)
        .orElseThrow(
            () ->
                ApiException.badRequest(
                    set.ref() + " has no revision: nothing was applied as that set yet"));
  }

  private static long before(ObjectRef ref, ManifestSetStatus status) {
    long current = Objects.requireNonNull(status.revision());
    List<Revision> earlier =
        SetHistory.of(Optional.of(status)).stream().filter(r -> r.revision() < current).toList();
    return earlier.stream()
        .filter(r -> r.result().equals(SetHistory.HEALTHY))
        .findFirst()
        .or(() -> earlier.stream().findFirst())
        .map(Revision::revision)
        .orElseThrow(() -> ApiException.badRequest(ref + " has no revision before " + current));
  }

  private static Revision kept(ObjectRef ref, ManifestSetStatus status, long revision) {
    List<Revision> history = SetHistory.of(Optional.of(status));
    return history.stream()
        .filter(r -> r.revision() == revision)
        .findFirst()
        .orElseThrow(
            () ->
                new ApiException(
                    Reason.NOT_FOUND,
                    ref
                        + " has no revision "
                        + revision
                        + " any more; there are "
                        + String.join(
                            ", ", history.stream().map(r -> r.revision().toString()).toList()),
                    ref,
                    List.of()));
  }

  private List<ApplyItem> items(ObjectRef set, long revision) {
    return manifests(set, revision).stream().map(ManifestSets::item).toList();
  }

  /** What was applied as that revision. */
  public List<ObjectNode> manifests(ObjectRef set, long revision) {
    return revisions
        .manifests(set, revision)
        .orElseThrow(
            () ->
                new ApiException(
                    Reason.NOT_FOUND,
                    "the manifests of revision " + revision + " of " + set + " are not kept",
                    set,
                    List.of()));
  }

  private static ApplyItem item(ObjectNode manifest) {
    JsonNode metadata = manifest.path("metadata");
    ResourceKind kind =
        ResourceKind.of(manifest.path("apiVersion").asText(), manifest.path("kind").asText())
            .orElseThrow(
                () ->
                    ApiException.badRequest(
                        "kind " + manifest.path("kind").asText() + " is not served any more"));
    String namespace = kind.namespaced() ? metadata.path("namespace").asText("default") : "";
    return new ApplyItem(new ObjectRef(kind, namespace, metadata.path("name").asText()), manifest);
  }

  /** Asks all members to go, in one transaction; true when none is left. */
  public boolean deleteMembers(StoredObject set) {
    ObjectRef ref = set.ref();
    List<StoredObject> members = prunable(ref, Optional.of(set), membership(ref));
    List<ObjectRef> staying =
        members.stream().filter(o -> !o.isDeleting()).map(StoredObject::ref).toList();
    if (!staying.isEmpty()) {
      resources.applyAll(
          List.of(), staying, new ApplyOptions(Source.of(ref).toString(), true, false));
    }
    return members.isEmpty();
  }

  /** Forgets the revisions of a set that is gone. */
  public void forget(ObjectRef set) {
    revisions.forget(set);
  }
}
