package dev.jctl.shim.exec;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jctl.shim.cgroup.CgroupLayout;
import dev.jctl.shim.plan.LaunchContext;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class HostFactsTest {
  private static final Path ROOT = Path.of("/sys/fs/cgroup");

  @Test
  void hierarchiesInWhichItIsInNoGroupOfItsOwnAreNotShown() {
    CgroupLayout layout =
        new CgroupLayout(
            Map.of(
                "cpu", ROOT.resolve("cpu,cpuacct"),
                "cpuacct", ROOT.resolve("cpu,cpuacct"),
                "memory", ROOT.resolve("memory"),
                "freezer", ROOT.resolve("freezer"),
                "cpuset", ROOT.resolve("cpuset")),
            Optional.of(ROOT.resolve("unified")));
    HostFacts facts =
        new HostFacts(
            0,
            Map.of(),
            List.of("cpu,cpuacct", "cpuset", "freezer", "memory", "name=systemd"),
            layout,
            Set.of());

    LaunchContext context =
        facts.context(
            List.of(),
            List.of(),
            List.of(
                ROOT.resolve("unified/jctl/c/cgroup.procs"),
                ROOT.resolve("cpu,cpuacct/jctl/c/tasks"),
                ROOT.resolve("memory/jctl/c/tasks")),
            List.of(),
            "",
            0);

    assertThat(context.cgroupHierarchies()).containsExactly("cpu,cpuacct", "cpuset", "memory");
  }
}
