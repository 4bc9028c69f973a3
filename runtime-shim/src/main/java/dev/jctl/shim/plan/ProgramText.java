package dev.jctl.shim.plan;

import dev.jctl.shim.kernel.SyscallRecord;
import dev.jctl.shim.kernel.SyscallRecord.Argument;
import dev.jctl.shim.spec.OciSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Syscall programs as text, for people: what would be run, with the descriptors that would be
 * opened for it by name.
 */
public final class ProgramText {
  private static final Map<String, Integer> FLAGS =
      Map.of("network", 0x40000000, "ipc", 0x08000000, "uts", 0x04000000);

  private ProgramText() {}

  /** {@code variables}: what stands for a path that is not known yet, {@code rootfs} for one. */
  public static List<String> describe(OciSpec oci, Map<String, String> variables) {
    List<String> lines = new ArrayList<>();
    lines.add("clone3(" + String.join("|", cloneFlags(oci)) + ")");
    for (SyscallRecord step : ContainerProgram.compile(oci, opened(oci, variables))) {
      lines.add("  %-90s # %s".formatted(step, step.purpose()));
    }
    return lines;
  }

  private static List<String> cloneFlags(OciSpec oci) {
    List<String> flags = new ArrayList<>(List.of("CLONE_VM", "CLONE_PIDFD", "CLONE_CLEAR_SIGHAND"));
    for (OciSpec.Namespace namespace : oci.linux().namespaces()) {
      if (namespace.path() == null && !namespace.type().equals("cgroup")) {
        flags.add("CLONE_NEW" + namespace.type().toUpperCase(java.util.Locale.ROOT));
      }
    }
    return flags;
  }

  private static ContainerProgram.Opened opened(OciSpec oci, Map<String, String> variables) {
    List<ContainerProgram.Joined> joined =
        oci.linux().namespaces().stream()
            .filter(n -> n.path() != null && FLAGS.containsKey(n.type()))
            .map(
                n ->
                    new ContainerProgram.Joined(
                        named(n.type() + " namespace"), FLAGS.getOrDefault(n.type(), 0)))
            .toList();
    List<ContainerProgram.Tree> trees =
        oci.mounts().stream()
            .map(m -> Map.entry(m, MountOptions.parse(m.options())))
            .filter(e -> e.getValue().bind())
            .map(
                e ->
                    new ContainerProgram.Tree(
                        named(String.valueOf(e.getKey().source())),
                        e.getKey().destination(),
                        true,
                        e.getValue().readOnly()))
            .toList();
    return new ContainerProgram.Opened(
        named(variables.getOrDefault("rootfs", "rootfs")),
        joined,
        List.of(named("cgroup")),
        trees,
        oci.linux().namespaces().stream().anyMatch(n -> n.type().equals("cgroup")),
        new ProcessSteps.Stdio(3, 4, 5, oci.process().terminal()),
        6);
  }

  private static Argument.Descriptor named(String what) {
    return new Argument.Descriptor(-1, what);
  }
}
