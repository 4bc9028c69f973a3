package dev.jctl.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.cli.client.Api;
import dev.jctl.cli.client.Target;
import dev.jctl.manifests.model.ResourceKind;
import java.util.Optional;

/**
 * The set that objects were applied as.
 *
 * @param revision empty: it was as it is
 */
record AppliedSet(String namespace, String name, String revision) {
  /** Empty: they were applied as none. */
  static Optional<AppliedSet> of(JsonNode set) {
    return set.isObject()
        ? Optional.of(
            new AppliedSet(
                set.path("namespace").asText(""),
                set.path("name").asText(""),
                set.path("revision").asText("")))
        : Optional.empty();
  }

  JsonNode get(Api api) {
    return api.get(Target.of(ResourceKind.MANIFEST_SET, namespace, name));
  }

  /** That all is well with another revision is no success of this one. */
  void refuseTakenBack(Api api) {
    for (JsonNode entry : get(api).at("/status/history")) {
      boolean taken = "RolledBack".equals(entry.path("result").asText());
      if (taken && entry.path("revision").asText().equals(revision)) {
        throw new CommandFailure(
            ExitCode.FAILED,
            "manifestset.jctl.dev/"
                + name
                + ": revision "
                + revision
                + " was taken back: "
                + entry.path("message").asText());
      }
    }
  }

  @Override
  public String toString() {
    return "manifestset.jctl.dev/"
        + name
        + (revision.isEmpty() ? " unchanged" : " revision " + revision);
  }
}
