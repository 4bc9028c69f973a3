package dev.jctl.shim.plan;

import static dev.jctl.shim.plan.Argument.number;

import dev.jctl.shim.plan.Argument.Number;
import dev.jctl.shim.plan.Argument.Result;
import dev.jctl.shim.plan.Argument.Struct;
import dev.jctl.shim.plan.Argument.Text;
import dev.jctl.shim.spec.OciSpec;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Compiles an OCI runtime spec to the programs that make its processes. */
public final class LaunchPlanner {
  private static final long CLONE_NEWCGROUP = 0x02000000;

  /** All but those of users and pids, which are joined otherwise. */
  private static final Number OTHER_NAMESPACES =
      new Number(
          0x00020000L | CLONE_NEWCGROUP | 0x04000000L | 0x08000000L | 0x40000000L,
          "CLONE_NEWNS|CLONE_NEWCGROUP|CLONE_NEWUTS|CLONE_NEWIPC|CLONE_NEWNET");

  private LaunchPlanner() {}

  /** The first process of a container. */
  public static SyscallProgram create(OciSpec oci, LaunchContext host) {
    OciSpec.Seccomp seccomp = oci.linux().seccomp();
    if (seccomp != null && seccomp.notifies()) {
      throw Invalid.of("seccomp: action SCMP_ACT_NOTIFY is not supported: nobody listens");
    }
    if (!ownsMounts(oci)) {
      throw Invalid.of("a container needs a mount namespace of its own");
    }
    LaunchContext context = settled(oci, host);
    Set<String> fresh = fresh(oci);
    ProgramBuilder program = new ProgramBuilder();
    Optional<JoinedUsers> users = begin(program, oci, context, fresh);
    Result cwd = root(program, oci, context, fresh, users, Stop.NEVER);
    CommandSteps.await(program, context, SyscallProgram.READY);
    identity(program, oci, context, users, cwd).addWithMounts(oci.linux());
    if (context.init()) {
      CommandSteps.executeBelow(program, oci.process(), number(context.firstProcessDescriptor()));
    } else {
      CommandSteps.execute(program, oci.process());
    }
    return assembled(program, oci, context, fresh);
  }

  /** With an empty root only if the process is to begin in it. */
  private static LaunchContext settled(OciSpec oci, LaunchContext host) {
    return host.withEmptyRoot(EmptyRoot.isLeftFor(oci, host));
  }

  /** Whether the program stops when all is mounted, and before the root is changed. */
  public enum Stop {
    NEVER,
    FOR_HOOKS
  }

  /**
   * The first process of a container, that outlives who made it: it waits right before its {@code
   * execve}, so that what can fail fails while its maker is there to tell. The filter of its spec
   * is in force by then, and must allow it to tell and to wait: futex, read, write and exit_group.
   */
  public static SyscallProgram standing(OciSpec oci, LaunchContext host, Stop stop) {
    LaunchContext context = settled(oci, host);
    Set<String> fresh = fresh(oci);
    ProgramBuilder program = new ProgramBuilder();
    Optional<JoinedUsers> users = begin(program, oci, context, fresh);
    Result cwd = root(program, oci, context, fresh, users, stop);
    identity(program, oci, context, users, cwd).addBeforeWait(oci.linux());
    CommandSteps.await(program, context, SyscallProgram.READY);
    CommandSteps.executeUnwatched(program, oci.process());
    return assembled(program, oci, context, fresh);
  }

  private static Stream<String> types(OciSpec oci) {
    return oci.linux().namespaces().stream().map(OciSpec.Namespace::type);
  }

  private static Set<String> fresh(OciSpec oci) {
    return oci.linux().namespaces().stream()
        .filter(n -> n.path() == null)
        .map(OciSpec.Namespace::type)
        .collect(Collectors.toUnmodifiableSet());
  }

  private static Optional<JoinedUsers> begin(
      ProgramBuilder program, OciSpec oci, LaunchContext context, Set<String> fresh) {
    check(oci, fresh);
    CommandSteps.begin(program);
    TreatmentSteps.atFirst(program, oci.process(), context);
    CommandSteps.descriptors(program, context, given(context));
    if (fresh.contains("user")) {
      CommandSteps.await(program, context, SyscallProgram.MAPS);
      becomeRoot(program);
    } else {
      CommandSteps.cgroups(program, context.threadFiles());
      TreatmentSteps.clocks(program, oci.linux());
    }
    Optional<JoinedUsers> users = users(program, oci);
    namespaces(program, oci, fresh);
    CommandSteps.session(program, oci.process().terminal());
    joinMounts(program, oci);
    return users;
  }

  private static List<Argument> given(LaunchContext context) {
    List<Argument> given = new ArrayList<>();
    IntStream.range(0, context.givenTrees()).mapToObj(Argument.Volume::new).forEach(given::add);
    if (context.init()) {
      given.add(new Argument.External(Argument.Name.FIRST_PROCESS));
    }
    if (context.emptyRoot()) {
      given.add(new Argument.External(Argument.Name.EMPTY_ROOT));
    }
    return given;
  }

  private static void joinMounts(ProgramBuilder program, OciSpec oci) {
    mountNamespace(oci)
        .ifPresent(
            path -> {
              Result namespace =
                  program.add(ProgramBuilder.openHost(path, ProgramBuilder.Open.READ));
              program.add(
                  "join mount namespace of " + path,
                  "setns",
                  namespace,
                  new Number(0x00020000L, "CLONE_NEWNS"));
            });
  }

  /** Path of the mount namespace that it is to join. */
  public static Optional<String> mountNamespace(OciSpec oci) {
    return oci.linux().namespaces().stream()
        .filter(n -> n.type().equals("mount") && n.path() != null)
        .map(n -> String.valueOf(n.path()))
        .findFirst();
  }

  /** Whether its mounts are seen by it alone. */
  public static boolean ownsMounts(OciSpec oci) {
    return oci.linux().namespaces().stream()
        .anyMatch(n -> n.type().equals("mount") && n.path() == null);
  }

  /** Their namespace is taken hold of while its path can be seen. */
  private static Optional<JoinedUsers> users(ProgramBuilder program, OciSpec oci) {
    return oci.linux().namespaces().stream()
        .filter(n -> n.type().equals("user") && n.path() != null)
        .findFirst()
        .map(
            n ->
                new JoinedUsers(
                    program.add(
                        ProgramBuilder.openHost(
                            String.valueOf(n.path()), ProgramBuilder.Open.READ)),
                    new IdMaps(oci.linux().uidMappings(), oci.linux().gidMappings())));
  }

  private static Result root(
      ProgramBuilder program,
      OciSpec oci,
      LaunchContext context,
      Set<String> fresh,
      Optional<JoinedUsers> users,
      Stop stop) {
    return new RootSteps(program, oci, context, fresh.contains("user"), users, stop).add();
  }

  private static SyscallProgram assembled(
      ProgramBuilder program, OciSpec oci, LaunchContext context, Set<String> fresh) {
    boolean user = fresh.contains("user");
    return new SyscallProgram(
        oci.linux().namespaces().stream().flatMap(LaunchPlanner::join).toList(),
        cloned(fresh, context.emptyRoot()),
        user ? Optional.empty() : context.unifiedGroup(),
        program.records(),
        user);
  }

  /**
   * A further process in the namespaces of a container.
   *
   * @param users of the container, when it has a user namespace of its own
   */
  public static SyscallProgram exec(
      OciSpec oci, OciSpec.Process process, LaunchContext context, Optional<IdMaps> users) {
    ProgramBuilder program = new ProgramBuilder();
    CommandSteps.begin(program);
    TreatmentSteps.atFirst(program, process, context);
    TreatmentSteps.sameClocks(program, oci.linux());
    CommandSteps.descriptors(
        program, context, List.of(new Argument.External(Argument.Name.CONTAINER)));
    CommandSteps.cgroups(program, context.threadFiles());
    Number container = number(context.moreDescriptors());
    program.add("join namespaces", "setns", container, OTHER_NAMESPACES);
    if (!ownsMounts(oci)) {
      RootSteps.changeRootOnly(program, oci);
    }
    CommandSteps.session(program, process.terminal());
    Result root = program.add(ProgramBuilder.openHost("/", ProgramBuilder.Open.DIRECTORY));
    Result cwd =
        program.add(ProgramBuilder.open(root, cwd(process), ProgramBuilder.Open.DIRECTORY));
    OciSpec.Seccomp seccomp = oci.linux().seccomp();
    boolean listenedTo = seccomp != null && seccomp.notifies();
    if (!listenedTo) {
      CommandSteps.await(program, context, SyscallProgram.READY);
    }
    program.add("chdir " + process.cwd(), "fchdir", cwd);
    new IdentitySteps(
            program, process, context, users.map(maps -> new JoinedUsers(container, maps)))
        .add(oci.linux());
    if (listenedTo) {
      CommandSteps.await(program, context, SyscallProgram.READY);
    }
    CommandSteps.execute(program, process);
    return new SyscallProgram(
        List.of(new SyscallProgram.Join("pid", "")),
        List.of(),
        context.unifiedGroup(),
        program.records(),
        false);
  }

  /**
   * A process of new user, network, IPC and UTS namespaces, which waits for its id maps, and then
   * for others to have taken hold of them.
   */
  public static SyscallProgram holder() {
    return holder(List.of("user", "network", "ipc", "uts"));
  }

  /** The same of a user namespace alone. */
  public static SyscallProgram userHolder() {
    return holder(List.of("user"));
  }

  private static SyscallProgram holder(List<String> namespaces) {
    ProgramBuilder program = new ProgramBuilder();
    CommandSteps.begin(program);
    program.add(
        "make descriptor 0",
        "dup3",
        new Argument.External(Argument.Name.START),
        number(0),
        number(0));
    program.add("close descriptors", "close_range", number(1), CommandSteps.ALL, number(0));
    CommandSteps.awaitAt(program, 0, SyscallProgram.MAPS);
    if (namespaces.contains("network")) {
      loopback(program);
    }
    CommandSteps.awaitAt(program, 0, SyscallProgram.READY);
    program.add("end", "exit_group", number(0));
    return new SyscallProgram(List.of(), namespaces, Optional.empty(), program.records(), true);
  }

  /**
   * The first process of a PID namespace that several containers share: it is nobody, sees nothing
   * but an empty root, and only reaps. At its last stage others can take hold of the namespace.
   *
   * @param namespaces its others, which it joins by their paths
   * @param users path of the user namespace that they belong to, if they have one
   */
  public static SyscallProgram pause(
      List<SyscallProgram.Join> namespaces, Optional<String> users, LaunchContext context) {
    ProgramBuilder program = new ProgramBuilder();
    CommandSteps.begin(program);
    CommandSteps.descriptors(
        program,
        context,
        List.of(
            new Argument.External(Argument.Name.FIRST_PROCESS),
            new Argument.External(Argument.Name.EMPTY_ROOT)));
    CommandSteps.cgroups(program, context.threadFiles());
    Optional<JoinedUsers> joined =
        users.map(
            path ->
                new JoinedUsers(
                    program.add(ProgramBuilder.openHost(path, ProgramBuilder.Open.READ)),
                    IdMaps.SAME));
    CommandSteps.session(program, false);
    EmptyRoot.stayIn(program, context);
    CommandSteps.await(program, context, SyscallProgram.READY);
    new IdentitySteps(program, Pause.PROCESS, context, joined).add(Pause.LINUX);
    CommandSteps.pause(program, number(context.firstProcessDescriptor()));
    return new SyscallProgram(
        namespaces, List.of("pid"), context.unifiedGroup(), program.records(), false);
  }

  /** A process that has nothing of a container's. */
  public static SyscallProgram hostProgram(
      String path, List<String> args, List<String> env, LaunchContext context) {
    ProgramBuilder program = new ProgramBuilder();
    CommandSteps.begin(program);
    CommandSteps.descriptors(program, context, List.of());
    program.add("umask", "umask", new Number(022, "022"));
    CommandSteps.await(program, context, SyscallProgram.READY);
    CommandSteps.execute(program, path, args, env);
    return new SyscallProgram(List.of(), List.of(), Optional.empty(), program.records(), false);
  }

  /** Content of {@code /proc/PID/timens_offsets} for a process in a new time namespace. */
  public static String clocks(OciSpec.Linux linux) {
    return TreatmentSteps.clocks(linux);
  }

  /** Mounts of a spec that the parent makes, as the child could not. */
  public static List<ParentMount> parentMounts(OciSpec oci) {
    return ParentMount.of(oci);
  }

  /** The paths at which the command of a process is looked for, in order. */
  public static List<String> commands(OciSpec.Process process) {
    return CommandSteps.candidates(process);
  }

  static String cwd(OciSpec.Process process) {
    if (!process.cwd().startsWith("/")) {
      throw Invalid.of("the working directory " + process.cwd() + " is not absolute");
    }
    return process.cwd();
  }

  private static void check(OciSpec oci, Set<String> fresh) {
    if (!oci.root().path().startsWith("/")) {
      throw Invalid.of("the root path " + oci.root().path() + " is not absolute");
    }
    if (oci.hostname() != null && types(oci).noneMatch("uts"::equals)) {
      throw Invalid.of("host name " + oci.hostname() + " needs a UTS namespace");
    }
    requireSameDomain(oci);
    if (!oci.linux().timeOffsets().isEmpty() && !fresh.contains("time")) {
      throw Invalid.of("linux.timeOffsets: needs a new time namespace");
    }
  }

  private static void requireSameDomain(OciSpec oci) {
    String domain = oci.domainname();
    String value = oci.linux().sysctl().get("kernel.domainname");
    if (domain != null && value != null && !domain.equals(value)) {
      throw Invalid.of(
          "linux.sysctl: kernel.domainname is " + value + ", but domainname is " + domain);
    }
  }

  private static Stream<SyscallProgram.Join> join(OciSpec.Namespace namespace) {
    String path = namespace.path();
    if (path == null) {
      return Stream.empty();
    }
    if (namespace.type().equals("user")) {
      return Stream.empty(); // by the process, last
    }
    if (namespace.type().equals("mount")) {
      return Stream.empty(); // by the process, when it needs no path of ours any more
    }
    if (namespace.type().equals("time")) {
      throw Invalid.of(
          "linux.namespaces: a time namespace can be new, but "
              + path
              + " cannot be joined:"
              + " the kernel takes only processes that share their memory with none");
    }
    return Stream.of(new SyscallProgram.Join(namespace.type(), path));
  }

  /**
   * The cgroup namespace is made later, when the process is in its cgroups; a mount namespace that
   * begins as an empty root, when it has what it needs of the host's.
   */
  private static List<String> cloned(Set<String> fresh, boolean fromEmptyRoot) {
    return fresh.stream()
        .filter(type -> !type.equals("cgroup") && !(fromEmptyRoot && type.equals("mount")))
        .sorted()
        .toList();
  }

  private static void becomeRoot(ProgramBuilder program) {
    program.add("setgroups", "setgroups", number(0), number(0));
    program.add("setresgid 0", "setresgid", number(0), number(0), number(0));
    program.add("setresuid 0", "setresuid", number(0), number(0), number(0));
  }

  private static void namespaces(ProgramBuilder program, OciSpec oci, Set<String> fresh) {
    if (fresh.contains("cgroup")) {
      program.add(
          "make a cgroup namespace", "unshare", new Number(CLONE_NEWCGROUP, "CLONE_NEWCGROUP"));
    }
    if (fresh.contains("network")) {
      loopback(program);
    }
    String hostname = oci.hostname();
    if (hostname != null) {
      name(program, "sethostname", hostname);
    }
    String domain = oci.domainname();
    if (domain != null && types(oci).anyMatch("uts"::equals)) {
      name(program, "setdomainname", domain);
    }
  }

  private static void name(ProgramBuilder program, String call, String name) {
    int bytes = name.getBytes(StandardCharsets.UTF_8).length;
    program.add(call + " " + name, call, new Text(name), number(bytes));
  }

  /** netdevice(7): {@code struct ifreq} is the name in 16 bytes, then the flags. */
  private static void loopback(ProgramBuilder program) {
    Result socket =
        program.add(
            "open a socket",
            "socket",
            new Number(2, "AF_INET"),
            new Number(2 | 02000000, "SOCK_DGRAM|SOCK_CLOEXEC"),
            number(0));
    program.add(
        "bring up lo",
        "ioctl",
        socket,
        new Number(0x8914, "SIOCSIFFLAGS"),
        new Struct(List.of('l' + ('o' * 256L), 0L, 1L, 0L, 0L), "{lo, IFF_UP}"));
  }

  private static IdentitySteps identity(
      ProgramBuilder program,
      OciSpec oci,
      LaunchContext context,
      Optional<JoinedUsers> users,
      Result cwd) {
    program.add("chdir " + oci.process().cwd(), "fchdir", cwd);
    return new IdentitySteps(program, oci.process(), context, users);
  }
}
