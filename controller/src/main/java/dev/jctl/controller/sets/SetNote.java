package dev.jctl.controller.sets;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.resources.ApplyRecord.Note;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.ResourceCodec;
import dev.jctl.controller.resources.Resources.ApplyItem;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.controller.status.Conditions;
import dev.jctl.controller.status.ObjectWriter;
import dev.jctl.controller.status.Times;
import dev.jctl.manifests.model.ManifestSetSpec;
import dev.jctl.manifests.model.ManifestSetStatus;
import dev.jctl.manifests.model.ManifestSetStatus.Revision;
import dev.jctl.store.Txn;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A set and what is applied as it now → what is noted in it. Pure. */
final class SetNote {
  private final SetApply apply;
  private final List<ObjectNode> manifests;
  private final Instant now;

  /** {@code apply}: its items are not written to any more. */
  SetNote(SetApply apply, Instant now) {
    this.apply = apply;
    this.manifests = apply.items().stream().map(ApplyItem::applied).toList();
    this.now = now;
  }

  /**
   * Empty: it is what was applied last.
   *
   * @param leaving those of the objects that are being deleted
   */
  Optional<Note> of(Optional<StoredObject> set, List<ObjectRef> leaving) {
    Optional<ManifestSetStatus> before = set.flatMap(s -> s.status(ManifestSetStatus.class));
    List<Revision> history = SetHistory.of(before);
    String digest = SetRevisions.digest(manifests);
    SetHistory.refuseBad(apply.set(), history, digest, apply.bad());
    ObjectNode after = set.map(s -> s.tree().deepCopy()).orElseGet(this::named);
    apply.healthTimeout().ifPresent(t -> after.withObject("/spec").put("healthTimeout", t));
    boolean sameSpec = set.map(s -> s.tree().path("spec").equals(after.path("spec"))).orElse(false);
    if (sameSpec
        && before.flatMap(SetHistory::current).filter(r -> isSame(r, digest)).isPresent()) {
      return Optional.empty();
    }
    byte[] packed = SetRevisions.pack(manifests);
    Revision added = added(SetHistory.newest(history).orElse(0) + 1, digest, packed.length);
    ManifestSetSpec spec = spec(after);
    long healthy = before.map(ManifestSetStatus::healthyRevision).map(Long::longValue).orElse(0L);
    List<Revision> next = SetHistory.with(history, added, apply.origin(), spec, healthy);
    after.set("status", ObjectWriter.tree(status(before, next, leaving)));
    return Optional.of(new Note(apply.set(), set, after, writes(history, next, packed)));
  }

  private static boolean isSame(Revision current, String digest) {
    return current.digest().equals(digest);
  }

  private ObjectNode named() {
    ObjectRef ref = apply.set();
    ObjectNode set = ResourceCodec.MAPPER.createObjectNode();
    set.put("apiVersion", ref.kind().apiVersion()).put("kind", ref.kind().kind());
    set.putObject("metadata").put("name", ref.name()).put("namespace", ref.namespace());
    set.putObject("spec");
    return set;
  }

  private static ManifestSetSpec spec(ObjectNode set) {
    JsonNode spec = set.path("spec");
    JsonNode limit = spec.path("revisionHistoryLimit");
    return new ManifestSetSpec(
        spec.path("healthTimeout").asText(null), limit.isInt() ? limit.asInt() : null);
  }

  private Revision added(long number, String digest, int size) {
    return new Revision(
        number,
        Times.text(now),
        apply.options().fieldManager(),
        digest,
        manifests.size(),
        size,
        SetHistory.cause(apply.origin()).orElse(null),
        SetHistory.PENDING,
        null);
  }

  private ManifestSetStatus status(
      Optional<ManifestSetStatus> before, List<Revision> history, List<ObjectRef> leaving) {
    Revision added = history.getFirst();
    String text = "Revision " + added.revision() + " was applied; its objects are not ready yet";
    return new ManifestSetStatus(
        before.map(ManifestSetStatus::observedGeneration).orElse(null),
        "Pending",
        added.revision(),
        before.map(ManifestSetStatus::healthyRevision).orElse(null),
        added.time(),
        manifests.size(),
        0,
        Members.texts(apply.items().stream().map(ApplyItem::ref).toList()),
        leaving.isEmpty() ? null : Members.texts(leaving),
        null,
        before.map(ManifestSetStatus::drift).orElse(null),
        history,
        Conditions.of(
            before.map(ManifestSetStatus::conditions).orElse(null),
            before.map(ManifestSetStatus::observedGeneration).map(Long::longValue).orElse(1L),
            now,
            List.of(new Conditions.Seen("Ready", false, "Applied", text))));
  }

  private List<Txn.Write> writes(List<Revision> before, List<Revision> after, byte[] packed) {
    List<Txn.Write> writes = new ArrayList<>();
    long added = after.getFirst().revision();
    writes.add(new Txn.Write.Put(SetRevisions.key(apply.set(), added), at -> packed));
    List<Long> kept = after.stream().map(Revision::revision).toList();
    before.stream()
        .map(Revision::revision)
        .filter(revision -> !kept.contains(revision))
        .forEach(r -> writes.add(new Txn.Write.Delete(SetRevisions.key(apply.set(), r))));
    return writes;
  }
}
