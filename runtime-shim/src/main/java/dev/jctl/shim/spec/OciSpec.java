package dev.jctl.shim.spec;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The OCI runtime specification 1.2 ({@code config.json}), Linux part, field for field. Absent
 * fields are null, absent lists and maps are empty.
 *
 * @see <a href="https://github.com/opencontainers/runtime-spec/blob/v1.2.0/config.md">config.md</a>
 */
public record OciSpec(
    String ociVersion,
    Root root,
    Process process,
    @Nullable String hostname,
    @Nullable String domainname,
    List<Mount> mounts,
    Map<String, String> annotations,
    Linux linux) {
  public static final String VERSION = "1.2.0";

  public OciSpec {
    mounts = Lists.copy(mounts);
    annotations = Lists.copy(annotations);
  }

  public OciSpec withProcess(Process other) {
    return new OciSpec(ociVersion, root, other, hostname, domainname, mounts, annotations, linux);
  }

  /**
   * {@code path}: directory of the root file system; {@code readonly}: mounted read-only after
   * set-up.
   */
  public record Root(String path, boolean readonly) {}

  /** {@code args[0]} is searched in the {@code PATH} of {@code env} when it has no slash. */
  public record Process(
      boolean terminal,
      @Nullable ConsoleSize consoleSize,
      User user,
      List<String> args,
      List<String> env,
      String cwd,
      @Nullable Capabilities capabilities,
      List<Rlimit> rlimits,
      boolean noNewPrivileges,
      @Nullable Integer oomScoreAdj,
      @Nullable Scheduler scheduler,
      @Nullable IoPriority ioPriority,
      @Nullable String apparmorProfile,
      @Nullable String selinuxLabel) {
    public Process {
      args = Lists.copy(args);
      env = Lists.copy(env);
      rlimits = Lists.copy(rlimits);
    }

    /** With the scheduling that its maker has, and no labels. */
    public Process(
        boolean terminal,
        @Nullable ConsoleSize consoleSize,
        User user,
        List<String> args,
        List<String> env,
        String cwd,
        @Nullable Capabilities capabilities,
        List<Rlimit> rlimits,
        boolean noNewPrivileges,
        @Nullable Integer oomScoreAdj) {
      this(
          terminal,
          consoleSize,
          user,
          args,
          env,
          cwd,
          capabilities,
          rlimits,
          noNewPrivileges,
          oomScoreAdj,
          null,
          null,
          null,
          null);
    }

    /** Whether there is such a variable in its environment, and not empty. */
    public boolean has(String name) {
      String empty = name + "=";
      return env.stream().anyMatch(v -> v.startsWith(empty) && !v.equals(empty));
    }

    /** With that in its environment, unless there is such a variable. */
    public Process withDefault(String name, String value) {
      if (has(name)) {
        return this;
      }
      List<String> more = new ArrayList<>(env);
      more.remove(name + "=");
      more.add(name + "=" + value);
      return with(user, args, more);
    }

    /** The same for another command of another user. */
    public Process with(User otherUser, List<String> otherArgs, List<String> otherEnv) {
      return copy(
          terminal, consoleSize, otherUser, otherArgs, otherEnv, apparmorProfile, selinuxLabel);
    }

    /** The same for another command, on a terminal of its own or without one. */
    public Process beside(boolean onTerminal, List<String> otherArgs, List<String> otherEnv) {
      return copy(onTerminal, null, user, otherArgs, otherEnv, apparmorProfile, selinuxLabel);
    }

    /** With what these give for its own AppArmor profile and SELinux label. */
    public Process confinedBy(
        UnaryOperator<@Nullable String> profiles, UnaryOperator<@Nullable String> labels) {
      return copy(
          terminal,
          consoleSize,
          user,
          args,
          env,
          profiles.apply(apparmorProfile),
          labels.apply(selinuxLabel));
    }

    private Process copy(
        boolean onTerminal,
        @Nullable ConsoleSize size,
        User as,
        List<String> command,
        List<String> variables,
        @Nullable String profile,
        @Nullable String label) {
      return new Process(
          onTerminal,
          size,
          as,
          command,
          variables,
          cwd,
          capabilities,
          rlimits,
          noNewPrivileges,
          oomScoreAdj,
          scheduler,
          ioPriority,
          profile,
          label);
    }
  }

  /**
   * {@code policy}: a name such as {@code SCHED_BATCH}, {@code flags} such as {@code
   * SCHED_FLAG_RESET_ON_FORK}; the last three in nanoseconds, for {@code SCHED_DEADLINE}.
   */
  public record Scheduler(
      String policy,
      int nice,
      int priority,
      List<String> flags,
      long runtime,
      long deadline,
      long period) {
    public Scheduler {
      flags = Lists.copy(flags);
    }
  }

  /**
   * @param type {@code IOPRIO_CLASS_RT}, {@code IOPRIO_CLASS_BE} or {@code IOPRIO_CLASS_IDLE}
   * @param priority 0 (first) to 7
   */
  public record IoPriority(String type, int priority) {}

  public record ConsoleSize(int height, int width) {}

  /** {@code umask} is octal as a number, for example 18 for 0022. */
  public record User(int uid, int gid, @Nullable Integer umask, List<Integer> additionalGids) {
    public User {
      additionalGids = Lists.copy(additionalGids);
    }
  }

  /** Capability names with prefix, {@code CAP_CHOWN}. */
  public record Capabilities(
      List<String> bounding,
      List<String> effective,
      List<String> inheritable,
      List<String> permitted,
      List<String> ambient) {
    public Capabilities {
      bounding = Lists.copy(bounding);
      effective = Lists.copy(effective);
      inheritable = Lists.copy(inheritable);
      permitted = Lists.copy(permitted);
      ambient = Lists.copy(ambient);
    }
  }

  /** {@code type} is a name such as {@code RLIMIT_NOFILE}. */
  public record Rlimit(String type, long soft, long hard) {}

  /**
   * {@code options} as in fstab, plus the propagation words and the OCI additions (rbind, rro,
   * tmpcopyup, ...). With mappings files of a bind are shown as of other users.
   */
  public record Mount(
      String destination,
      @Nullable String type,
      @Nullable String source,
      List<String> options,
      List<IdMapping> uidMappings,
      List<IdMapping> gidMappings) {
    public Mount {
      options = Lists.copy(options);
      uidMappings = Lists.copy(uidMappings);
      gidMappings = Lists.copy(gidMappings);
    }

    public Mount(
        String destination, @Nullable String type, @Nullable String source, List<String> options) {
      this(destination, type, source, options, List.of(), List.of());
    }
  }

  public record Linux(
      List<Namespace> namespaces,
      List<IdMapping> uidMappings,
      List<IdMapping> gidMappings,
      List<Device> devices,
      @Nullable String cgroupsPath,
      @Nullable Resources resources,
      @Nullable String rootfsPropagation,
      @Nullable Seccomp seccomp,
      Map<String, String> sysctl,
      List<String> maskedPaths,
      List<String> readonlyPaths,
      Map<String, TimeOffset> timeOffsets,
      @Nullable String personality,
      @Nullable String mountLabel) {
    public Linux {
      namespaces = Lists.copy(namespaces);
      uidMappings = Lists.copy(uidMappings);
      gidMappings = Lists.copy(gidMappings);
      devices = Lists.copy(devices);
      sysctl = Lists.copy(sysctl);
      maskedPaths = Lists.copy(maskedPaths);
      readonlyPaths = Lists.copy(readonlyPaths);
      timeOffsets = Lists.copy(timeOffsets);
    }

    /** With the machine's clocks, and its execution domain. */
    public Linux(
        List<Namespace> namespaces,
        List<IdMapping> uidMappings,
        List<IdMapping> gidMappings,
        List<Device> devices,
        @Nullable String cgroupsPath,
        @Nullable Resources resources,
        @Nullable String rootfsPropagation,
        @Nullable Seccomp seccomp,
        Map<String, String> sysctl,
        List<String> maskedPaths,
        List<String> readonlyPaths) {
      this(
          namespaces,
          uidMappings,
          gidMappings,
          devices,
          cgroupsPath,
          resources,
          rootfsPropagation,
          seccomp,
          sysctl,
          maskedPaths,
          readonlyPaths,
          Map.of(),
          null,
          null);
    }
  }

  /** Of a clock, {@code monotonic} or {@code boottime}, in a time namespace of its own. */
  public record TimeOffset(long secs, int nanosecs) {}

  /**
   * {@code type}: pid, network, mount, ipc, uts, user, cgroup, time. A new one without {@code
   * path}, else the namespace bound at that path is joined.
   */
  public record Namespace(String type, @Nullable String path) {}

  public record IdMapping(long containerID, long hostID, long size) {}

  /** {@code type}: c, b, u or p. */
  public record Device(
      String path,
      String type,
      long major,
      long minor,
      @Nullable Integer fileMode,
      @Nullable Integer uid,
      @Nullable Integer gid) {}

  public record Resources(
      List<DeviceRule> devices,
      @Nullable Memory memory,
      @Nullable Cpu cpu,
      @Nullable Pids pids,
      Map<String, String> unified,
      @Nullable BlockIo blockIO,
      List<HugepageLimit> hugepageLimits,
      @Nullable Network network,
      Map<String, Rdma> rdma) {
    public Resources {
      devices = Lists.copy(devices);
      unified = Lists.copy(unified);
      hugepageLimits = Lists.copy(hugepageLimits);
      rdma = Lists.copy(rdma);
    }

    /** Of these only. */
    public Resources(
        List<DeviceRule> devices,
        @Nullable Memory memory,
        @Nullable Cpu cpu,
        @Nullable Pids pids,
        Map<String, String> unified) {
      this(devices, memory, cpu, pids, unified, null, List.of(), null, Map.of());
    }
  }

  /** {@code access}: any of r, w, m. Null major or minor stands for all. */
  public record DeviceRule(
      boolean allow,
      @Nullable String type,
      @Nullable Long major,
      @Nullable Long minor,
      @Nullable String access) {}

  /**
   * Bytes. {@code swap} is memory plus swap, as in cgroup v1; the last three are for v1 only, as
   * the kernel has no such thing in v2.
   *
   * @param swappiness 0 to 100
   */
  public record Memory(
      @Nullable Long limit,
      @Nullable Long reservation,
      @Nullable Long swap,
      @Nullable Long kernelTCP,
      @Nullable Long swappiness,
      boolean disableOOMKiller) {
    public Memory(@Nullable Long limit, @Nullable Long reservation, @Nullable Long swap) {
      this(limit, reservation, swap, null, null, false);
    }
  }

  /** {@code shares}: v1 weight 2..262144; {@code quota} and {@code period} in microseconds. */
  public record Cpu(
      @Nullable Long shares,
      @Nullable Long quota,
      @Nullable Long period,
      @Nullable String cpus,
      @Nullable String mems,
      @Nullable Long burst,
      @Nullable Long realtimeRuntime,
      @Nullable Long realtimePeriod,
      @Nullable Long idle) {
    public Cpu(
        @Nullable Long shares,
        @Nullable Long quota,
        @Nullable Long period,
        @Nullable String cpus,
        @Nullable String mems) {
      this(shares, quota, period, cpus, mems, null, null, null, null);
    }
  }

  /**
   * Of block devices. {@code weight} 10 to 1000.
   *
   * @param weightDevice weights of single devices
   */
  public record BlockIo(
      @Nullable Long weight,
      @Nullable Long leafWeight,
      List<WeightDevice> weightDevice,
      List<ThrottleDevice> throttleReadBpsDevice,
      List<ThrottleDevice> throttleWriteBpsDevice,
      List<ThrottleDevice> throttleReadIOPSDevice,
      List<ThrottleDevice> throttleWriteIOPSDevice) {
    public BlockIo {
      weightDevice = Lists.copy(weightDevice);
      throttleReadBpsDevice = Lists.copy(throttleReadBpsDevice);
      throttleWriteBpsDevice = Lists.copy(throttleWriteBpsDevice);
      throttleReadIOPSDevice = Lists.copy(throttleReadIOPSDevice);
      throttleWriteIOPSDevice = Lists.copy(throttleWriteIOPSDevice);
    }
  }

  public record WeightDevice(
      long major, long minor, @Nullable Long weight, @Nullable Long leafWeight) {}

  /** {@code rate}: bytes or operations a second. */
  public record ThrottleDevice(long major, long minor, long rate) {}

  /** {@code pageSize} as in the kernel's file names, {@code 2MB}; {@code limit} in bytes. */
  public record HugepageLimit(String pageSize, long limit) {}

  /** Of v1. */
  public record Network(@Nullable Long classID, List<InterfacePriority> priorities) {
    public Network {
      priorities = Lists.copy(priorities);
    }
  }

  public record InterfacePriority(String name, long priority) {}

  /** Of one device. */
  public record Rdma(@Nullable Long hcaHandles, @Nullable Long hcaObjects) {}

  public record Pids(long limit) {}

  /** {@link #RUNTIME_DEFAULT} stands for the runtime's own profile. */
  public record Seccomp(
      String defaultAction,
      @Nullable Integer defaultErrnoRet,
      List<String> architectures,
      List<SyscallRule> syscalls,
      List<String> flags,
      @Nullable String listenerPath,
      @Nullable String listenerMetadata) {
    public Seccomp {
      architectures = Lists.copy(architectures);
      syscalls = Lists.copy(syscalls);
      flags = Lists.copy(flags);
    }

    public Seccomp(
        String defaultAction,
        @Nullable Integer defaultErrnoRet,
        List<String> architectures,
        List<SyscallRule> syscalls) {
      this(defaultAction, defaultErrnoRet, architectures, syscalls, List.of(), null, null);
    }

    /** Whether some call is decided by who listens at {@code listenerPath}. */
    public boolean notifies() {
      return syscalls.stream().anyMatch(rule -> rule.action().equals("SCMP_ACT_NOTIFY"));
    }

    /** No profile that could be written down: it has no default action. */
    public static final Seccomp RUNTIME_DEFAULT = new Seccomp("", null, List.of(), List.of());
  }

  public record SyscallRule(
      List<String> names, String action, @Nullable Integer errnoRet, List<SyscallArg> args) {
    public SyscallRule {
      names = Lists.copy(names);
      args = Lists.copy(args);
    }
  }

  public record SyscallArg(int index, long value, long valueTwo, String op) {}
}
