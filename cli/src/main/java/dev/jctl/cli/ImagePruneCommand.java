package dev.jctl.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.LongNode;
import dev.jctl.cli.args.CommandSpec;
import dev.jctl.cli.args.Option;
import dev.jctl.cli.client.Target;
import dev.jctl.cli.output.ResourceTable;
import dev.jctl.manifests.json.Json;
import dev.jctl.manifests.model.ResourceKind;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * {@code jctl image prune}: deletes Images that nothing uses; the controller then removes the
 * content that no Image and no container reaches.
 */
final class ImagePruneCommand implements Command {
  private static final Option ALL =
      Option.flag("those of manifests too, not only those that jctl image made", "--all", "-a");
  private static final Option BUILD_CACHE =
      Option.flag("instead what steps of builds made, of all namespaces", "--build-cache");
  private static final Option DRY_RUN = Option.flag("only say which", "--dry-run");
  private static final List<String> POD_CONTAINERS =
      List.of("/spec/containers", "/spec/initContainers");

  @Override
  public CommandSpec spec() {
    return new CommandSpec(
        "prune",
        "image prune [options]",
        "Delete images that no Pod and no Container uses",
        CommandSpec.Operands.NONE,
        List.of(ALL, BUILD_CACHE, DRY_RUN),
        List.of(
            "jctl image prune --dry-run", "jctl image prune -a", "jctl image prune --build-cache"));
  }

  @Override
  public int run(Invocation in) {
    if (in.is(BUILD_CACHE)) {
      pruneBuildCache(in);
      return ExitCode.OK;
    }
    Set<String> used = used(in);
    List<JsonNode> unused =
        in.api().list(Target.of(ResourceKind.IMAGE, in.namespace())).items().stream()
            .filter(image -> in.is(ALL) || ImageObjects.isMadeHere(image))
            .filter(image -> image.at("/metadata/ownerReferences").isEmpty())
            .filter(image -> !used.contains(image.at("/metadata/name").asText("")))
            .filter(image -> !used.contains(image.at("/spec/reference").asText("")))
            .toList();
    if (!unused.isEmpty()) {
      in.console().line(in.is(DRY_RUN) ? "Would delete images:" : "Deleted Images:");
    }
    for (JsonNode image : unused) {
      if (!in.is(DRY_RUN)) {
        in.api().delete(ImageObjects.target(image), Json.object());
      }
      in.console().line(image.at("/metadata/name").asText(""));
    }
    return ExitCode.OK;
  }

  private static void pruneBuildCache(Invocation in) {
    JsonNode before = in.api().get(ImageUseCommand.STORAGE);
    if (in.is(DRY_RUN)) {
      in.console().line("Would reclaim: " + ResourceTable.size(before.path("buildCacheBytes")));
      return;
    }
    in.api().delete(ImageUseCommand.STORAGE, Json.object());
    JsonNode after = in.api().get(ImageUseCommand.STORAGE);
    long reclaimed = Math.max(0, bytes(before) - bytes(after));
    in.console().line("Total reclaimed space: " + ResourceTable.size(LongNode.valueOf(reclaimed)));
  }

  private static long bytes(JsonNode use) {
    return use.path("imageBytes").asLong()
        + use.path("buildCacheBytes").asLong()
        + use.path("otherBytes").asLong();
  }

  /** Names of Images and references that stand in Pods and Containers. */
  private static Set<String> used(Invocation in) {
    List<String> used = new ArrayList<>();
    for (JsonNode container : list(in, ResourceKind.CONTAINER)) {
      used.add(container.at("/spec/image").asText(""));
    }
    for (JsonNode pod : list(in, ResourceKind.POD)) {
      for (String path : POD_CONTAINERS) {
        pod.at(path).forEach(c -> used.add(c.path("image").asText("")));
      }
    }
    return new HashSet<>(used);
  }

  private static List<JsonNode> list(Invocation in, ResourceKind kind) {
    return in.api().list(Target.of(kind, in.namespace())).items();
  }
}
