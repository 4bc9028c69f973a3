package dev.jctl.cli.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The table of docs/security.md is what a probe finds in containers of ours and of others. */
final class IsolationPrivilegedIT {
  @Test
  void aDefaultContainerIsAsTightAsThoseOfDockerAndPodman() throws IOException {
    assumeTrue(Host.isRoot(), "needs root: it makes containers");
    for (String tool : List.of("cc", "podman", "dockerd")) {
      assumeTrue(Host.run("sh", "-c", "command -v " + tool).code() == 0, "needs " + tool);
    }
    TestEngine.build();
    Path root = TestEngine.root();

    Ran measured =
        Subprocess.start(List.of(root.resolve("bench/isolation").toString()), root, Map.of(), "")
            .await(Duration.ofMinutes(3));

    List<String> table = ours(measured.out().lines().toList());
    assertThat(measured.code()).as(measured.out() + measured.err()).isZero();
    assertThat(table).hasSizeGreaterThan(10);
    assertThat(ours(Files.readAllLines(root.resolve("docs/security.md")))).containsAll(table);
  }

  /** What is granted, and to us: the others' depends on their versions. */
  private static List<String> ours(List<String> lines) {
    return lines.stream()
        .filter(line -> line.startsWith("| "))
        .map(line -> line.split(" \\| ", -1))
        .filter(cells -> cells.length == 5)
        .map(cells -> cells[0] + " | " + cells[1])
        .toList();
  }
}
