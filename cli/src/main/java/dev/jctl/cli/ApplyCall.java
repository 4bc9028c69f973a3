package dev.jctl.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.cli.client.Api;
import dev.jctl.cli.client.StatusException;
import dev.jctl.cli.client.Target;
import java.util.ArrayList;
import java.util.List;

/** The one request that applies all objects of a set, or none. */
record ApplyCall(boolean dryRun, boolean force, String set, boolean prune) {

  static ApplyCall dry() {
    return new ApplyCall(true, true, "", false);
  }

  /** {@code outcome}: created, configured, unchanged or pruned. */
  record Applied(String outcome, JsonNode object) {}

  List<Applied> send(Api api, Manifests manifests) {
    Target target =
        Target.path("/apis/jctl.dev/v1/apply")
            .with("fieldManager", "jctl")
            .withOptional("dryRun", dryRun ? "All" : "")
            .withOptional("force", force ? "true" : "")
            .withOptional("set", set)
            .withOptional("prune", prune ? "true" : "");
    try {
      List<Applied> all = new ArrayList<>();
      for (JsonNode item : api.post(target, manifests.asList()).path("items")) {
        all.add(new Applied(item.path("outcome").asText(""), item.path("object")));
      }
      return all;
    } catch (StatusException e) {
      throw manifests.located(e);
    }
  }
}
