package dev.jctl.shim.exec;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jctl.shim.cgroup.CgroupLayout;
import dev.jctl.shim.cgroup.Cgroups;
import dev.jctl.shim.spec.OciSpec.DeviceRule;
import dev.jctl.shim.spec.OciSpec.Resources;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Device rules of v2, as the kernel applies them; a hybrid host's v2 hierarchy will do. */
class DeviceProgramPrivilegedIT {
  private static final String NAME = "jshim-devices-" + ProcessHandle.current().pid();

  @TempDir Path directory;
  private Cgroups cgroups;

  @BeforeEach
  void findTheHierarchy() throws IOException {
    assumeTrue(System.getProperty("user.name").equals("root"), "needs root: it makes groups");
    Optional<Path> unified =
        CgroupLayout.parse(Files.readAllLines(Path.of("/proc/self/mountinfo"))).unified();
    assumeTrue(unified.isPresent(), "needs cgroup v2 to be mounted");
    cgroups = Cgroups.anywhere(new CgroupLayout(Map.of(), unified), new LinuxGroupKernel());
  }

  @AfterEach
  void removeTheGroup() {
    cgroups.remove("", NAME);
  }

  /** What cannot be done in a group with these rules: each word is tried by a shell. */
  private String refused(DeviceRule... rules) throws IOException, InterruptedException {
    Resources resources = new Resources(List.of(rules), null, null, null, Map.of());
    Path join = cgroups.create("", NAME, resources).getFirst();
    String script =
        """
        echo $$ >"$1" && cd "$2" || exit
        try() { name=$1; shift; "$@" 2>/dev/null || printf '%s ' "$name"; }
        try zero sh -c ': </dev/zero'
        try null sh -c ': >/dev/null'
        try kmsg-read sh -c ': </dev/kmsg'
        try kmsg-write sh -c ': >>/dev/kmsg'
        try make-block mknod block b 7 99
        try make-char mknod char c 1 3
        rm -f block char
        """;
    Process process =
        new ProcessBuilder("sh", "-c", script, "sh", join.toString(), directory.toString())
            .redirectErrorStream(true)
            .start();
    String out = new String(process.getInputStream().readAllBytes(), UTF_8);
    process.waitFor();
    return out.strip();
  }

  @Test
  void aProgramLetsThroughWhatRulesAllowAndNothingElse() throws Exception {
    DeviceRule none = new DeviceRule(false, null, null, null, "rwm");
    assertThat(refused(none)).isEqualTo("kmsg-read kmsg-write");
    assertThat(refused(none, new DeviceRule(true, "c", 1L, 11L, "r"))).isEqualTo("kmsg-write");
    assertThat(refused(none, new DeviceRule(true, "c", 1L, 11L, "rw"))).isEmpty();
    assertThat(
            refused(
                none,
                new DeviceRule(true, "c", 1L, null, "rw"),
                new DeviceRule(false, "c", 1L, 11L, "w"),
                new DeviceRule(false, "b", null, null, "m")))
        .isEqualTo("kmsg-write make-block");
    assertThat(refused(none, new DeviceRule(false, "c", 1L, 5L, null)))
        .isEqualTo("zero kmsg-read kmsg-write");
  }
}
