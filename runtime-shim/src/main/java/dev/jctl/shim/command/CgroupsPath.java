package dev.jctl.shim.command;

import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.RuntimeFailure.Reason;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Pure: where a container's groups are in each hierarchy, taken apart as {@code Cgroups} wants it.
 *
 * @param above without a slash before it; empty at a hierarchy's root
 */
record CgroupsPath(String above, String name) {
  /**
   * From {@code linux.cgroupsPath}: a path from a hierarchy's root, or with a systemd manager's
   * form {@code SLICE:PREFIX:NAME} the path that systemd would give its scope.
   */
  static CgroupsPath of(@Nullable String configured, String containerId) {
    if (configured == null || configured.isEmpty()) {
      return new CgroupsPath("", "jshim-" + containerId);
    }
    String[] parts = configured.split(":", -1);
    String path =
        parts.length == 3 && !configured.startsWith("/")
            ? slice(parts[0]) + "/" + (parts[1].isEmpty() ? "" : parts[1] + "-") + scope(parts[2])
            : configured;
    List<String> names =
        Arrays.stream(path.split("/", -1)).filter(n -> !n.isEmpty() && !n.equals(".")).toList();
    if (names.isEmpty() || names.contains("..")) {
      throw new RuntimeFailure(
          Reason.INVALID,
          "linux.cgroupsPath: is " + configured + ", but must be a path below a hierarchy's root");
    }
    return new CgroupsPath(String.join("/", names.subList(0, names.size() - 1)), names.getLast());
  }

  private static String scope(String name) {
    return name.endsWith(".slice") ? name : name + ".scope";
  }

  /** {@code a-b.slice} lies in {@code a.slice}, systemd.slice(5). */
  private static String slice(String name) {
    if (name.isEmpty()) {
      return "system.slice";
    }
    String base = name.endsWith(".slice") ? name.substring(0, name.length() - 6) : name;
    StringBuilder path = new StringBuilder();
    int end = base.indexOf('-');
    while (end > 0) {
      path.append(base, 0, end).append(".slice/");
      end = base.indexOf('-', end + 1);
    }
    return path.append(base).append(".slice").toString();
  }
}
