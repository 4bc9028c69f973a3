package dev.jctl.shim.plan;

import static dev.jctl.shim.plan.Argument.number;

import dev.jctl.shim.plan.Argument.Number;
import dev.jctl.shim.plan.Argument.Result;
import dev.jctl.shim.plan.Argument.Struct;
import dev.jctl.shim.plan.Argument.Text;
import dev.jctl.shim.spec.OciSpec;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/** How the kernel treats the process: its scheduling, execution domain, clocks and labels. */
final class TreatmentSteps {
  /** sched(7). */
  static final Map<String, Long> POLICIES =
      Map.of(
          "SCHED_OTHER", 0L,
          "SCHED_FIFO", 1L,
          "SCHED_RR", 2L,
          "SCHED_BATCH", 3L,
          "SCHED_IDLE", 5L,
          "SCHED_DEADLINE", 6L);

  /** sched_setattr(2). */
  static final Map<String, Long> FLAGS =
      Map.of(
          "SCHED_FLAG_RESET_ON_FORK", 0x01L,
          "SCHED_FLAG_RECLAIM", 0x02L,
          "SCHED_FLAG_DL_OVERRUN", 0x04L,
          "SCHED_FLAG_KEEP_POLICY", 0x08L,
          "SCHED_FLAG_KEEP_PARAMS", 0x10L,
          "SCHED_FLAG_UTIL_CLAMP_MIN", 0x20L,
          "SCHED_FLAG_UTIL_CLAMP_MAX", 0x40L);

  /** ioprio_set(2). */
  static final Map<String, Long> IO_CLASSES =
      Map.of("IOPRIO_CLASS_RT", 1L, "IOPRIO_CLASS_BE", 2L, "IOPRIO_CLASS_IDLE", 3L);

  /** personality(2). */
  static final Map<String, Long> PERSONALITIES = Map.of("LINUX", 0L, "LINUX32", 8L);

  private static final long SCHED_ATTR_BYTES = 48;
  private static final Number CLONE_NEWTIME = new Number(0x80, "CLONE_NEWTIME");

  private TreatmentSteps() {}

  /**
   * Labels that its command gets, and its clocks. Before anything changes who it is or what it
   * sees: the files are those of the host's {@code /proc}, and the kernel takes what is written
   * only from who has opened them.
   */
  static void atFirst(ProgramBuilder program, OciSpec.Process process, LaunchContext context) {
    String profile = process.apparmorProfile();
    if (profile != null) {
      require(context, "apparmor", "process.apparmorProfile: is " + profile, "AppArmor");
      write(program, "/proc/self/attr/apparmor/exec", "exec " + profile, "set AppArmor profile");
    }
    String label = process.selinuxLabel();
    if (label != null) {
      require(context, "selinux", "process.selinuxLabel: is " + label, "SELinux");
      write(program, "/proc/self/attr/exec", label, "set SELinux label");
      write(program, "/proc/self/attr/keycreate", label, "set SELinux label of keys");
    }
  }

  private static void require(LaunchContext context, String module, String what, String name) {
    if (!context.securityModules().contains(module)) {
      throw Invalid.of(what + ", but this host has no " + name + "; leave it out");
    }
  }

  /** In a new time namespace, that nobody has entered yet: also this one does by its execve. */
  static void clocks(ProgramBuilder program, OciSpec.Linux linux) {
    if (!linux.timeOffsets().isEmpty()) {
      write(program, "/proc/self/timens_offsets", clocks(linux), "set clocks");
    }
  }

  /** Of a further process: namespaces with the same clocks cannot be told apart by them. */
  static void sameClocks(ProgramBuilder program, OciSpec.Linux linux) {
    if (linux.namespaces().stream().anyMatch(n -> n.type().equals("time"))) {
      program.add("make a time namespace", "unshare", CLONE_NEWTIME);
      clocks(program, linux);
    }
  }

  /** Content of {@code /proc/PID/timens_offsets}, time_namespaces(7). */
  static String clocks(OciSpec.Linux linux) {
    StringBuilder lines = new StringBuilder();
    linux.timeOffsets().entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .forEach(
            clock ->
                lines
                    .append(clock.getKey())
                    .append(' ')
                    .append(clock.getValue().secs())
                    .append(' ')
                    .append(clock.getValue().nanosecs())
                    .append('\n'));
    return lines.toString();
  }

  private static void write(ProgramBuilder program, String path, String text, String what) {
    Result file = program.add(ProgramBuilder.openHost(path, ProgramBuilder.Open.WRITE));
    int bytes = text.getBytes(StandardCharsets.UTF_8).length;
    program.add(what + " " + text.strip(), "write", file, new Text(text), number(bytes));
  }

  /** With the rights of the runtime. */
  static void scheduling(ProgramBuilder program, OciSpec.Process process, OciSpec.Linux linux) {
    OciSpec.Scheduler scheduler = process.scheduler();
    if (scheduler != null) {
      schedule(program, scheduler);
    }
    OciSpec.IoPriority io = process.ioPriority();
    if (io != null) {
      program.add(
          "set I/O priority",
          "ioprio_set",
          new Number(1, "IOPRIO_WHO_PROCESS"),
          number(0),
          new Number(
              known(IO_CLASSES, io.type(), "I/O priority class") << 13 | io.priority(),
              io.type() + "|" + io.priority()));
    }
    String personality = linux.personality();
    if (personality != null) {
      program.add(
          "set personality",
          "personality",
          new Number(known(PERSONALITIES, personality, "personality"), personality));
    }
  }

  private static void schedule(ProgramBuilder program, OciSpec.Scheduler wanted) {
    long flags =
        wanted.flags().stream()
            .mapToLong(flag -> known(FLAGS, flag, "scheduler flag"))
            .reduce(0, (a, b) -> a | b);
    long policy = known(POLICIES, wanted.policy(), "scheduler policy");
    program.add(
        "set scheduler " + wanted.policy(),
        "sched_setattr",
        number(0),
        new Struct(
            List.of(
                SCHED_ATTR_BYTES | policy << 32,
                flags,
                Integer.toUnsignedLong(wanted.nice()) | (long) wanted.priority() << 32,
                wanted.runtime(),
                wanted.deadline(),
                wanted.period()),
            "{%s, nice %d, priority %d}"
                .formatted(wanted.policy(), wanted.nice(), wanted.priority())),
        number(0));
  }

  private static long known(Map<String, Long> names, String name, String what) {
    Long value = names.get(name);
    if (value == null) {
      throw Invalid.of("unknown " + what + " " + name);
    }
    return value;
  }
}
