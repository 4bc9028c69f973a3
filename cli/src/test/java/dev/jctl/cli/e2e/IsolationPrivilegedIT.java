package dev.jctl.cli.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The table of docs/security.md is what a probe finds in containers of ours and of others. */
final class IsolationPrivilegedIT {
  @Test
  void aDefaultContainerIsAsTightAsThoseOfDockerAndPodman() throws IOException {
    Ran measured =
        Bench.run(Duration.ofMinutes(3), List.of("cc", "podman", "dockerd"), "isolation");

    List<String> table = ours(measured.out().lines().toList());
    assertThat(measured.code()).as(measured.out() + measured.err()).isZero();
    assertThat(table).hasSizeGreaterThan(10);
    assertThat(ours(Files.readAllLines(TestEngine.root().resolve("docs/security.md"))))
        .containsAll(table);
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
