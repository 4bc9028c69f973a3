package dev.jctl.controller.resources;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.admission.Admission;
import dev.jctl.controller.admission.AdmissionResult;
import dev.jctl.controller.admission.SecretTexts;
import dev.jctl.controller.merge.ManagedFields;
import dev.jctl.controller.merge.ManagedFields.Operation;
import dev.jctl.controller.merge.ManagedFields.Writer;
import dev.jctl.controller.merge.ServerSideApply;
import dev.jctl.controller.merge.ServerSideApply.OnConflict;
import dev.jctl.controller.merge.Trees;
import dev.jctl.controller.resources.ApiException.Cause;
import dev.jctl.controller.resources.ApiException.Reason;
import dev.jctl.controller.resources.Resources.Applied.Outcome;
import dev.jctl.manifests.model.ResourceKind;
import dev.jctl.manifests.schema.Schema;
import dev.jctl.manifests.schema.Schemas;
import dev.jctl.store.Store;
import dev.jctl.store.Txn;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * {@link Resources} over the {@link Store}: each write reads, decides ({@link Lifecycle}, {@link
 * Admission}, {@link ServerSideApply}), and commits on the condition that what it read is still so.
 */
public final class StoreResources implements Resources {
  /** A write that loses that many races in a row is refused. */
  private static final int MAX_ATTEMPTS = 64;

  private static final String STATUS = "status";
  private static final String STATUS_WRITER = "jctl";
  private static final String NAME_ALPHABET = "bcdfghjklmnpqrstvwxz2456789";
  private static final int GENERATED_LENGTH = 5;

  private final Store store;
  private final Clock clock;
  private final Map<ResourceKind, String> finalizers;
  private final DecodedObjects decoded = new DecodedObjects();

  public StoreResources(Store store, Clock clock) {
    this(store, clock, Map.of());
  }

  /**
   * @param finalizers by kind, those that its objects have from the first moment, for reconcilers
   *     that would add them anyway: that saves each object a write
   */
  public StoreResources(Store store, Clock clock, Map<ResourceKind, String> finalizers) {
    this.store = store;
    this.clock = clock;
    this.finalizers = Map.copyOf(finalizers);
  }

  /** Makes the namespace that objects without one are in. */
  public void ensureDefaultNamespace() {
    ObjectRef ref = new ObjectRef(ResourceKind.NAMESPACE, "", "default");
    if (find(ref).isEmpty()) {
      ObjectNode namespace = ResourceCodec.MAPPER.createObjectNode();
      create(ref, namespace, WriteOptions.by(STATUS_WRITER));
    }
  }

  private enum Effect {
    PUT,
    REMOVE,
    NONE
  }

  /**
   * @param before what was read; null: there was nothing
   * @param expected its revision; 0: that there was nothing
   * @param also what else must still be so
   */
  private record Decision(
      ObjectRef ref,
      @Nullable ObjectNode before,
      long expected,
      Effect effect,
      ObjectNode tree,
      List<Txn.Condition> also) {
    static Decision creating(ObjectRef ref, ObjectNode tree, List<Txn.Condition> also) {
      return new Decision(ref, null, 0, Effect.PUT, tree, also);
    }

    static Decision on(StoredObject old, Effect effect, ObjectNode tree) {
      return new Decision(old.ref(), old.tree(), old.revision(), effect, tree, List.of());
    }

    ApplyRecord.Becoming becoming() {
      return new ApplyRecord.Becoming(ref, before, tree, outcome());
    }

    Outcome outcome() {
      return effect == Effect.NONE
          ? Outcome.UNCHANGED
          : expected == 0 ? Outcome.CREATED : Outcome.CONFIGURED;
    }

    StoredObject at(long revision) {
      return new StoredObject(ref, tree, effect == Effect.NONE ? expected : revision);
    }
  }

  // --- reading

  @Override
  public Optional<StoredObject> find(ObjectRef ref) {
    return store.get(Keys.of(ref)).map(entry -> decoded.decode(ref, entry));
  }

  @Override
  public StoredObject get(ObjectRef ref) {
    return find(ref).orElseThrow(() -> ApiException.notFound(ref));
  }

  /** For others that decode what is in the same store. */
  public DecodedObjects decoded() {
    return decoded;
  }

  /** As it is stored, which is how it is answered. */
  public byte[] bytes(StoredObject object) {
    return decoded.bytes(object);
  }

  // --- writing

  @Override
  public StoredObject create(ObjectRef ref, ObjectNode object, WriteOptions options) {
    return untilCommitted(
        ref,
        options.dryRun(),
        durability(ref.kind()),
        () -> decideCreate(named(ref, object), object, options));
  }

  @Override
  public StoredObject update(
      ObjectRef ref, UnaryOperator<ObjectNode> change, WriteOptions options) {
    return untilCommitted(
        ref,
        options.dryRun(),
        durability(ref.kind()),
        () -> decideUpdate(get(ref), change, options));
  }

  /**
   * As {@link #update}, by what does not depend on what is there. {@code object} stays as it is.
   */
  public StoredObject replace(ObjectRef ref, ObjectNode object, WriteOptions options) {
    return untilCommitted(
        ref,
        options.dryRun(),
        durability(ref.kind()),
        () -> decideReplacement(get(ref), object, options));
  }

  @Override
  public Optional<StoredObject> updateStatus(ObjectRef ref, UnaryOperator<ObjectNode> change) {
    try {
      return Optional.of(
          untilCommitted(
              ref, false, Txn.Durability.BUFFERED, () -> decideOwnStatus(get(ref), change)));
    } catch (ApiException e) {
      if (e.reason() == Reason.NOT_FOUND) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /** As {@link #updateStatus(ObjectRef, UnaryOperator)}; 404 when the object is gone. */
  public StoredObject updateStatus(
      ObjectRef ref, UnaryOperator<ObjectNode> change, WriteOptions options) {
    return untilCommitted(
        ref,
        options.dryRun(),
        Txn.Durability.BUFFERED,
        () -> decideStatus(get(ref), change, writer(ref, options, Operation.UPDATE, STATUS)));
  }

  @Override
  public Applied apply(ObjectRef ref, ObjectNode applied, ApplyOptions options) {
    return applyAs(ref, applied, options, "");
  }

  /** Server-side apply of the status alone; 404 when the object is gone. */
  public Applied applyStatus(ObjectRef ref, ObjectNode applied, ApplyOptions options) {
    return applyAs(ref, applied, options, STATUS);
  }

  private Applied applyAs(
      ObjectRef ref, ObjectNode applied, ApplyOptions options, String subresource) {
    for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      Decision decision = decideApply(ref, applied, options, subresource, Map.of());
      OptionalLong revision = commit(List.of(decision), options.dryRun(), Txn.Durability.SYNCED);
      if (revision.isPresent()) {
        return new Applied(decision.outcome(), decision.at(revision.getAsLong()));
      }
    }
    throw ApiException.modified(ref);
  }

  @Override
  public List<Applied> applyAll(
      List<ApplyItem> items, List<ObjectRef> prune, ApplyOptions options, ApplyRecord record) {
    for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      List<Decision> decisions = decideAll(items, prune, options);
      List<Txn.Write> alongside = new ArrayList<>();
      note(decisions, items.size(), record)
          .ifPresent(
              note -> {
                decisions.add(decideNoted(note, items, options));
                alongside.addAll(note.alongside());
              });
      OptionalLong revision = commit(decisions, alongside, options.dryRun(), Txn.Durability.SYNCED);
      if (revision.isPresent()) {
        return decisions.subList(0, items.size()).stream()
            .map(d -> new Applied(d.outcome(), d.at(revision.getAsLong())))
            .toList();
      }
    }
    throw new ApiException(
        Reason.CONFLICT, "the objects are being changed by others; try again", null, List.of());
  }

  @Override
  public Optional<StoredObject> delete(ObjectRef ref, DeleteOptions options) {
    StoredObject left =
        untilCommitted(
            ref, options.dryRun(), durability(ref.kind()), () -> decideDelete(get(ref), options));
    return Lifecycle.isHeld(left.tree()) ? Optional.of(left) : Optional.empty();
  }

  /** Stores it once more, unchanged, as the store would write it today. A no-op when it is gone. */
  public void rewrite(ObjectRef ref) {
    for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      Optional<StoredObject> object = find(ref);
      if (object.isEmpty()) {
        return;
      }
      StoredObject old = object.get();
      Decision same = Decision.on(old, Effect.PUT, old.tree().deepCopy());
      if (commit(List.of(same), false, Txn.Durability.SYNCED).isPresent()) {
        return;
      }
    }
    throw ApiException.modified(ref);
  }

  // --- deciding

  private static Optional<ApplyRecord.Note> note(
      List<Decision> decisions, int applied, ApplyRecord record) {
    List<ApplyRecord.Becoming> all = decisions.stream().map(Decision::becoming).toList();
    return record.note(all.subList(0, applied), all.subList(applied, all.size()));
  }

  /** Of the object that keeps record spec and status are written at once. */
  private Decision decideNoted(
      ApplyRecord.Note note, List<ApplyItem> together, ApplyOptions options) {
    ObjectRef ref = note.keeper();
    WriteOptions own = new WriteOptions(options.fieldManager(), options.dryRun(), options.guard());
    Decision decision =
        note.before().isPresent()
            ? decideUpdate(note.before().get(), old -> note.after().deepCopy(), own)
            : decideCreate(
                ref,
                note.after(),
                own,
                together.stream().collect(Collectors.toMap(ApplyItem::ref, ApplyItem::applied)));
    Writer writer = writer(ref, WriteOptions.by(STATUS_WRITER), Operation.UPDATE, STATUS);
    ObjectNode tree =
        Lifecycle.withStatus(
            new StoredObject(ref, decision.tree(), decision.expected()), note.after().path(STATUS));
    ManagedFields.of(tree)
        .afterUpdate(schema(ref), decision.before(), tree, writer, now())
        .writeTo(tree);
    return new Decision(
        ref, decision.before(), decision.expected(), Effect.PUT, tree, decision.also());
  }

  private List<Decision> decideAll(
      List<ApplyItem> items, List<ObjectRef> prune, ApplyOptions options) {
    Map<ObjectRef, ObjectNode> together = new HashMap<>();
    List<ApiException> failures = new ArrayList<>();
    List<Cause> causes = new ArrayList<>();
    items.forEach(item -> together.put(item.ref(), item.applied()));
    Set<ObjectRef> seen = new HashSet<>();
    List<Decision> decisions = new ArrayList<>();
    for (int i = 0; i < items.size(); i++) {
      ApplyItem item = items.get(i);
      try {
        if (!seen.add(item.ref())) {
          throw ApiException.badRequest(item.ref() + " is there twice");
        }
        decisions.add(decideApply(item.ref(), item.applied(), options, "", together));
      } catch (ApiException e) {
        failures.add(e);
        causes.addAll(ofItem(i, e));
      }
    }
    if (!failures.isEmpty()) {
      throw together(failures, causes);
    }
    for (ObjectRef ref : prune) {
      if (!together.containsKey(ref)) {
        find(ref).map(o -> decideDelete(o, DeleteOptions.DEFAULT)).ifPresent(decisions::add);
      }
    }
    return decisions;
  }

  private static List<Cause> ofItem(int index, ApiException e) {
    String item = "items[" + index + "]";
    if (e.causes().isEmpty()) {
      return List.of(new Cause(e.reason().text(), String.valueOf(e.getMessage()), item));
    }
    return e.causes().stream()
        .map(
            c ->
                new Cause(
                    c.reason(),
                    c.message(),
                    c.field().isEmpty()
                        ? item
                        : item + (c.field().startsWith(".") ? "" : ".") + c.field()))
        .toList();
  }

  private static ApiException together(List<ApiException> failures, List<Cause> causes) {
    ApiException first = failures.getFirst();
    boolean alike = failures.stream().allMatch(f -> f.reason() == first.reason());
    String message =
        String.join("; ", failures.stream().map(f -> String.valueOf(f.getMessage())).toList());
    return new ApiException(
        alike ? first.reason() : Reason.INVALID,
        message,
        failures.size() == 1 ? first.ref() : null,
        causes);
  }

  private Decision decideCreate(ObjectRef ref, ObjectNode object, WriteOptions options) {
    return decideCreate(ref, object, options, Map.of());
  }

  private Decision decideCreate(
      ObjectRef ref, ObjectNode object, WriteOptions options, Map<ObjectRef, ObjectNode> together) {
    if (find(ref).isPresent()) {
      throw ApiException.alreadyExists(ref);
    }
    List<Txn.Condition> namespace = namespaceExists(ref, together);
    if (Preconditions.isOther(ref.namespace(), object.path("metadata").path("namespace"))) {
      throw ApiException.badRequest(
          "the namespace of the provided object does not match the namespace sent on the request");
    }
    Preconditions.checkIdentity(ref, object);
    ObjectNode created =
        admitted(
            ref,
            null,
            Lifecycle.created(ref, Trees.withoutNulls(object), newUid(), clock.instant()),
            together);
    Writer writer = writer(ref, options, Operation.UPDATE, "");
    ManagedFields.NONE.afterUpdate(schema(ref), null, created, writer, now()).writeTo(created);
    options.guard().check(ref, null, created);
    return Decision.creating(ref, held(ref, created), namespace);
  }

  private Decision decideUpdate(
      StoredObject old, UnaryOperator<ObjectNode> change, WriteOptions options) {
    return decideReplacement(old, change.apply(old.tree().deepCopy()), options);
  }

  private Decision decideReplacement(
      StoredObject old, ObjectNode replacement, WriteOptions options) {
    Writer writer = writer(old.ref(), options, Operation.UPDATE, "");
    ObjectNode changed = Trees.withoutNulls(replacement);
    Preconditions.checkIdentity(old.ref(), changed);
    Preconditions.checkVersion(old, changed);
    ObjectNode next = updated(old, changed);
    managedBefore(old, changed)
        .afterUpdate(schema(old.ref()), old.tree(), next, writer, now())
        .writeTo(next);
    options.guard().check(old.ref(), old.tree(), next);
    return next(old, next);
  }

  private ObjectNode updated(StoredObject old, ObjectNode changed) {
    ObjectNode next = admitted(old.ref(), old.tree(), Lifecycle.updated(old, changed), Map.of());
    Lifecycle.countGeneration(old, next);
    return next;
  }

  /** What the writer says of managed fields counts only when it says something. */
  private static ManagedFields managedBefore(StoredObject old, ObjectNode changed) {
    JsonNode given = changed.path("metadata").get("managedFields");
    return ManagedFields.of(given == null ? old.tree() : changed);
  }

  private Decision decideStatus(StoredObject old, UnaryOperator<ObjectNode> change, Writer writer) {
    ObjectNode next = withStatus(old, change);
    return next(old, statusManaged(old, admittedStatus(old.ref(), next), writer));
  }

  /** The engine's own statuses are typed: there is nothing in them for a schema to refuse. */
  private Decision decideOwnStatus(StoredObject old, UnaryOperator<ObjectNode> change) {
    WriteOptions own = WriteOptions.by(STATUS_WRITER);
    Writer writer = writer(old.ref(), own, Operation.UPDATE, STATUS);
    return next(old, statusManaged(old, withStatus(old, change), writer));
  }

  private static ObjectNode withStatus(StoredObject old, UnaryOperator<ObjectNode> change) {
    ObjectNode changed = change.apply(old.tree().deepCopy());
    Preconditions.checkVersion(old, changed);
    JsonNode status = changed.get(STATUS);
    return Lifecycle.withStatus(
        old, status instanceof ObjectNode object ? Trees.withoutNulls(object) : status);
  }

  private ObjectNode statusManaged(StoredObject old, ObjectNode next, Writer writer) {
    ManagedFields.of(old.tree())
        .afterUpdate(schema(old.ref()), old.tree(), next, writer, now())
        .writeTo(next);
    return next;
  }

  private Decision decideApply(
      ObjectRef ref,
      ObjectNode applied,
      ApplyOptions options,
      String subresource,
      Map<ObjectRef, ObjectNode> together) {
    Optional<StoredObject> live = find(ref);
    ObjectNode config = Trees.withoutNulls(applied);
    SecretTexts.intoData(ref.kind(), config);
    Preconditions.checkIdentity(ref, config);
    live.ifPresentOrElse(
        old -> Preconditions.checkApplied(old, config),
        () -> Preconditions.requireNoUid(ref, config));
    Writer writer =
        writer(
            ref,
            new WriteOptions(options.fieldManager(), options.dryRun()),
            Operation.APPLY,
            subresource);
    OnConflict onConflict = options.force() ? OnConflict.TAKE_OVER : OnConflict.REFUSE;
    ObjectNode tree = live.map(StoredObject::tree).orElse(null);
    return switch (ServerSideApply.apply(schema(ref), tree, config, writer, onConflict, now())) {
      case ServerSideApply.Result.Conflicting c -> throw conflicting(ref, c.conflicts());
      case ServerSideApply.Result.Merged merged -> {
        Decision decision =
            live.isPresent()
                ? applyTo(live.get(), merged, writer)
                : applyNew(ref, merged, writer, together);
        options.guard().check(ref, tree, decision.tree());
        yield decision;
      }
    };
  }

  private Decision applyTo(StoredObject old, ServerSideApply.Result.Merged merged, Writer writer) {
    boolean status = writer.subresource().equals(STATUS);
    ObjectNode next =
        status
            ? admittedStatus(old.ref(), Lifecycle.withStatus(old, merged.object().get(STATUS)))
            : updated(old, merged.object());
    merged.fields().writeTo(next);
    return next(old, next);
  }

  private Decision applyNew(
      ObjectRef ref,
      ServerSideApply.Result.Merged merged,
      Writer writer,
      Map<ObjectRef, ObjectNode> together) {
    if (writer.subresource().equals(STATUS)) {
      throw ApiException.notFound(ref);
    }
    List<Txn.Condition> namespace = namespaceExists(ref, together);
    ObjectNode created =
        admitted(
            ref,
            null,
            Lifecycle.created(ref, merged.object(), newUid(), clock.instant()),
            together);
    merged.fields().writeTo(created);
    return Decision.creating(ref, held(ref, created), namespace);
  }

  /** The engine's own finalizer is in nobody's managed fields: nobody's apply takes it away. */
  private ObjectNode held(ObjectRef ref, ObjectNode created) {
    String finalizer = finalizers.get(ref.kind());
    if (finalizer != null) {
      Lifecycle.addFinalizer(Trees.objectAt(created, "metadata"), finalizer);
    }
    return created;
  }

  private Decision decideDelete(StoredObject old, DeleteOptions options) {
    Preconditions.checkDeleted(old, options.uidPrecondition());
    ObjectNode marked = Lifecycle.deleting(old, options, clock.instant());
    return Lifecycle.isHeld(marked)
        ? next(old, marked)
        : Decision.on(old, Effect.REMOVE, old.tree());
  }

  /** The next version: gone when it was only waiting for its last finalizer. */
  private static Decision next(StoredObject old, ObjectNode next) {
    if (old.isDeleting() && !Lifecycle.isHeld(next)) {
      return Decision.on(old, Effect.REMOVE, next);
    }
    return Trees.same(old.tree(), next)
        ? Decision.on(old, Effect.NONE, old.tree())
        : Decision.on(old, Effect.PUT, next);
  }

  /** {@code together}: what is applied in the same transaction. */
  private ObjectNode admitted(
      ObjectRef ref,
      @Nullable ObjectNode old,
      ObjectNode candidate,
      Map<ObjectRef, ObjectNode> together) {
    return taken(
        ref,
        Admission.admit(
            ref.kind(),
            old,
            candidate,
            name ->
                soon(
                    new ObjectRef(ResourceKind.SERVICE_ACCOUNT, ref.namespace(), name), together)));
  }

  /** What is there with the fields that it is about to have; empty: neither. */
  private Optional<ObjectNode> soon(ObjectRef ref, Map<ObjectRef, ObjectNode> together) {
    Optional<ObjectNode> there = find(ref).map(StoredObject::tree);
    ObjectNode applied = together.get(ref);
    return applied == null
        ? there
        : Optional.of(
            there.map(tree -> tree.deepCopy().<ObjectNode>setAll(applied)).orElse(applied));
  }

  private ObjectNode admittedStatus(ObjectRef ref, ObjectNode candidate) {
    return taken(ref, Admission.admitStatus(ref.kind(), candidate));
  }

  private static ObjectNode taken(ObjectRef ref, AdmissionResult result) {
    return switch (result) {
      case AdmissionResult.Admitted a -> a.tree();
      case AdmissionResult.Rejected r -> throw ApiException.invalid(ref, r.errors());
    };
  }

  /** {@code together}: what is applied in the same transaction. */
  private List<Txn.Condition> namespaceExists(ObjectRef ref, Map<ObjectRef, ObjectNode> together) {
    if (!ref.kind().namespaced()) {
      return List.of();
    }
    ObjectRef namespace = new ObjectRef(ResourceKind.NAMESPACE, "", ref.namespace());
    Optional<StoredObject> found = find(namespace);
    if (found.isEmpty()) {
      if (together.containsKey(namespace)) {
        return List.of();
      }
      ApiException missing = ApiException.notFound(namespace);
      throw new ApiException(
          Reason.NOT_FOUND,
          missing.getMessage() + "; make it first, or put it into the same manifest",
          namespace,
          List.of());
    }
    if (found.get().isDeleting()) {
      throw new ApiException(
          Reason.FORBIDDEN,
          ref.kind().plural()
              + " \""
              + ref.name()
              + "\" is forbidden: unable to create new content in namespace "
              + ref.namespace()
              + " because it is being terminated",
          ref,
          List.of());
    }
    return List.of(new Txn.Condition(Keys.of(namespace), found.get().revision()));
  }

  private static ApiException conflicting(ObjectRef ref, List<ServerSideApply.Conflict> conflicts) {
    List<Cause> causes =
        conflicts.stream()
            .map(c -> new Cause("FieldManagerConflict", c.message(), c.path()))
            .toList();
    return new ApiException(
        Reason.CONFLICT, ServerSideApply.Conflict.messageOf(conflicts), ref, causes);
  }

  // --- committing

  @FunctionalInterface
  private interface Deciding {
    Decision decide();
  }

  private StoredObject untilCommitted(
      ObjectRef ref, boolean dryRun, Txn.Durability durability, Deciding deciding) {
    for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      Decision decision = deciding.decide();
      OptionalLong revision = commit(List.of(decision), dryRun, durability);
      if (revision.isPresent()) {
        return decision.at(revision.getAsLong());
      }
    }
    throw ApiException.modified(ref);
  }

  private OptionalLong commit(List<Decision> decisions, boolean dryRun, Txn.Durability durability) {
    return commit(decisions, List.of(), dryRun, durability);
  }

  /** Empty when what was decided on has changed meanwhile. */
  private OptionalLong commit(
      List<Decision> decisions,
      List<Txn.Write> alongside,
      boolean dryRun,
      Txn.Durability durability) {
    List<Txn.Condition> conditions = new ArrayList<>();
    List<Txn.Write> writes = new ArrayList<>(alongside);
    for (Decision d : decisions) {
      conditions.add(new Txn.Condition(Keys.of(d.ref()), d.expected()));
      conditions.addAll(d.also());
      write(d).ifPresent(writes::add);
    }
    if (dryRun || writes.isEmpty()) {
      return OptionalLong.of(decisions.stream().mapToLong(Decision::expected).max().orElse(0));
    }
    return switch (store.commit(new Txn(conditions, writes, durability))) {
      case Store.TxnResult.Committed c -> OptionalLong.of(c.revision());
      case Store.TxnResult.Refused r -> OptionalLong.empty();
    };
  }

  private Optional<Txn.Write> write(Decision d) {
    return switch (d.effect()) {
      case PUT -> Optional.of(new Txn.Write.Put(Keys.of(d.ref()), at -> bytes(d, at)));
      case REMOVE -> Optional.of(new Txn.Write.Delete(Keys.of(d.ref())));
      case NONE -> Optional.empty();
    };
  }

  /** The tree is this write's own until it is answered. */
  private byte[] bytes(Decision d, long revision) {
    Trees.objectAt(d.tree(), "metadata").put("resourceVersion", Long.toString(revision));
    byte[] bytes = ResourceCodec.bytes(d.tree());
    decoded.keep(d.at(revision), bytes);
    return bytes;
  }

  // --- small things

  /** Desired state is on disk before it is answered; events tell of the past and may be lost. */
  private static Txn.Durability durability(ResourceKind kind) {
    return kind == ResourceKind.EVENT ? Txn.Durability.BUFFERED : Txn.Durability.SYNCED;
  }

  private static Schema schema(ObjectRef ref) {
    return Schemas.of(ref.kind());
  }

  private static Writer writer(
      ObjectRef ref, WriteOptions options, Operation operation, String subresource) {
    return new Writer(options.fieldManager(), operation, ref.kind().apiVersion(), subresource);
  }

  private String now() {
    return Lifecycle.text(clock.instant());
  }

  private static String newUid() {
    return UUID.randomUUID().toString();
  }

  private static ObjectRef named(ObjectRef ref, ObjectNode object) {
    String prefix = object.path("metadata").path("generateName").asText("");
    if (!ref.name().isEmpty() || prefix.isEmpty()) {
      return ref;
    }
    StringBuilder name = new StringBuilder(prefix);
    for (int i = 0; i < GENERATED_LENGTH; i++) {
      name.append(
          NAME_ALPHABET.charAt(ThreadLocalRandom.current().nextInt(NAME_ALPHABET.length())));
    }
    return new ObjectRef(ref.kind(), ref.namespace(), name.toString());
  }
}
