package dev.jctl.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.cli.args.CommandSpec;
import dev.jctl.cli.args.Option;
import dev.jctl.cli.args.UsageException;
import dev.jctl.cli.client.ObjectWatcher;
import dev.jctl.cli.client.Target;
import dev.jctl.cli.client.WatchStream;
import dev.jctl.cli.output.JsonPath;
import dev.jctl.manifests.model.ResourceKind;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;

/** {@code jctl get}. */
final class GetCommand implements Command {
  private static final Option WATCH = Option.flag("go on with every change", "--watch", "-w");
  private static final Option SORT_BY =
      Option.value(
          "JSONPATH", "sort by a field, for example .metadata.creationTimestamp", "--sort-by");
  private static final Option IGNORE_NOT_FOUND =
      Option.flag("exit 0 and print nothing for a name that is not there", "--ignore-not-found");

  private static final Option AT =
      Option.value("WHEN", "as it was: 2h ago, at a time, or at a revision of the store", "--at");

  @Override
  public CommandSpec spec() {
    return new CommandSpec(
        "get",
        "get KIND[,KIND…] [NAME…] | KIND/NAME… | all [options]",
        "Show objects",
        CommandSpec.Operands.KIND_THEN_NAMES,
        List.of(
            Options.OUTPUT,
            WATCH,
            Options.SELECTOR,
            Options.FIELD_SELECTOR,
            Options.ALL_NAMESPACES,
            SORT_BY,
            AT,
            TablePrinter.NO_HEADERS,
            IGNORE_NOT_FOUND),
        List.of(
            "jctl get containers,pods -o wide",
            "jctl get ctr web -o yaml",
            "jctl get pods -w",
            "jctl get containers --at=2h"));
  }

  @Override
  public int run(Invocation in) throws InterruptedException {
    Selection selection = Selection.of(in);
    ObjectPrinter printer = ObjectPrinter.parse(in.value(Options.OUTPUT).orElse(""));
    if (in.is(WATCH)) {
      if (in.value(AT).isPresent()) {
        throw new UsageException("what was does not change: leave out --watch or --at");
      }
      return watch(in, selection, printer);
    }
    List<JsonNode> objects = fetch(in, selection);
    in.value(SORT_BY).ifPresent(path -> sort(objects, path));
    if (objects.isEmpty() && printer instanceof ObjectPrinter.AsTable) {
      if (!in.is(IGNORE_NOT_FOUND)) {
        in.console().error("No resources found" + where(selection));
      }
      return ExitCode.OK;
    }
    printer.print(in, objects);
    return ExitCode.OK;
  }

  private static List<JsonNode> fetch(Invocation in, Selection selection) {
    try {
      String revision = in.value(AT).map(when -> Moment.revision(in.api(), when)).orElse("");
      return new ArrayList<>(selection.fetch(in, revision));
    } catch (dev.jctl.cli.client.StatusException e) {
      if (e.isNotFound() && in.is(IGNORE_NOT_FOUND)) {
        return new ArrayList<>();
      }
      throw e;
    }
  }

  private static String where(Selection selection) {
    String namespace = selection.namespace();
    boolean namespaced = selection.kinds().stream().anyMatch(ResourceKind::namespaced);
    return namespaced && namespace != null ? " in " + namespace + " namespace." : "";
  }

  private static void sort(List<JsonNode> objects, String path) {
    try {
      objects.sort(
          Comparator.comparing(
              o -> JsonPath.find(path, o).stream().findFirst().map(JsonNode::asText).orElse("")));
    } catch (IllegalArgumentException e) {
      throw new UsageException("--sort-by: " + e.getMessage());
    }
  }

  private static int watch(Invocation in, Selection selection, ObjectPrinter printer)
      throws InterruptedException {
    LinkedBlockingQueue<Runnable> work = new LinkedBlockingQueue<>(1024);
    List<Target> targets = targets(in, selection);
    Rows rows = new Rows(in, printer, targets.size() > 1);
    List<ObjectWatcher> watchers = new ArrayList<>();
    for (Target target : targets) {
      watchers.add(
          ObjectWatcher.start(
              in.api(),
              target,
              ObjectWatcher.Known.NOTHING,
              event -> put(work, () -> rows.print(event)),
              why ->
                  put(
                      work,
                      () -> {
                        throw why;
                      })));
    }
    try {
      while (true) {
        work.take().run();
      }
    } finally {
      watchers.forEach(ObjectWatcher::close);
    }
  }

  private static List<Target> targets(Invocation in, Selection selection) {
    if (selection.names().isEmpty()) {
      return selection.kinds().stream().map(selection::collection).toList();
    }
    selection.fetch(in); // a name that is not there is an error, not something to wait for
    return selection.names().stream()
        .map(
            n ->
                Target.of(n.kind(), selection.namespace())
                    .with("fieldSelector", "metadata.name=" + n.name()))
        .toList();
  }

  private static void put(LinkedBlockingQueue<Runnable> work, Runnable item) {
    try {
      work.put(item);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static final class Rows {
    private final Invocation in;
    private final ObjectPrinter printer;
    private final boolean withKind;
    private final TablePrinter table;

    Rows(Invocation in, ObjectPrinter printer, boolean withKind) {
      this.in = in;
      this.printer = printer;
      this.withKind = withKind;
      this.table =
          new TablePrinter(in, printer instanceof ObjectPrinter.AsTable(boolean wide) && wide);
    }

    void print(WatchStream.Event event) {
      if (printer instanceof ObjectPrinter.AsTable) {
        table.printRow(event.object(), withKind);
      } else {
        printer.print(in, List.of(event.object()));
      }
      in.console().flush();
    }
  }
}
