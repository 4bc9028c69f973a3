package dev.jctl.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.cli.client.Api;
import dev.jctl.cli.client.StatusException;
import dev.jctl.cli.client.Target;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The one request that applies all objects of a set, or none.
 *
 * @param parameters of the request
 */
record ApplyCall(Map<String, String> parameters) {

  /** What the options of {@code jctl apply} say. */
  static ApplyCall of(Invocation in) {
    Map<String, String> parameters = new LinkedHashMap<>();
    put(parameters, "force", in.is(ApplyCommand.FORCE));
    in.value(ApplyCommand.SET)
        .ifPresent(
            set -> {
              parameters.put("set", set);
              parameters.put("setNamespace", in.namespace());
            });
    put(parameters, "prune", in.is(ApplyCommand.PRUNE));
    put(parameters, "allowEmpty", in.is(ApplyCommand.ALLOW_EMPTY));
    put(parameters, "retry", in.is(ApplyCommand.RETRY));
    in.value(ApplyCommand.HEALTH_TIMEOUT).ifPresent(t -> parameters.put("healthTimeout", t));
    return new ApplyCall(parameters);
  }

  private static void put(Map<String, String> parameters, String name, boolean given) {
    if (given) {
      parameters.put(name, "true");
    }
  }

  /** Whatever is owned by whom: what would be so. */
  static ApplyCall dry() {
    return new ApplyCall(Map.of()).with("dryRun", "All").with("force", "true");
  }

  ApplyCall with(String name, String value) {
    Map<String, String> more = new LinkedHashMap<>(parameters);
    more.put(name, value);
    return new ApplyCall(more);
  }

  /** {@code outcome}: created, configured, unchanged or pruned. */
  record Applied(String outcome, JsonNode object) {}

  /** {@code set}: its namespace, name and, when it is a new one, revision; missing without one. */
  record Reply(List<Applied> applied, JsonNode set) {
    static Reply of(JsonNode reply) {
      List<Applied> all = new ArrayList<>();
      for (JsonNode item : reply.path("items")) {
        all.add(new Applied(item.path("outcome").asText(""), item.path("object")));
      }
      return new Reply(all, reply.path("set"));
    }
  }

  Reply send(Api api, Manifests manifests) {
    try {
      return Reply.of(send(api, manifests.asList()));
    } catch (StatusException e) {
      throw manifests.located(e);
    }
  }

  JsonNode send(Api api, JsonNode list) {
    Target target = Target.path("/apis/jctl.dev/v1/apply").with("fieldManager", "jctl");
    for (Map.Entry<String, String> parameter : parameters.entrySet()) {
      target = target.with(parameter.getKey(), parameter.getValue());
    }
    return api.post(target, list);
  }
}
