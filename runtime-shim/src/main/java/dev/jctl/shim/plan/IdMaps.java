package dev.jctl.shim.plan;

import dev.jctl.shim.spec.OciSpec;
import java.util.List;

/** Who the users and groups of a user namespace are outside of it, user_namespaces(7). */
public record IdMaps(List<OciSpec.IdMapping> users, List<OciSpec.IdMapping> groups) {
  public IdMaps {
    users = List.copyOf(users);
    groups = List.copyOf(groups);
  }

  /** Everybody is the same there. */
  public static final IdMaps SAME = new IdMaps(List.of(), List.of());

  /**
   * @param users content of {@code /proc/PID/uid_map}; {@code groups} of {@code gid_map}
   */
  public static IdMaps parse(String users, String groups) {
    return new IdMaps(lines(users), lines(groups));
  }

  private static List<OciSpec.IdMapping> lines(String text) {
    return text.lines()
        .map(line -> line.strip().split(" +", -1))
        .map(
            n ->
                new OciSpec.IdMapping(
                    Long.parseLong(n[0]), Long.parseLong(n[1]), Long.parseLong(n[2])))
        .toList();
  }

  int user(int id) {
    return outside(users, id, "user");
  }

  int group(int id) {
    return outside(groups, id, "group");
  }

  private static int outside(List<OciSpec.IdMapping> mappings, int id, String what) {
    if (mappings.isEmpty()) {
      return id;
    }
    long inside = Integer.toUnsignedLong(id);
    return mappings.stream()
        .filter(m -> inside >= m.containerID() && inside - m.containerID() < m.size())
        .map(m -> (int) (m.hostID() + (inside - m.containerID())))
        .findFirst()
        .orElseThrow(() -> Invalid.of(what + " " + inside + " is none of its user namespace"));
  }
}
