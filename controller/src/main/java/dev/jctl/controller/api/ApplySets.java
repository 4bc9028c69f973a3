package dev.jctl.controller.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.access.Identity;
import dev.jctl.controller.plan.PlannedObject;
import dev.jctl.controller.plan.SetPlan;
import dev.jctl.controller.plan.SyscallPlan;
import dev.jctl.controller.resources.ApiException;
import dev.jctl.controller.resources.ApiException.Cause;
import dev.jctl.controller.resources.ApiException.Reason;
import dev.jctl.controller.resources.ApplyRecord;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.ResourceCodec;
import dev.jctl.controller.resources.Resources.Applied;
import dev.jctl.controller.resources.Resources.ApplyItem;
import dev.jctl.controller.resources.StoreResources;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.controller.sets.ManifestSets;
import dev.jctl.controller.sets.SetApply;
import dev.jctl.manifests.model.ResourceKind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * {@code POST /apis/jctl.dev/v1/apply}: server-side apply of several objects, and the deletion of
 * what left their set, in one transaction. And what else is done with sets.
 */
final class ApplySets {
  private static final String MASKED = "***";

  private final StoreResources resources;
  private final ManifestSets sets;
  private final AccessCheck access;

  ApplySets(StoreResources resources, ManifestSets sets, AccessCheck access) {
    this.resources = resources;
    this.sets = sets;
    this.access = access;
  }

  ApiReply apply(ApiRequest request) {
    Query query = request.query();
    FieldValidation validation = FieldValidation.of(query);
    List<ApplyItem> items = items(RequestBodies.objects(request), validation);
    Optional<ObjectRef> set = set(query);
    Identity who = request.identity().orElseThrow();
    items.forEach(item -> access.require(who, AccessCheck.on(item.ref(), "patch")));
    set.ifPresent(ref -> access.require(who, AccessCheck.on(ref, "patch")));
    if (query.flag("prune") && items.isEmpty() && !query.flag("allowEmpty")) {
      throw ApiException.badRequest(
          "prune of a set with no objects would delete all of it; say allowEmpty=true (jctl apply"
              + " --allow-empty) if that is meant");
    }
    Planning planning = new Planning(request);
    ManifestSets.Outcome outcome =
        set.map(ref -> sets.apply(setApply(ref, items, request, planning)))
            .orElseGet(() -> alone(items, request, planning));
    return query.flag("plan")
        ? ApiReply.json(200, PlanReply.of(planning.plan, planning.syscalls), validation.warnings())
        : ApiReply.json(200, reply(set, outcome), validation.warnings(), changed(set, outcome));
  }

  /** Makes the plan of what is about to be committed, and holds it against one that was made. */
  private final class Planning implements ApplyRecord {
    private final Optional<String> expected;
    private final boolean wanted;
    private final boolean withSyscalls;
    private List<PlannedObject> plan = List.of();
    private Map<ObjectRef, SyscallPlan.Change> syscalls = Map.of();

    Planning(ApiRequest request) {
      Query query = request.query();
      this.expected = query.text("planned");
      this.wanted = query.flag("plan");
      this.withSyscalls = wanted && query.flag("syscalls");
      if (wanted && !request.dryRun()) {
        throw ApiException.badRequest("plan=true is of what is not done: say dryRun=All");
      }
    }

    @Override
    public Optional<Note> note(List<Becoming> applied, List<Becoming> pruned) {
      if (wanted || expected.isPresent()) {
        plan = SetPlan.of(applied, pruned, resources::find);
      }
      if (withSyscalls) {
        syscalls = syscalls(applied, pruned);
      }
      if (expected.filter(digest -> !digest.equals(SetPlan.digest(plan))).isPresent()) {
        throw new ApiException(
            Reason.CONFLICT,
            "what is there is not what was planned for any more; nothing was changed. Make the plan"
                + " anew",
            null,
            List.of());
      }
      return Optional.empty();
    }
  }

  private static Map<ObjectRef, SyscallPlan.Change> syscalls(
      List<ApplyRecord.Becoming> applied, List<ApplyRecord.Becoming> pruned) {
    List<ApplyRecord.Becoming> images =
        applied.stream().filter(b -> b.ref().kind() == ResourceKind.IMAGE).toList();
    Map<ObjectRef, SyscallPlan.Change> changes = new HashMap<>();
    Stream.concat(applied.stream(), pruned.stream())
        .forEach(b -> changes.put(b.ref(), SyscallPlan.of(b, images)));
    return changes;
  }

  private static Optional<ObjectRef> set(Query query) {
    Optional<String> name = query.text("set");
    if (name.isEmpty() && query.flag("prune")) {
      throw ApiException.badRequest("prune needs the name of a set: set=<name>");
    }
    String namespace = query.text("setNamespace").orElse("default");
    return name.map(n -> new ObjectRef(ResourceKind.MANIFEST_SET, namespace, n));
  }

  private ManifestSets.Outcome alone(
      List<ApplyItem> items, ApiRequest request, ApplyRecord planning) {
    return new ManifestSets.Outcome(
        resources.applyAll(
            items,
            List.of(),
            ObjectWrites.applyOptions(request, access.guardOfApply(request)),
            planning),
        List.of(),
        Optional.empty());
  }

  private SetApply setApply(
      ObjectRef set, List<ApplyItem> items, ApiRequest request, ApplyRecord planning) {
    Query query = request.query();
    return new SetApply(
        set,
        items,
        query.flag("prune") ? SetApply.Leaving.DELETED : SetApply.Leaving.KEPT,
        query.flag("retry") ? SetApply.Bad.TRIED_AGAIN : SetApply.Bad.REFUSED,
        query.text("healthTimeout"),
        new SetApply.Origin.Manifests(),
        ObjectWrites.applyOptions(request, access.guardOfApply(request)),
        leaving -> requireDeletion(request, leaving),
        planning);
  }

  /** That something is there is told only to those who may list it. */
  private void requireDeletion(ApiRequest request, List<StoredObject> leaving) {
    Identity who = request.identity().orElseThrow();
    for (StoredObject object : leaving) {
      ObjectRef ref = object.ref();
      access.require(who, AccessCheck.on(new ObjectRef(ref.kind(), ref.namespace(), ""), "list"));
      access.require(who, AccessCheck.on(ref, "delete"));
    }
  }

  /** Its objects go with a set: who deletes it must be allowed to delete each. */
  void requireDeletion(ObjectNode set, ApiRequest request) {
    JsonNode metadata = set.path("metadata");
    requireDeletion(
        request,
        sets.marked(
            new ObjectRef(
                ResourceKind.MANIFEST_SET,
                metadata.path("namespace").asText(),
                metadata.path("name").asText())));
  }

  /** {@code ?toRevision=}; none: the last healthy one before the current. */
  ApiReply rollBack(ObjectRef set, ApiRequest request) {
    Identity who = request.identity().orElseThrow();
    ManifestSets.Outcome outcome =
        sets.rollBack(
            new ManifestSets.Rollback(
                set,
                request.query().number("toRevision").orElse(0),
                request.dryRun(),
                access.guardOfApply(request),
                items -> items.forEach(i -> access.require(who, AccessCheck.on(i.ref(), "patch"))),
                leaving -> requireDeletion(request, leaving)));
    return ApiReply.json(
        200, reply(Optional.of(set), outcome), List.of(), changed(Optional.of(set), outcome));
  }

  /** Without what is in Secrets. */
  ApiReply revision(ObjectRef set, ApiRequest request) {
    long revision =
        request
            .query()
            .number("revision")
            .orElseThrow(() -> ApiException.badRequest("say which: revision=<number>"));
    resources.get(set);
    ObjectNode list = ResourceCodec.MAPPER.createObjectNode();
    ArrayNode items = list.put("kind", "List").put("apiVersion", "v1").putArray("items");
    sets.manifests(set, revision).forEach(manifest -> items.add(masked(manifest)));
    return ApiReply.json(200, list);
  }

  private static ObjectNode masked(ObjectNode manifest) {
    if (ResourceKind.SECRET.kind().equals(manifest.path("kind").asText())) {
      for (String field : List.of("data", "stringData")) {
        if (manifest.path(field) instanceof ObjectNode values) {
          values
              .properties()
              .forEach(value -> value.setValue(ResourceCodec.MAPPER.valueToTree(MASKED)));
        }
      }
    }
    return manifest;
  }

  private static List<ObjectRef> changed(Optional<ObjectRef> set, ManifestSets.Outcome outcome) {
    return Stream.of(
            outcome.applied().stream()
                .filter(a -> a.outcome() != Applied.Outcome.UNCHANGED)
                .map(a -> a.object().ref()),
            outcome.pruned().stream().map(StoredObject::ref),
            outcome.revision().flatMap(r -> set).stream())
        .flatMap(refs -> refs)
        .toList();
  }

  private static List<ApplyItem> items(List<JsonNode> objects, FieldValidation validation) {
    List<ApplyItem> items = new ArrayList<>();
    List<Cause> causes = new ArrayList<>();
    for (int i = 0; i < objects.size(); i++) {
      try {
        ApplyItem item = item(objects.get(i));
        validation.prune(item.ref(), item.applied());
        items.add(item);
      } catch (ApiException e) {
        causes.add(
            new Cause(e.reason().text(), String.valueOf(e.getMessage()), "items[" + i + "]"));
      }
    }
    if (!causes.isEmpty()) {
      String all = String.join("; ", causes.stream().map(Cause::message).toList());
      throw new ApiException(Reason.INVALID, all, null, causes);
    }
    return items;
  }

  private static ApplyItem item(JsonNode tree) {
    ObjectNode object = RequestBodies.asObject(tree);
    String apiVersion = object.path("apiVersion").asText("");
    String kindName = object.path("kind").asText("");
    ResourceKind kind =
        ResourceKind.of(apiVersion, kindName)
            .orElseThrow(
                () ->
                    ApiException.badRequest(
                        "no matches for kind \""
                            + kindName
                            + "\" in version \""
                            + apiVersion
                            + "\""));
    JsonNode metadata = object.path("metadata");
    String name = metadata.path("name").asText("");
    if (name.isEmpty()) {
      throw ApiException.badRequest("metadata.name is required");
    }
    String namespace = kind.namespaced() ? metadata.path("namespace").asText("default") : "";
    return new ApplyItem(new ObjectRef(kind, namespace, name), object);
  }

  private static ObjectNode reply(Optional<ObjectRef> set, ManifestSets.Outcome outcome) {
    ObjectNode reply = ResourceCodec.MAPPER.createObjectNode();
    reply.put("kind", "AppliedSet").put("apiVersion", "jctl.dev/v1");
    set.ifPresent(
        ref -> {
          ObjectNode named = reply.putObject("set");
          named.put("namespace", ref.namespace()).put("name", ref.name());
          outcome.revision().ifPresent(revision -> named.put("revision", revision));
        });
    ArrayNode items = reply.putArray("items");
    outcome
        .applied()
        .forEach(
            a ->
                items
                    .addObject()
                    .put("outcome", a.outcome().name().toLowerCase(Locale.ROOT))
                    .set("object", a.object().tree()));
    outcome
        .pruned()
        .forEach(p -> items.addObject().put("outcome", "pruned").set("object", p.tree()));
    return reply;
  }
}
