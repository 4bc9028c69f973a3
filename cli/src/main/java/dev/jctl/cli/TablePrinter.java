package dev.jctl.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.cli.args.Option;
import dev.jctl.cli.output.ResourceTable;
import dev.jctl.cli.output.Table;
import dev.jctl.manifests.model.ResourceKind;
import java.time.Instant;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Prints tables, one a kind, and further rows of them as objects change. */
final class TablePrinter {
  static final Option NO_HEADERS = Option.flag("print no header line", "--no-headers");

  private final Invocation in;
  private final boolean wide;
  private final Map<ResourceKind, List<Integer>> widths = new EnumMap<>(ResourceKind.class);

  TablePrinter(Invocation in, boolean wide) {
    this.in = in;
    this.wide = wide;
  }

  void print(List<JsonNode> objects) {
    Map<ResourceKind, List<JsonNode>> byKind = new LinkedHashMap<>();
    for (JsonNode o : objects) {
      byKind.computeIfAbsent(ObjectName.kindOf(o), k -> new java.util.ArrayList<>()).add(o);
    }
    String separator = "";
    for (Map.Entry<ResourceKind, List<JsonNode>> e : byKind.entrySet()) {
      in.console().out().print(separator);
      rows(e.getKey(), e.getValue(), byKind.size() > 1, !in.is(NO_HEADERS));
      separator = "\n";
    }
  }

  /** One more row below those printed; with headers when it is the first of its kind. */
  void printRow(JsonNode object, boolean withKind) {
    ResourceKind kind = ObjectName.kindOf(object);
    rows(kind, List.of(object), withKind, !widths.containsKey(kind) && !in.is(NO_HEADERS));
  }

  private void rows(
      ResourceKind kind, List<JsonNode> objects, boolean withKind, boolean withHeaders) {
    ResourceTable.Style style =
        new ResourceTable.Style(wide, in.is(Options.ALL_NAMESPACES), withKind);
    Table table = ResourceTable.of(kind, objects, style, Instant.now());
    List<Integer> fitting = table.widths(withHeaders, widths.getOrDefault(kind, List.of()));
    widths.put(kind, fitting);
    table.lines(withHeaders, fitting).forEach(in.console()::line);
  }
}
