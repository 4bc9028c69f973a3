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

  private static final String RARE_LINUX =
      """
      "timeOffsets": {"boottime": {"secs": 5, "nanosecs": 7}},
      "personality": {"domain": "LINUX32"},
      "seccomp": {"defaultAction": "SCMP_ACT_ALLOW", "flags": ["SECCOMP_FILTER_FLAG_LOG"],
       "syscalls": [{"names": ["mkdir"], "action": "SCMP_ACT_ERRNO", "errnoRet": 28,
        "args": [{"index": 1, "value": 448, "op": "SCMP_CMP_EQ"}]}]},
      """;

  private static final String RARE_PROCESS =
      """
      "scheduler": {"policy": "SCHED_BATCH", "nice": 3},
      "ioPriority": {"class": "IOPRIO_CLASS_BE", "priority": 4},
      """;

  private static final String RARE_MOUNTS =
      """
      {"destination": "/bin/new", "type": "tmpfs", "source": "tmpfs", "options": ["tmpcopyup"]},
      {"destination": "/shown", "type": "bind", "source": "rootfs", "options": ["bind", "ro"],
       "uidMappings": [{"containerID": 0, "hostID": 70000, "size": 100}],
       "gidMappings": [{"containerID": 0, "hostID": 70000, "size": 100}]},
      """;

  private static final String RARE_RESOURCES =
      """
      "memory": {"limit": 33554432}, "cpu": {"shares": 100}, "pids": {"limit": 9},
      "blockIO": {"throttleReadBpsDevice": [{"major": 7, "minor": 0, "rate": 4096}]},
      "hugepageLimits": [{"pageSize": "2MB", "limit": 4194304}],
      """;

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
    int made = 0;
    int refused = 0;
    for (long seed = first; seed < first + count; seed++) {
      switch (tryOne(seed)) {
        case MADE -> made++;
        case REFUSED -> refused++;
        case PASSED_OVER -> {}
      }
    }
    System.out.println(made + " containers made and undone, " + refused + " refused");
    // neither is a rare exception
    assertThat(made).isGreaterThan(count / 20);
    assertThat(refused).isGreaterThan(count / 20);
    assertThat(Files.readAllLines(Path.of("/proc/self/mountinfo")))
        .noneMatch(line -> line.contains(directory.toString()));
  }

  private enum Outcome {
    MADE,
    REFUSED,
    PASSED_OVER
  }

  private Outcome tryOne(long seed) throws IOException {
    String valid =
        Reports.defaultConfig()
            .replace("\"terminal\": true", "\"terminal\": false")
            .replace("\"sh\"", "\"sleep\", \"600\"")
            .replace("\"linux\": {", "\"linux\": {\"cgroupsPath\": \"/jshim-specs\"," + RARE_LINUX)
            .replace("\"noNewPrivileges\"", RARE_PROCESS + "\"noNewPrivileges\"")
            .replace("\"mounts\": [", "\"mounts\": [" + RARE_MOUNTS)
            .replace("\"resources\": {", "\"resources\": {" + RARE_RESOURCES)
            .replace("\"type\": \"uts\"", "\"type\": \"time\"}, {\"type\": \"uts\"");
    String config = new RandomConfigs(seed).mutated(valid);
    // what is written into places of the host's own is not ours to try
    if (!config.contains("jshim-specs") || !config.contains("\"path\":\"rootfs\"")) {
      return Outcome.PASSED_OVER;
    }
    Files.writeString(directory.resolve("config.json"), config);
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    PrintStream complaints = new PrintStream(text, true, UTF_8);
    String id = "specs-" + seed;
    boolean made = jshim(complaints, "create", "--bundle", directory.toString(), id) == 0;
    if (made) {
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
    return made ? Outcome.MADE : Outcome.REFUSED;
  }
}
