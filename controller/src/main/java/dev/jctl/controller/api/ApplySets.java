package dev.jctl.controller.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.access.Identity;
import dev.jctl.controller.resources.ApiException;
import dev.jctl.controller.resources.ApiException.Cause;
import dev.jctl.controller.resources.ApiException.Reason;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.ResourceCodec;
import dev.jctl.controller.resources.Resources.Applied;
import dev.jctl.controller.resources.Resources.ApplyItem;
import dev.jctl.controller.resources.StoreResources;
import dev.jctl.controller.resources.StoredObject;
import dev.jctl.controller.sets.Membership;
import dev.jctl.manifests.model.Annotations;
import dev.jctl.manifests.model.ResourceKind;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * {@code POST /apis/jctl.dev/v1/apply}: server-side apply of several objects, and the deletion of
 * what left their set, in one transaction.
 */
final class ApplySets {
  private final StoreResources resources;
  private final ObjectLists lists;
  private final AccessCheck access;

  ApplySets(StoreResources resources, ObjectLists lists, AccessCheck access) {
    this.resources = resources;
    this.lists = lists;
    this.access = access;
  }

  ApiReply apply(ApiRequest request) {
    Query query = request.query();
    Optional<String> set = query.text("set");
    FieldValidation validation = FieldValidation.of(query);
    List<ApplyItem> items = items(RequestBodies.objects(request), set, validation);
    List<StoredObject> prune =
        query.flag("prune") ? outside(items, set.orElseThrow(ApplySets::setMissing)) : List.of();
    requireAll(request.identity().orElseThrow(), items, prune);
    if (query.flag("prune") && items.isEmpty()) {
      throw ApiException.badRequest(
          "prune of a set with no objects would delete all of it; delete the objects instead");
    }
    List<Applied> applied =
        resources.applyAll(
            items,
            prune.stream().map(StoredObject::ref).toList(),
            ObjectWrites.applyOptions(request, access.guardOfApply(request)));
    return ApiReply.json(
        200, reply(applied, prune), validation.warnings(), changed(applied, prune));
  }

  /** That something is there is told only to those who may list it. */
  private void requireAll(Identity who, List<ApplyItem> items, List<StoredObject> prune) {
    items.forEach(item -> access.require(who, AccessCheck.on(item.ref(), "patch")));
    for (StoredObject object : prune) {
      ObjectRef ref = object.ref();
      access.require(who, AccessCheck.on(new ObjectRef(ref.kind(), ref.namespace(), ""), "list"));
      access.require(who, AccessCheck.on(ref, "delete"));
    }
  }

  private static List<ObjectRef> changed(List<Applied> applied, List<StoredObject> pruned) {
    return Stream.concat(
            applied.stream()
                .filter(a -> a.outcome() != Applied.Outcome.UNCHANGED)
                .map(a -> a.object().ref()),
            pruned.stream().map(StoredObject::ref))
        .toList();
  }

  private static ApiException setMissing() {
    return ApiException.badRequest("prune needs the name of a set: set=<name>");
  }

  private static List<ApplyItem> items(
      List<JsonNode> objects, Optional<String> set, FieldValidation validation) {
    List<ApplyItem> items = new ArrayList<>();
    List<Cause> causes = new ArrayList<>();
    for (int i = 0; i < objects.size(); i++) {
      try {
        ApplyItem item = item(objects.get(i));
        set.ifPresent(name -> Membership.of(name).mark(item.applied()));
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

  /** Of the set, but not among the items. */
  private List<StoredObject> outside(List<ApplyItem> items, String set) {
    Set<ObjectRef> kept = new HashSet<>();
    items.forEach(item -> kept.add(item.ref()));
    List<StoredObject> outside = new ArrayList<>();
    for (ResourceKind kind : ResourceKind.values()) {
      Selection members =
          new Selection(
              kind,
              null,
              LabelSelector.parse(Annotations.SET + "=" + set),
              FieldSelector.parse(""));
      for (ObjectNode tree : ObjectLists.trees(lists.all(members))) {
        JsonNode metadata = tree.path("metadata");
        ObjectRef ref =
            new ObjectRef(
                kind, metadata.path("namespace").asText(""), metadata.path("name").asText());
        if (!kept.contains(ref) && Membership.of(set).isPrunable(tree)) {
          outside.add(new StoredObject(ref, tree, metadata.path("resourceVersion").asLong()));
        }
      }
    }
    return outside;
  }

  private static ObjectNode reply(List<Applied> applied, List<StoredObject> pruned) {
    ObjectNode reply = ResourceCodec.MAPPER.createObjectNode();
    reply.put("kind", "AppliedSet").put("apiVersion", "jctl.dev/v1");
    ArrayNode items = reply.putArray("items");
    applied.forEach(
        a ->
            items
                .addObject()
                .put("outcome", a.outcome().name().toLowerCase(Locale.ROOT))
                .set("object", a.object().tree()));
    pruned.forEach(p -> items.addObject().put("outcome", "pruned").set("object", p.tree()));
    return reply;
  }
}
