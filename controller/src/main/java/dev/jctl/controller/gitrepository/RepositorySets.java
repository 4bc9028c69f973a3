package dev.jctl.controller.gitrepository;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.controller.resources.ApiException;
import dev.jctl.controller.resources.ApplyRecord;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.Resources;
import dev.jctl.controller.resources.Resources.Applied;
import dev.jctl.controller.resources.Resources.ApplyItem;
import dev.jctl.controller.resources.Resources.ApplyOptions;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.controller.sets.Health;
import dev.jctl.controller.sets.ManifestSets;
import dev.jctl.controller.sets.Membership;
import dev.jctl.controller.sets.Source;
import dev.jctl.controller.status.Times;
import dev.jctl.controller.watch.ResourceCache;
import dev.jctl.manifests.codec.ManifestDocument;
import dev.jctl.manifests.model.Resource;
import dev.jctl.manifests.model.ResourceKind;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** The objects of a GitRepository: all of a revision at once, or none. */
final class RepositorySets {
  private final Resources resources;
  private final ResourceCache cache;
  private final ManifestSets sets;

  RepositorySets(Resources resources, ResourceCache cache, ManifestSets sets) {
    this.resources = resources;
    this.cache = cache;
    this.sets = sets;
  }

  /**
   * One object that was not as it shall be.
   *
   * @param fields that differed; empty: it was not there
   */
  record Change(ObjectRef ref, Applied.Outcome outcome, List<String> fields) {}

  /**
   * @param changes what was not as the repository has it
   * @param pruned what had left it
   */
  record Outcome(List<ObjectRef> members, List<Change> changes, List<ObjectRef> pruned) {
    int objects() {
      return members.size();
    }
  }

  /**
   * Those of the members that do not do what they are for, in words; a Container's Image counts
   * too, as one whose new image cannot be had goes on with the old one.
   */
  List<String> notReady(Outcome outcome) {
    return withOwned(outcome).stream().flatMap(member -> problem(member).stream()).toList();
  }

  /** The last time that one of the members became Ready. */
  Instant readySince(Outcome outcome) {
    return withOwned(outcome).stream()
        .flatMap(member -> member.tree().at("/status/conditions").valueStream())
        .filter(condition -> condition.path("type").asText().equals("Ready"))
        .flatMap(condition -> Times.parse(condition.path("lastTransitionTime").asText()).stream())
        .max(Instant::compareTo)
        .orElse(Instant.EPOCH);
  }

  private List<StoredObject> withOwned(Outcome outcome) {
    List<StoredObject> all = new ArrayList<>();
    for (ObjectRef ref : outcome.members()) {
      resources
          .find(ref)
          .ifPresent(
              member -> {
                all.add(member);
                cache.ownedBy(member.uid()).stream()
                    .filter(owned -> isInUse(member, owned))
                    .forEach(all::add);
              });
    }
    return all;
  }

  private static Optional<String> problem(StoredObject member) {
    Health health = Health.of(member);
    return health.isReady()
        ? Optional.empty()
        : Optional.of(member.ref() + ": " + health.reason() + ": " + health.message());
  }

  /** Images that a Container had before stay for a while. */
  private static boolean isInUse(StoredObject owner, StoredObject owned) {
    return owner.ref().kind() == ResourceKind.CONTAINER
        && owned.ref().kind() == ResourceKind.IMAGE
        && owned.tree().at("/spec/reference").equals(owner.tree().at("/spec/image"));
  }

  /** {@code ref}: of the repository, who is the manager of what it says. */
  private static ApplyOptions options(ObjectRef ref, Effect effect) {
    return new ApplyOptions(Source.of(ref).toString(), true, effect == Effect.NONE);
  }

  private enum Effect {
    WRITTEN,
    NONE
  }

  /** Writes what is not so, as a revision of its set. {@code cause}: which revision it is. */
  Outcome apply(Subject subject, List<ManifestDocument> documents, String cause) {
    ApplyOptions options = options(subject.ref(), Effect.WRITTEN);
    return apply(
        subject.ref(),
        subject.repository(),
        documents,
        options,
        manifests -> sets.recording(subject.object(), manifests, cause, options));
  }

  /** Writes what is not so any more. */
  Outcome repair(ObjectRef ref, Resource.Followed repository, List<ManifestDocument> documents) {
    return apply(
        ref, repository, documents, options(ref, Effect.WRITTEN), manifests -> ApplyRecord.NONE);
  }

  /** Writes nothing. */
  Outcome compare(ObjectRef ref, Resource.Followed repository, List<ManifestDocument> documents) {
    return apply(
        ref, repository, documents, options(ref, Effect.NONE), manifests -> ApplyRecord.NONE);
  }

  private Outcome apply(
      ObjectRef ref,
      Resource.Followed repository,
      List<ManifestDocument> documents,
      ApplyOptions options,
      Function<List<ApplyItem>, ApplyRecord> recording) {
    Membership membership = ManifestSets.membership(ref);
    RepositoryManifests manifests =
        RepositoryManifests.of(documents, repository.spec(), ref.namespace(), membership);
    List<ApplyItem> items = manifests.items();
    if (items.isEmpty()) {
      throw ApiException.badRequest(
          "there are no manifests in spec.path; to delete all objects, delete the GitRepository");
    }
    refuseOthers(manifests, Source.of(ref));
    List<ObjectRef> pruned =
        Boolean.FALSE.equals(repository.spec().prune()) ? List.of() : left(items, ref);
    List<Optional<StoredObject>> before =
        items.stream().map(item -> resources.find(item.ref())).toList();
    ApplyRecord record =
        recording.apply(
            items.stream().map(i -> new ApplyItem(i.ref(), i.applied().deepCopy())).toList());
    for (int i = 0; i < items.size(); i++) {
      ApplyItem item = items.get(i);
      before
          .get(i)
          .ifPresent(
              live ->
                  IgnoredFields.keep(repository.spec(), item.ref(), item.applied(), live.tree()));
    }
    try {
      List<Applied> applied = resources.applyAll(items, pruned, options, record);
      return new Outcome(
          items.stream().map(ApplyItem::ref).toList(), changes(before, applied), pruned);
    } catch (ApiException e) {
      throw new ApiException(e.reason(), manifests.located(e), e.ref(), e.causes());
    }
  }

  /** Two that want the same object would undo each other's work for ever. */
  private void refuseOthers(RepositoryManifests manifests, Source source) {
    List<String> problems = new ArrayList<>();
    for (int i = 0; i < manifests.items().size(); i++) {
      ObjectRef ref = manifests.items().get(i).ref();
      Optional<Source> other =
          resources
              .find(ref)
              .flatMap(o -> Source.of(o.tree()))
              .filter(s -> !s.equals(source) && exists(s));
      if (other.isPresent()) {
        problems.add(
            manifests.place(i, "metadata.name")
                + ": "
                + ref
                + " belongs to "
                + other.get()
                + "; take it out of one of the two");
      }
    }
    if (!problems.isEmpty()) {
      throw new ApiException(
          ApiException.Reason.CONFLICT, String.join("\n", problems), null, List.of());
    }
  }

  private boolean exists(Source source) {
    return source.ref().flatMap(resources::find).isPresent();
  }

  private List<ObjectRef> left(List<ApplyItem> items, ObjectRef repository) {
    Set<ObjectRef> kept = new HashSet<>();
    items.forEach(item -> kept.add(item.ref()));
    return sets.marked(repository).stream()
        .filter(o -> !o.isDeleting() && !kept.contains(o.ref()))
        .map(StoredObject::ref)
        .toList();
  }

  private static List<Change> changes(List<Optional<StoredObject>> before, List<Applied> applied) {
    List<Change> changes = new ArrayList<>();
    for (int i = 0; i < applied.size(); i++) {
      Applied now = applied.get(i);
      if (now.outcome() != Applied.Outcome.UNCHANGED) {
        JsonNode after = now.object().tree();
        changes.add(
            new Change(
                now.object().ref(),
                now.outcome(),
                before.get(i).map(o -> TreeChanges.between(o.tree(), after)).orElse(List.of())));
      }
    }
    return changes;
  }

  /** Asks all members to go; true when none is left. */
  boolean prune(ObjectRef ref) {
    List<StoredObject> members = sets.marked(ref);
    List<ObjectRef> going =
        members.stream().filter(o -> !o.isDeleting()).map(StoredObject::ref).toList();
    if (!going.isEmpty()) {
      resources.applyAll(List.of(), going, options(ref, Effect.WRITTEN));
    }
    return members.isEmpty();
  }
}
