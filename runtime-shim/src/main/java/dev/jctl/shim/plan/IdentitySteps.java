package dev.jctl.shim.plan;

import static dev.jctl.shim.plan.Argument.number;
import static dev.jctl.shim.plan.ProgramBuilder.NULL;

import dev.jctl.shim.plan.Argument.Number;
import dev.jctl.shim.plan.Argument.Struct;
import dev.jctl.shim.spec.OciSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** What the process may do: limits, ids, capabilities, seccomp. */
final class IdentitySteps {
  private static final long PR_CAPBSET_DROP = 24;
  private static final long PR_SET_KEEPCAPS = 8;
  private static final long PR_SET_NO_NEW_PRIVS = 38;
  private static final long PR_CAP_AMBIENT = 47;
  private static final long PR_CAP_AMBIENT_RAISE = 2;
  private static final long PR_CAP_AMBIENT_CLEAR_ALL = 4;
  private static final long CAPABILITY_VERSION_3 = 0x20080522L;
  private static final int DEFAULT_UMASK = 022;
  static final String INSTALL_FILTER = "install the seccomp filter";

  /** By the capability: made once, as most processes lose most of them. */
  private static final List<SyscallRecord> DROPS =
      IntStream.range(0, Capabilities.names().size()).mapToObj(IdentitySteps::drop).toList();

  private final ProgramBuilder program;
  private final OciSpec.Process process;
  private final LaunchContext context;
  private final Optional<JoinedUsers> users;
  private final OciSpec.Capabilities sets;

  /**
   * @param users that it joins
   */
  IdentitySteps(
      ProgramBuilder program,
      OciSpec.Process process,
      LaunchContext context,
      Optional<JoinedUsers> users) {
    this.program = program;
    this.process = process;
    this.context = context;
    this.users = users;
    OciSpec.Capabilities wanted = process.capabilities();
    this.sets =
        wanted == null
            ? new OciSpec.Capabilities(List.of(), List.of(), List.of(), List.of(), List.of())
            : wanted;
  }

  /** Of a process whose mounts are there already. */
  void add(OciSpec.Linux linux) {
    descriptors();
    limits();
    TreatmentSteps.scheduling(program, process, linux);
    users.ifPresent(this::join);
    privileges(linux.seccomp());
  }

  /**
   * Of one whose mounts are its own. Who may change them in its user namespace needs a mount
   * namespace that belongs to that; in this one, the host's root has made what is there, and so
   * nothing of it can be taken away, mount_namespaces(7).
   */
  void addWithMounts(OciSpec.Linux linux) {
    whereItIs(linux);
    privileges(linux.seccomp());
  }

  /**
   * The same of one that waits until others are let into its namespaces: what it has open of the
   * host would be theirs by /proc/PID/fd. Nothing is left but what it waits at.
   */
  void addBeforeWait(OciSpec.Linux linux) {
    whereItIs(linux);
    CommandSteps.closeFrom(program, context.moreDescriptors());
    privileges(linux.seccomp());
  }

  private void whereItIs(OciSpec.Linux linux) {
    descriptors();
    limits();
    TreatmentSteps.scheduling(program, process, linux);
    users.ifPresent(this::join);
    if (users.isPresent() && sets.bounding().contains("CAP_SYS_ADMIN")) {
      program.add("own the mounts", "unshare", new Number(0x00020000L, "CLONE_NEWNS"));
    }
  }

  /** It has all capabilities there, and no user yet. */
  private void join(JoinedUsers joined) {
    program.add(
        "join user namespace",
        "setns",
        joined.descriptor(),
        new Number(0x10000000L, "CLONE_NEWUSER"));
  }

  private void privileges(OciSpec.@Nullable Seccomp seccomp) {
    if (!process.noNewPrivileges()) {
      filter(seccomp);
    }
    bounding();
    user();
    capabilities();
    if (process.noNewPrivileges()) {
      program.add(
          "no new privileges",
          "prctl",
          new Number(PR_SET_NO_NEW_PRIVS, "PR_SET_NO_NEW_PRIVS"),
          number(1),
          number(0),
          number(0),
          number(0));
      filter(seccomp);
    }
  }

  private void descriptors() {
    int owner = users.map(JoinedUsers::ids).orElse(IdMaps.SAME).user(process.user().uid());
    if (owner != 0) {
      context
          .ownedDescriptors()
          .forEach(
              fd ->
                  program.add(
                      "chown descriptor " + fd, "fchown", number(fd), number(owner), number(-1)));
    }
  }

  private void limits() {
    for (OciSpec.Rlimit limit : process.rlimits()) {
      Integer resource = Limits.NUMBERS.get(limit.type());
      if (resource == null) {
        throw Invalid.of("unknown limit " + limit.type());
      }
      long ceiling = context.hardLimits().getOrDefault(limit.type(), -1L);
      long hard = unsignedMin(limit.hard(), ceiling);
      long soft = unsignedMin(limit.soft(), hard);
      program.add(
          "set " + limit.type(),
          "prlimit64",
          number(0),
          new Number(resource, limit.type()),
          new Struct(List.of(soft, hard), "{" + text(soft) + ", " + text(hard) + "}"),
          NULL);
    }
  }

  private static long unsignedMin(long a, long b) {
    return Long.compareUnsigned(a, b) < 0 ? a : b;
  }

  private static String text(long limit) {
    return limit == -1 ? "RLIM_INFINITY" : Long.toUnsignedString(limit);
  }

  private void bounding() {
    long kept = Capabilities.bits(sets.bounding());
    for (int i = 0; i < Capabilities.names().size(); i++) {
      if ((kept & 1L << i) == 0) {
        program.add(DROPS.get(i));
      }
    }
  }

  private static SyscallRecord drop(int capability) {
    String name = Capabilities.names().get(capability);
    return SyscallRecord.of(
            "drop " + name,
            "prctl",
            new Number(PR_CAPBSET_DROP, "PR_CAPBSET_DROP"),
            new Number(capability, name),
            number(0),
            number(0),
            number(0))
        // a kernel older than this capability
        .tolerating(SyscallRecord.EINVAL);
  }

  private void user() {
    OciSpec.User user = process.user();
    program.add(
        "keep capabilities",
        "prctl",
        new Number(PR_SET_KEEPCAPS, "PR_SET_KEEPCAPS"),
        number(1),
        number(0),
        number(0),
        number(0));
    List<Integer> groups = user.additionalGids();
    program.add(
        "setgroups " + groups,
        "setgroups",
        number(groups.size()),
        new Struct(packed(groups), groups.toString()));
    program.add(
        "setresgid " + user.gid(),
        "setresgid",
        number(user.gid()),
        number(user.gid()),
        number(user.gid()));
    program.add(
        "setresuid " + user.uid(),
        "setresuid",
        number(user.uid()),
        number(user.uid()),
        number(user.uid()));
    Integer umask = user.umask();
    int mask = umask == null ? DEFAULT_UMASK : umask;
    program.add("umask", "umask", new Number(mask, octal(mask)));
  }

  /** Of four digits at least. Formats are parsed anew each time, which a start waits for. */
  private static String octal(int mask) {
    String digits = Integer.toOctalString(mask);
    return "0".repeat(Math.max(1, 4 - digits.length())) + digits;
  }

  private static List<Long> packed(List<Integer> values) {
    List<Long> words = new ArrayList<>();
    for (int i = 0; i < values.size(); i += 2) {
      long high = i + 1 < values.size() ? values.get(i + 1) : 0;
      words.add(Integer.toUnsignedLong(values.get(i)) | high << 32);
    }
    return words;
  }

  private void capabilities() {
    long permitted = Capabilities.bits(sets.permitted()) & context.capabilities();
    long effective = Capabilities.bits(sets.effective()) & permitted;
    // the kernel takes none that the bounding set lacks, capabilities(7)
    long inheritable =
        Capabilities.bits(sets.inheritable())
            & Capabilities.bits(sets.bounding())
            & context.capabilities();
    setCapabilities(program, effective, permitted, inheritable, "set capabilities");
    ambient("clear ambient capabilities", PR_CAP_AMBIENT_CLEAR_ALL, "CLEAR_ALL", number(0));
    raiseAmbient(inheritable & permitted);
  }

  /** Bit sets. */
  static void setCapabilities(
      ProgramBuilder program, long effective, long permitted, long inheritable, String what) {
    program.add(
        what,
        "capset",
        new Struct(List.of(CAPABILITY_VERSION_3), "{_LINUX_CAPABILITY_VERSION_3, 0}"),
        new Struct(
            List.of(
                low(effective) | low(permitted) << 32,
                low(inheritable) | high(effective) << 32,
                high(permitted) | high(inheritable) << 32),
            "{effective 0x"
                + Long.toHexString(effective)
                + ", permitted 0x"
                + Long.toHexString(permitted)
                + ", inheritable 0x"
                + Long.toHexString(inheritable)
                + "}"));
  }

  private void raiseAmbient(long inheritable) {
    long ambient = Capabilities.bits(sets.ambient()) & inheritable;
    for (int i = 0; i < Capabilities.names().size(); i++) {
      if ((ambient & 1L << i) != 0) {
        String name = Capabilities.names().get(i);
        ambient("raise ambient " + name, PR_CAP_AMBIENT_RAISE, "RAISE", new Number(i, name));
      }
    }
  }

  private void ambient(String what, long operation, String name, Number capability) {
    program.add(
        what,
        "prctl",
        new Number(PR_CAP_AMBIENT, "PR_CAP_AMBIENT"),
        new Number(operation, "PR_CAP_AMBIENT_" + name),
        capability,
        number(0),
        number(0));
  }

  private static long low(long bits) {
    return bits & 0xffff_ffffL;
  }

  private static long high(long bits) {
    return bits >>> 32;
  }

  private void filter(OciSpec.@Nullable Seccomp seccomp) {
    if (seccomp == null) {
      return;
    }
    program.add(
        INSTALL_FILTER,
        "seccomp",
        new Number(1, "SECCOMP_SET_MODE_FILTER"),
        SeccompFlags.of(seccomp),
        new Argument.Filter(instructions(seccomp)));
    if (seccomp.notifies()) {
      CommandSteps.await(program, context, SyscallProgram.FILTERED);
    }
  }

  private List<Long> instructions(OciSpec.Seccomp seccomp) {
    if (!seccomp.equals(OciSpec.Seccomp.RUNTIME_DEFAULT)) {
      return SeccompCompiler.compile(seccomp, context.syscalls());
    }
    OciSpec.Capabilities capabilities = process.capabilities();
    return DefaultSeccomp.filter(
        capabilities == null ? Set.of() : Set.copyOf(capabilities.bounding()), context.syscalls());
  }
}
