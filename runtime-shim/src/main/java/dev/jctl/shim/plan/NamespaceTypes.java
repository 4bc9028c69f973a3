package dev.jctl.shim.plan;

import java.util.List;
import java.util.Map;

/** Types of namespaces, as the OCI runtime spec names them, and their CLONE_NEW flags. */
public final class NamespaceTypes {
  private static final Map<String, Long> FLAGS =
      Map.of(
          "time", 0x00000080L,
          "mount", 0x00020000L,
          "cgroup", 0x02000000L,
          "uts", 0x04000000L,
          "ipc", 0x08000000L,
          "user", 0x10000000L,
          "pid", 0x20000000L,
          "network", 0x40000000L);

  private NamespaceTypes() {}

  static List<String> names() {
    return FLAGS.keySet().stream().sorted().toList();
  }

  public static long flag(String type) {
    Long flag = FLAGS.get(type);
    if (flag == null) {
      throw Invalid.of("namespaces of type " + type + " are not supported");
    }
    return flag;
  }
}
