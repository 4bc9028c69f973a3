package dev.jctl.shim.command;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whatever a configuration says, there is a container that can be undone, or an error and nothing
 * else. {@code bench/specs} has it try more, by {@code -Djctl.specs=N -Djctl.seed=FIRST}.
 */
class RandomConfigsPrivilegedIT {
  private static final Path BUSYBOX = Path.of("/bin/busybox");

  @TempDir Path directory;
  private Path root;

  @BeforeEach
  void makeBundle() throws IOException {
    assumeTrue(System.getProperty("user.name").equals("root"), "needs root: it makes containers");
    assumeTrue(Files.isExecutable(BUSYBOX), "needs a static /bin/busybox (Debian: busybox-static)");
    root = Files.createDirectory(directory.resolve("root"));
    Path bin = Files.createDirectories(directory.resolve("rootfs/bin"));
    Files.copy(BUSYBOX, bin.resolve("sleep"));
  }

  private int jshim(PrintStream complaints, String... words) {
    List<String> all =
        Stream.concat(Stream.of("--root", root.toString()), Stream.of(words)).toList();
    PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream(), false, UTF_8);
    return JshimMain.run(all, nowhere, complaints);
  }

  @Test
  void anyConfigurationGivesAContainerThatIsUndoneOrANamedError() throws IOException {
    long first = Long.getLong("jctl.seed", 0);
    int count = Integer.getInteger("jctl.specs", 40);
    for (long seed = first; seed < first + count; seed++) {
      tryOne(seed);
    }
    assertThat(Files.readAllLines(Path.of("/proc/self/mountinfo")))
        .noneMatch(line -> line.contains(directory.toString()));
  }

  private void tryOne(long seed) throws IOException {
    String valid =
        Reports.defaultConfig()
            .replace("\"terminal\": true", "\"terminal\": false")
            .replace("\"sh\"", "\"sleep\", \"600\"")
            .replace("\"linux\": {", "\"linux\": {\"cgroupsPath\": \"/jshim-specs\",");
    String config = new RandomConfigs(seed).mutated(valid);
    // what is written into places of the host's own is not ours to try
    if (!config.contains("jshim-specs") || !config.contains("\"path\":\"rootfs\"")) {
      return;
    }
    Files.writeString(directory.resolve("config.json"), config);
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    PrintStream complaints = new PrintStream(text, true, UTF_8);
    String id = "specs-" + seed;
    if (jshim(complaints, "create", "--bundle", directory.toString(), id) == 0) {
      jshim(complaints, "start", id);
      assertThat(jshim(complaints, "delete", "--force", id)).as("%s: %s", seed, text).isZero();
    } else {
      assertThat(text.toString(UTF_8))
          .as("seed %d", seed)
          .startsWith("jshim: ")
          .hasSizeGreaterThan(12);
    }
    try (Stream<Path> left = Files.list(root)) {
      assertThat(left).as("seed %d: %s", seed, config).isEmpty();
    }
    assertThat(Path.of("/sys/fs/cgroup/memory/jshim-specs")).as("seed %d", seed).doesNotExist();
  }
}
