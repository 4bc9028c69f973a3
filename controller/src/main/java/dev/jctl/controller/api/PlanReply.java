package dev.jctl.controller.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.plan.PlannedObject;
import dev.jctl.controller.plan.SetPlan;
import dev.jctl.controller.plan.SyscallPlan;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.ResourceCodec;
import dev.jctl.controller.sets.Members;
import java.util.List;
import java.util.Map;

/** A plan as JSON. */
final class PlanReply {
  private PlanReply() {}

  /**
   * @param syscalls for those objects of which it was asked for
   */
  static ObjectNode of(List<PlannedObject> plan, Map<ObjectRef, SyscallPlan.Change> syscalls) {
    ObjectNode reply = ResourceCodec.MAPPER.createObjectNode();
    reply.put("kind", "Plan").put("apiVersion", "jctl.dev/v1").put("digest", SetPlan.digest(plan));
    ArrayNode items = reply.putArray("items");
    for (PlannedObject object : plan) {
      ObjectNode item = items.addObject();
      item(item, object);
      SyscallPlan.Change change = syscalls.get(object.ref());
      if (change != null && !change.isNone()) {
        ObjectNode both = item.putObject("syscalls");
        change.before().forEach(both.putArray("before")::add);
        change.after().forEach(both.putArray("after")::add);
      }
    }
    return reply;
  }

  private static void item(ObjectNode item, PlannedObject planned) {
    ObjectRef ref = planned.ref();
    ObjectNode object = item.putObject("object");
    object.put("apiVersion", ref.kind().apiVersion()).put("kind", ref.kind().kind());
    if (!ref.namespace().isEmpty()) {
      object.put("namespace", ref.namespace());
    }
    object.put("name", ref.name());
    item.put("action", planned.action().text());
    if (!planned.changes().isEmpty()) {
      ArrayNode changes = item.putArray("changes");
      planned.changes().forEach(change -> change(changes.addObject(), change));
    }
    refs(item, "because", planned.because());
    refs(item, "waitsFor", planned.waitsFor());
    if (!planned.unavailable().isEmpty()) {
      item.put("unavailable", planned.unavailable());
    }
    item.put("state", planned.state());
  }

  private static void change(ObjectNode to, PlannedObject.Change change) {
    to.put("path", change.path());
    put(to, "before", change.before());
    put(to, "after", change.after());
    to.put("forces", change.forces());
  }

  private static void put(ObjectNode to, String name, JsonNode value) {
    if (!value.isMissingNode()) {
      to.set(name, value);
    }
  }

  private static void refs(ObjectNode to, String name, List<ObjectRef> refs) {
    if (!refs.isEmpty()) {
      ArrayNode texts = to.putArray(name);
      refs.forEach(ref -> texts.add(Members.text(ref)));
    }
  }
}
