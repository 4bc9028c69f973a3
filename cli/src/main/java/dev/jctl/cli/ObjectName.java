package dev.jctl.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.cli.args.UsageException;
import dev.jctl.cli.output.ResourceTable;
import dev.jctl.manifests.model.ResourceKind;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** An object as it is named on a command line. */
record ObjectName(ResourceKind kind, String name) {

  static ObjectName of(ResourceKind kind, JsonNode object) {
    return new ObjectName(kind, object.path("metadata").path("name").asText(""));
  }

  /** {@code pod/web}. */
  static ObjectName parse(String word) {
    int slash = word.indexOf('/');
    return new ObjectName(kind(word.substring(0, slash)), word.substring(slash + 1));
  }

  static ResourceKind kind(String word) {
    return ResourceKind.named(word)
        .orElseThrow(
            () ->
                new UsageException(
                    "the server doesn't have a resource type \""
                        + word
                        + "\"; there are "
                        + String.join(
                            ", ",
                            Stream.of(ResourceKind.values()).map(ResourceKind::plural).toList())));
  }

  /** {@code pods,containers}, {@code all}. */
  static List<ResourceKind> kinds(String words) {
    List<ResourceKind> kinds = new ArrayList<>();
    for (String word : words.split(",", -1)) {
      if (word.equals("all")) {
        kinds.addAll(
            List.of(
                ResourceKind.CONTAINER,
                ResourceKind.POD,
                ResourceKind.NETWORK,
                ResourceKind.VOLUME,
                ResourceKind.IMAGE));
      } else {
        kinds.add(kind(word));
      }
    }
    return kinds;
  }

  static ResourceKind kindOf(JsonNode object) {
    String apiVersion = object.path("apiVersion").asText("");
    String kind = object.path("kind").asText("");
    return ResourceKind.of(apiVersion, kind)
        .orElseThrow(() -> new IllegalArgumentException("no kind " + kind + " in " + apiVersion));
  }

  /** {@code container.jctl.dev/web}. */
  @Override
  public String toString() {
    return ResourceTable.qualifiedName(kind, name);
  }
}
