package dev.jctl.cli.e2e;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Scripts of {@code bench/} that judge what they see, with engines of their own. */
final class Bench {
  private Bench() {}

  /** Skips where one of {@code tools} is missing. */
  static Ran run(Duration patience, List<String> tools, String script, String... words) {
    assumeTrue(Host.isRoot(), "needs root: it runs containers");
    for (String tool : tools) {
      assumeTrue(Host.run("sh", "-c", "command -v " + tool).code() == 0, "needs " + tool);
    }
    TestEngine.build();
    Path root = TestEngine.root();
    List<String> command = new ArrayList<>(List.of(root.resolve("bench").resolve(script) + ""));
    command.addAll(List.of(words));
    Map<String, String> environment = Map.of("JAVA_HOME", System.getProperty("java.home"));
    return Subprocess.start(command, root, environment, "").await(patience);
  }
}
