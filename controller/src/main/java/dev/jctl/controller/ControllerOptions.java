package dev.jctl.controller;

import dev.jctl.controller.access.RemoteAddress;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Where an instance is. Flags win over the environment.
 *
 * @param listen where remote clients are served; empty for a port of the controller's choice
 */
record ControllerOptions(Path dataDir, Path runDir, Optional<RemoteAddress> listen) {
  private static final Map<String, String> VARIABLES =
      Map.of(
          "--data-dir", "JCTL_DATA_DIR",
          "--run-dir", "JCTL_RUN_DIR",
          "--listen", "JCTL_LISTEN");

  /**
   * @throws IllegalArgumentException for an argument that is not known, with what is
   */
  static ControllerOptions parse(List<String> arguments, Map<String, String> environment) {
    Map<String, String> flags = new LinkedHashMap<>();
    VARIABLES.forEach((flag, variable) -> flags.put(flag, environment.getOrDefault(variable, "")));
    for (int i = 0; i < arguments.size(); i++) {
      String[] flag = arguments.get(i).split("=", 2);
      String value =
          flag.length == 2 ? flag[1] : i + 1 < arguments.size() ? arguments.get(++i) : "";
      if (value.isEmpty() || !flags.containsKey(flag[0])) {
        throw new IllegalArgumentException(
            "usage: jctl-controller [--data-dir DIR] [--run-dir DIR] [--listen HOST:PORT]; cannot use "
                + flag[0]);
      }
      flags.put(flag[0], value);
    }
    return new ControllerOptions(
        path(flags.getOrDefault("--data-dir", ""), "/var/lib/jctl"),
        path(flags.getOrDefault("--run-dir", ""), "/run/jctl"),
        Optional.of(flags.getOrDefault("--listen", ""))
            .filter(l -> !l.isEmpty())
            .map(RemoteAddress::parse));
  }

  private static Path path(String value, String otherwise) {
    return Path.of(value.isEmpty() ? otherwise : value).toAbsolutePath();
  }
}
