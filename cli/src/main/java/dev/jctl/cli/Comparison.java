package dev.jctl.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.cli.client.Api;
import dev.jctl.cli.client.StatusException;
import dev.jctl.cli.client.Target;
import dev.jctl.cli.output.FieldChanges;
import dev.jctl.cli.output.SecretMask;
import dev.jctl.manifests.json.Json;
import java.util.ArrayList;
import java.util.List;

/**
 * An object as it is and as an apply would leave it, without what a server writes by itself and
 * without secrets.
 *
 * @param live empty when there is none yet
 */
record Comparison(ObjectName name, JsonNode live, JsonNode applied) {
  private static final List<String> SERVER_FIELDS =
      List.of(
          "managedFields", "resourceVersion", "generation", "uid", "creationTimestamp", "selfLink");

  /** By a dry run on the server. */
  static List<Comparison> of(Api api, Manifests manifests) {
    List<Comparison> all = new ArrayList<>();
    for (ApplyCall.Applied a : ApplyCall.dry().send(api, manifests).applied()) {
      ObjectName name = ObjectName.of(ObjectName.kindOf(a.object()), a.object());
      JsonNode live = strip(live(api, name, a.object()));
      JsonNode applied = strip(a.object());
      all.add(
          new Comparison(
              name, SecretMask.of(live, applied, "before"), SecretMask.of(applied, live, "after")));
    }
    return all;
  }

  List<FieldChanges.Change> changes() {
    return FieldChanges.between(live, applied);
  }

  private static JsonNode live(Api api, ObjectName name, JsonNode applied) {
    try {
      return api.get(
          Target.of(
              name.kind(), applied.path("metadata").path("namespace").asText(""), name.name()));
    } catch (StatusException e) {
      if (e.isNotFound()) {
        return Json.object();
      }
      throw e;
    }
  }

  /** What somebody wants, without what is so. */
  static JsonNode strip(JsonNode object) {
    JsonNode copy = object.deepCopy();
    if (copy instanceof ObjectNode whole) {
      whole.remove("status");
    }
    if (copy.path("metadata") instanceof ObjectNode metadata) {
      metadata.remove(SERVER_FIELDS);
    }
    return copy;
  }
}
