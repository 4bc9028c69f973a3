package dev.jctl.shim.plan;

import dev.jctl.shim.plan.Argument.Number;
import dev.jctl.shim.spec.OciSpec;
import java.util.List;
import java.util.Map;

/** Flags of seccomp(2) by which a filter is installed. */
final class SeccompFlags {
  private static final Map<String, Long> FLAGS =
      Map.of(
          "SECCOMP_FILTER_FLAG_TSYNC", 1L,
          "SECCOMP_FILTER_FLAG_LOG", 2L,
          "SECCOMP_FILTER_FLAG_SPEC_ALLOW", 4L,
          "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV", 32L);

  private static final String TSYNC = "SECCOMP_FILTER_FLAG_TSYNC";
  private static final String WAIT_KILLABLE = "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV";
  static final long NEW_LISTENER = 8;
  private static final long TSYNC_ESRCH = 16;

  private SeccompFlags() {}

  static List<String> names() {
    return FLAGS.keySet().stream().sorted().toList();
  }

  static Number of(OciSpec.Seccomp seccomp) {
    List<String> names = seccomp.flags();
    if (names.contains(WAIT_KILLABLE) && !seccomp.notifies()) {
      throw Invalid.of("seccomp: flag " + WAIT_KILLABLE + " needs calls to be notified of");
    }
    long flags = names.stream().mapToLong(SeccompFlags::flag).reduce(0, (a, b) -> a | b);
    if (seccomp.notifies()) {
      flags |= NEW_LISTENER | (names.contains(TSYNC) ? TSYNC_ESRCH : 0);
    }
    return new Number(flags, "0x" + Long.toHexString(flags));
  }

  private static long flag(String name) {
    Long flag = FLAGS.get(name);
    if (flag == null) {
      throw Invalid.of("seccomp: unknown flag " + name);
    }
    return flag;
  }
}
