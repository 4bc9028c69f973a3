package dev.jctl.shim.plan;

import java.util.List;

/**
 * What plans can be made for, by the names of the OCI runtime spec.
 *
 * @see <a
 *     href="https://github.com/opencontainers/runtime-spec/blob/v1.2.0/features-linux.md">features-linux.md</a>
 */
public final class Supported {
  private Supported() {}

  public static List<String> capabilities() {
    return Capabilities.names();
  }

  public static List<String> namespaces() {
    return NamespaceTypes.names();
  }

  public static List<String> mountOptions() {
    return MountOptions.names();
  }

  /** How mounts are passed on, mount_namespaces(7). */
  public static List<String> propagations() {
    return MountOptions.propagations();
  }

  public static List<String> seccompActions() {
    return List.of(
        "SCMP_ACT_ALLOW",
        "SCMP_ACT_ERRNO",
        "SCMP_ACT_KILL",
        "SCMP_ACT_KILL_PROCESS",
        "SCMP_ACT_KILL_THREAD",
        "SCMP_ACT_LOG",
        "SCMP_ACT_NOTIFY",
        "SCMP_ACT_TRACE",
        "SCMP_ACT_TRAP");
  }

  public static List<String> seccompFlags() {
    return SeccompFlags.names();
  }

  public static List<String> schedulerPolicies() {
    return TreatmentSteps.POLICIES.keySet().stream().sorted().toList();
  }

  public static List<String> schedulerFlags() {
    return TreatmentSteps.FLAGS.keySet().stream().sorted().toList();
  }

  public static List<String> ioPriorityClasses() {
    return TreatmentSteps.IO_CLASSES.keySet().stream().sorted().toList();
  }

  public static List<String> personalities() {
    return TreatmentSteps.PERSONALITIES.keySet().stream().sorted().toList();
  }

  public static List<String> seccompOperators() {
    return List.of(
        "SCMP_CMP_EQ",
        "SCMP_CMP_GE",
        "SCMP_CMP_GT",
        "SCMP_CMP_LE",
        "SCMP_CMP_LT",
        "SCMP_CMP_MASKED_EQ",
        "SCMP_CMP_NE");
  }
}
