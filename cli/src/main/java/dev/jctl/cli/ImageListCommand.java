package dev.jctl.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.cli.args.CommandSpec;
import dev.jctl.cli.args.Option;
import dev.jctl.cli.client.Target;
import dev.jctl.cli.output.ResourceTable;
import dev.jctl.cli.output.Table;
import dev.jctl.manifests.model.ResourceKind;
import dev.jctl.manifests.schema.Ages;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** {@code jctl image ls}. */
final class ImageListCommand implements Command {
  private static final String NONE = "<none>";
  private static final Option QUIET = Option.flag("only image ids", "--quiet", "-q");
  private static final Option NO_TRUNC = Option.flag("ids as they are", "--no-trunc");
  private static final int SHORT = 12;

  @Override
  public CommandSpec spec() {
    return new CommandSpec(
        "ls",
        "image ls [options]",
        "List images",
        CommandSpec.Operands.NONE,
        List.of(QUIET, NO_TRUNC, Options.ALL_NAMESPACES),
        List.of("jctl image ls", "jctl image ls -q"));
  }

  @Override
  public int run(Invocation in) {
    List<JsonNode> images =
        in.api()
            .list(
                Target.of(
                    ResourceKind.IMAGE, in.is(Options.ALL_NAMESPACES) ? null : in.namespace()))
            .items();
    if (in.is(QUIET)) {
      images.stream().map(image -> id(in, image)).distinct().forEach(in.console()::line);
      return ExitCode.OK;
    }
    List<String> headers =
        new ArrayList<>(List.of("NAME", "REPOSITORY", "TAG", "IMAGE ID", "CREATED", "SIZE"));
    if (in.is(Options.ALL_NAMESPACES)) {
      headers.addFirst("NAMESPACE");
    }
    new Table(headers, images.stream().map(image -> row(in, image)).toList())
        .lines()
        .forEach(in.console()::line);
    return ExitCode.OK;
  }

  private static List<String> row(Invocation in, JsonNode image) {
    String reference = image.at("/spec/reference").asText("");
    List<String> row = new ArrayList<>();
    if (in.is(Options.ALL_NAMESPACES)) {
      row.add(image.at("/metadata/namespace").asText(""));
    }
    row.add(image.at("/metadata/name").asText(""));
    row.add(repository(reference));
    row.add(tag(reference));
    row.add(id(in, image));
    row.add(Ages.since(image.at("/metadata/creationTimestamp").asText(""), Instant.now()) + " ago");
    row.add(ResourceTable.size(image.at("/status/sizeBytes")));
    return row;
  }

  private static String repository(String reference) {
    String named = reference.split("@", 2)[0];
    int colon = named.lastIndexOf(':');
    String repository = colon > named.lastIndexOf('/') ? named.substring(0, colon) : named;
    return repository.isEmpty() ? NONE : repository;
  }

  private static String tag(String reference) {
    String named = reference.split("@", 2)[0];
    int colon = named.lastIndexOf(':');
    if (colon > named.lastIndexOf('/')) {
      return named.substring(colon + 1);
    }
    return reference.isEmpty() || reference.indexOf('@') >= 0 ? NONE : "latest";
  }

  private static String id(Invocation in, JsonNode image) {
    String id = image.at("/status/imageID").asText("");
    String hex = id.substring(id.indexOf(':') + 1);
    return hex.isEmpty()
        ? NONE
        : in.is(NO_TRUNC) ? id : hex.substring(0, Math.min(SHORT, hex.length()));
  }
}
