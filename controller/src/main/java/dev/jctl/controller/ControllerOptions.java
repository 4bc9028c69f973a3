package dev.jctl.controller;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Where an instance is. Flags win over the environment. */
record ControllerOptions(Path dataDir, Path runDir) {
  /**
   * @throws IllegalArgumentException for an argument that is not known, with what is
   */
  static ControllerOptions parse(List<String> arguments, Map<String, String> environment) {
    String dataDir = environment.getOrDefault("JCTL_DATA_DIR", "/var/lib/jctl");
    String runDir = environment.getOrDefault("JCTL_RUN_DIR", "/run/jctl");
    for (int i = 0; i < arguments.size(); i++) {
      String[] flag = arguments.get(i).split("=", 2);
      String value =
          flag.length == 2 ? flag[1] : i + 1 < arguments.size() ? arguments.get(++i) : "";
      if (value.isEmpty() || !Arrays.asList("--data-dir", "--run-dir").contains(flag[0])) {
        throw new IllegalArgumentException(
            "usage: jctl-controller [--data-dir DIR] [--run-dir DIR]; cannot use "
                + arguments.get(Math.min(i, arguments.size() - 1)));
      }
      dataDir = flag[0].equals("--data-dir") ? value : dataDir;
      runDir = flag[0].equals("--run-dir") ? value : runDir;
    }
    return new ControllerOptions(
        Path.of(dataDir).toAbsolutePath(), Path.of(runDir).toAbsolutePath());
  }
}
