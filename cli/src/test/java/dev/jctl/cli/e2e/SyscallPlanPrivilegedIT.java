package dev.jctl.cli.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code plan --syscalls} needs no engine and no rights. */
final class SyscallPlanPrivilegedIT {
  private static final List<String> AS_NOBODY =
      List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--no-new-privs");

  @TempDir private Path home;

  @Test
  void printsTheProgramsForAnybodyAndLeavesNothing() {
    assumeTrue(Host.isRoot(), "needs root to be somebody else");
    Path root = TestEngine.root();
    assumeTrue(
        asNobody(List.of("test", "-r", root.resolve("bin/jctl").toString())).code() == 0,
        "the checkout is not readable for others");
    TestEngine.build();

    Ran plan =
        asNobody(TestEngine.command("plan", "-f", root.resolve("examples/web") + "", "--syscalls"))
            .ok();

    assertThat(plan.out())
        .contains("# container/default/writer, container writer\n")
        .contains("# container/default/web, container web\n")
        .containsPattern("\nthread: clone3\\(.*CLONE_NEWPID")
        .containsPattern("\n\\d+: chroot\\(")
        .containsPattern("\n\\d+: execve\\(\"/bin/httpd\", \\[\"httpd\", \"-f\"");
    assertThat(home.resolve("data")).doesNotExist();
    assertThat(home.resolve("run")).doesNotExist();
  }

  @Test
  void saysWhatIsWrongWithAManifest() throws java.io.IOException {
    assumeTrue(Host.isRoot(), "needs root to be somebody else");
    TestEngine.build();
    Path manifest = Files.writeString(home.resolve("bad.yaml"), "kind: Contaner\n");
    Ran plan =
        Host.run(
            TestEngine.command("plan", "-f", manifest.toString(), "--syscalls")
                .toArray(String[]::new));
    assertThat(plan.code()).isEqualTo(3);
    assertThat(plan.err()).contains("bad.yaml:1:");
  }

  private Ran asNobody(List<String> command) {
    List<String> all = new ArrayList<>(AS_NOBODY);
    all.addAll(command);
    Map<String, String> environment =
        Map.of(
            "JAVA_HOME", System.getProperty("java.home"),
            "JCTL_DATA_DIR", home.resolve("data").toString(),
            "JCTL_RUN_DIR", home.resolve("run").toString());
    return Subprocess.start(all, Path.of("/"), environment, "")
        .await(java.time.Duration.ofMinutes(2));
  }
}
