package dev.jctl.cli;

import dev.jctl.cli.args.Option;
import java.util.List;

/** Options that several commands share. */
final class Options {
  static final Option NAMESPACE =
      Option.value("NAME", "namespace (\"default\" when not given)", "--namespace", "-n");
  static final Option DATA_DIR =
      Option.value("DIR", "where the instance keeps its data (JCTL_DATA_DIR)", "--data-dir");
  static final Option RUN_DIR =
      Option.value("DIR", "where its sockets and pid files are (JCTL_RUN_DIR)", "--run-dir");
  static final Option SOCKET =
      Option.value("PATH", "the controller's Unix socket; then none is started", "--socket");
  static final Option NO_START =
      Option.flag("do not start the engine when it is not running", "--no-start");
  static final Option VERBOSE = Option.flag("print stack traces of failures", "--verbose", "-v");
  static final Option HELP = Option.flag("show this help", "--help", "-h");
  static final List<Option> GLOBAL =
      List.of(NAMESPACE, DATA_DIR, RUN_DIR, SOCKET, NO_START, VERBOSE, HELP);

  static final Option FILE =
      Option.value("PATH", "manifest file or directory, - for standard input", "--filename", "-f");
  static final Option RECURSIVE =
      Option.flag("descend into directories given with -f", "--recursive", "-R");
  static final Option SELECTOR =
      Option.value(
          "LABELS", "only objects with these labels: a=b,c!=d,e in (f,g)", "--selector", "-l");
  static final Option FIELD_SELECTOR =
      Option.value("FIELDS", "only objects with these fields: metadata.name=x", "--field-selector");
  static final Option ALL_NAMESPACES = Option.flag("in all namespaces", "--all-namespaces", "-A");
  static final Option OUTPUT =
      Option.value("FORMAT", "table, wide, yaml, json, name, jsonpath=TEMPLATE", "--output", "-o");
  static final Option TIMEOUT =
      Option.value("TIME", "how long to wait at most: 30s, 5m, 1h; 0 for ever", "--timeout");
  static final Option CONTAINER =
      Option.value("NAME", "container of the pod (its first when not given)", "--container", "-c");

  private Options() {}
}
