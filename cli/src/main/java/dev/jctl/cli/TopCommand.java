package dev.jctl.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.cli.args.CommandSpec;
import dev.jctl.cli.client.Target;
import dev.jctl.cli.output.Table;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** {@code jctl top}: what is measured while the question is answered. */
final class TopCommand implements Command {
  private static final long NANOS_PER_MILLI = 1_000_000;
  private static final long KIBIBYTES_PER_MEBIBYTE = 1024;
  private static final String METRICS = "/apis/metrics.k8s.io/v1beta1";

  /** One container's. */
  private record Use(
      String namespace, String pod, String container, long cpuNanos, long memoryKibibytes) {
    static Use of(JsonNode pod, JsonNode container) {
      return new Use(
          pod.at("/metadata/namespace").asText(),
          pod.at("/metadata/name").asText(),
          container.path("name").asText(),
          amount(container.at("/usage/cpu")),
          amount(container.at("/usage/memory")));
    }

    /** The units are always the same: {@code 1500n} and {@code 1024Ki}. */
    private static long amount(JsonNode quantity) {
      return Long.parseLong(quantity.asText("0").replaceAll("[a-zA-Z]+$", ""));
    }

    List<String> cells() {
      return List.of(
          pod,
          container,
          Math.ceilDiv(cpuNanos, NANOS_PER_MILLI) + "m",
          Math.ceilDiv(memoryKibibytes, KIBIBYTES_PER_MEBIBYTE) + "Mi");
    }
  }

  @Override
  public CommandSpec spec() {
    return new CommandSpec(
        "top",
        "top [POD | CONTAINER...] [options]",
        "Show what containers use, the busiest first",
        CommandSpec.Operands.POD,
        List.of(Options.ALL_NAMESPACES, TablePrinter.NO_HEADERS),
        List.of("jctl top", "jctl top web -n shop", "jctl top -A"));
  }

  @Override
  public int run(Invocation in) {
    boolean all = in.is(Options.ALL_NAMESPACES);
    List<String> names =
        in.arguments().operands().stream().map(n -> n.substring(n.indexOf('/') + 1)).toList();
    List<Use> uses = new ArrayList<>();
    for (JsonNode pod : in.api().get(target(in, all)).path("items")) {
      if (names.isEmpty() || names.contains(pod.at("/metadata/name").asText())) {
        pod.path("containers").forEach(container -> uses.add(Use.of(pod, container)));
      }
    }
    if (uses.isEmpty()) {
      in.console().error("Nothing runs" + (all ? "." : " in " + in.namespace() + " namespace."));
      return ExitCode.OK;
    }
    uses.sort(
        Comparator.comparingLong(Use::cpuNanos).thenComparingLong(Use::memoryKibibytes).reversed());
    print(in, uses, all);
    return ExitCode.OK;
  }

  private static Target target(Invocation in, boolean all) {
    Target metrics = Target.path(METRICS);
    return (all ? metrics : metrics.at("namespaces").at(in.namespace())).at("pods");
  }

  private static void print(Invocation in, List<Use> uses, boolean all) {
    List<String> headers = new ArrayList<>(List.of("POD", "CONTAINER", "CPU", "MEMORY"));
    if (all) {
      headers.addFirst("NAMESPACE");
    }
    List<List<String>> rows = new ArrayList<>();
    for (Use use : uses) {
      List<String> cells = new ArrayList<>(use.cells());
      if (all) {
        cells.addFirst(use.namespace());
      }
      rows.add(cells);
    }
    Table table = new Table(headers, rows);
    boolean withHeaders = !in.is(TablePrinter.NO_HEADERS);
    table.lines(withHeaders, table.widths(withHeaders, List.of())).forEach(in.console()::line);
  }
}
