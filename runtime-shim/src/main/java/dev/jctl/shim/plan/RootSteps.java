package dev.jctl.shim.plan;

import static dev.jctl.shim.plan.Argument.number;
import static dev.jctl.shim.plan.ProgramBuilder.AT_FDCWD;
import static dev.jctl.shim.plan.ProgramBuilder.NULL;

import dev.jctl.shim.plan.Argument.Number;
import dev.jctl.shim.plan.Argument.Result;
import dev.jctl.shim.plan.Argument.Struct;
import dev.jctl.shim.plan.Argument.Text;
import dev.jctl.shim.plan.ProgramBuilder.Open;
import dev.jctl.shim.spec.OciSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The root file system: what is seen there, and that nothing else is.
 *
 * <p>Sources of binds are taken hold of first. Then the root is changed, so that every path from
 * there on is resolved inside the container's own tree; targets are opened there and mounted on by
 * descriptor. A symbolic link in the image leads nowhere else. The host's tree stays attached, out
 * of reach of paths, until all is mounted.
 */
final class RootSteps {
  private static final Text NOTHING = new Text("");
  private static final Text HERE = new Text(".");
  private static final Number EMPTY_PATH = new Number(0x1000, "AT_EMPTY_PATH");
  private static final Number CLONE_EMPTY =
      new Number(0x1 | 02000000 | 0x1000, "OPEN_TREE_CLONE|OPEN_TREE_CLOEXEC|AT_EMPTY_PATH");
  private static final Number CLONE_EMPTY_REC =
      new Number(
          0x1 | 02000000 | 0x1000 | 0x8000,
          "OPEN_TREE_CLONE|OPEN_TREE_CLOEXEC|AT_EMPTY_PATH|AT_RECURSIVE");
  private static final Number MOVE =
      new Number(0x4 | 0x40, "MOVE_MOUNT_F_EMPTY_PATH|MOVE_MOUNT_T_EMPTY_PATH");
  private static final Number PRIVATE = new Number(1 << 18 | 16384, "MS_REC|MS_PRIVATE");
  private static final Number SLAVE = new Number(1 << 19 | 16384, "MS_REC|MS_SLAVE");
  private static final Number BIND = new Number(4096 | 16384, "MS_BIND|MS_REC");
  private static final Number MASK =
      new Number(1 | 2 | 4 | 8, "MS_RDONLY|MS_NOSUID|MS_NODEV|MS_NOEXEC");
  private static final Number WRITABLE = new Number(2 | 4 | 8, "MS_NOSUID|MS_NODEV|MS_NOEXEC");

  /** MOUNT_ATTR_NOSUID, MOUNT_ATTR_NODEV, MOUNT_ATTR_NOEXEC. */
  private static final long NOTHING_HEEDED = 2 | 4 | 8;

  private static final Pattern UID = Pattern.compile("uid=\\d{1,9}");
  private static final Pattern GID = Pattern.compile("gid=\\d{1,9}");
  private static final Set<String> LABELLED = Set.of("tmpfs", "devpts", "ramfs");
  private static final long S_IFCHR = 0020000;
  private static final long S_IFBLK = 0060000;
  private static final long S_IFIFO = 0010000;

  private static final List<OciSpec.Device> DEVICES =
      List.of(
          device("null", 1, 3),
          device("zero", 1, 5),
          device("full", 1, 7),
          device("random", 1, 8),
          device("urandom", 1, 9),
          device("tty", 5, 0));

  private record Link(String name, String target) {}

  private static final List<Link> LINKS =
      List.of(
          new Link("fd", "/proc/self/fd"),
          new Link("stdin", "/proc/self/fd/0"),
          new Link("stdout", "/proc/self/fd/1"),
          new Link("stderr", "/proc/self/fd/2"),
          new Link("ptmx", "pts/ptmx"));

  /**
   * A mount, by its index, with its options; for binds also what was taken hold of: the place, or a
   * clone of what is there when the host's mounts are left.
   */
  private record Step(
      int index, OciSpec.Mount mount, MountOptions options, @Nullable Result source) {
    String what() {
      return "mount "
          + (options.bind() ? mount.source() : mount.type())
          + " on "
          + mount.destination();
    }
  }

  /** A device node of the host, where making nodes is not allowed. */
  private record HostDevice(OciSpec.Device device, Result tree) {}

  private final ProgramBuilder program;
  private final OciSpec oci;
  private final LaunchContext context;
  private final boolean userNamespace;
  private final IdMaps ids;
  private final boolean joinsUsers;
  private final boolean fromEmptyRoot;
  private final LaunchPlanner.Stop stop;
  private final List<HostDevice> hostDevices = new ArrayList<>();
  private final Map<String, Result> ownGroups = new HashMap<>();
  private @Nullable Result console;

  /**
   * @param userNamespace it is in a new one already
   * @param users of one that it joins later
   * @param stop whether it waits when all is mounted and the host's tree is still the root
   */
  RootSteps(
      ProgramBuilder program,
      OciSpec oci,
      LaunchContext context,
      boolean userNamespace,
      Optional<JoinedUsers> users,
      LaunchPlanner.Stop stop) {
    this.program = program;
    this.oci = oci;
    this.context = context;
    this.userNamespace = userNamespace;
    this.ids = users.map(JoinedUsers::ids).orElse(IdMaps.SAME);
    this.joinsUsers = users.isPresent();
    this.fromEmptyRoot = context.emptyRoot();
    this.stop = stop;
  }

  private static OciSpec.Device device(String name, int major, int minor) {
    return new OciSpec.Device("/dev/" + name, "c", major, minor, 0666, 0, 0);
  }

  /** Returns the working directory of the process. */
  Result add() {
    List<Step> steps = sources();
    if (fromEmptyRoot) {
      Result tree = clonePrivate(oci.root().path(), true);
      Shared shared = EmptyRoot.enter(program, context, oci);
      EmptyRoot.cover(program, tree);
      Inside made = inside(steps, shared);
      makeReadonlyIfAsked(made.root());
      return made.workingDirectory();
    }
    Shared shared =
        new Shared(
            program.add(ProgramBuilder.openHost("/dev/null", Open.PATH)),
            Optional.empty(),
            Optional.empty());
    Inside made = LaunchPlanner.ownsMounts(oci) ? pivoted(steps, shared) : joined(steps, shared);
    makeReadonlyIfAsked(made.root());
    propagate(made.root());
    return made.workingDirectory();
  }

  /** In a copy of the host's mounts, which goes when all is mounted. */
  private Inside pivoted(List<Step> steps, Shared shared) {
    Result host = program.add(ProgramBuilder.openHost("/", Open.DIRECTORY));
    bindRoot();
    Inside made =
        switch (stop) {
          case NEVER -> withRootChanged(steps, shared);
          case FOR_HOOKS -> withHooksBefore(steps, shared, host);
        };
    program.add("chdir to the host's root", "fchdir", host);
    program.add("detach the host's root", "umount2", HERE, new Number(2, "MNT_DETACH"));
    return made;
  }

  private Inside withRootChanged(List<Step> steps, Shared shared) {
    pivot();
    program.add("chdir /", "chdir", new Text("/"));
    return inside(steps, shared);
  }

  /**
   * Hooks that enter the mount namespace find the host's tree in it, and in its place there the
   * container's root with all its mounts, to which they may add.
   */
  private Inside withHooksBefore(List<Step> steps, Shared shared, Result host) {
    changeRootHere(program);
    Inside made = inside(steps, shared);
    program.add("chdir to the host's root", "fchdir", host);
    changeRootHere(program);
    awaitHooks();
    program.add("chdir to the container's root", "fchdir", made.root());
    pivot();
    return made;
  }

  private void awaitHooks() {
    CommandSteps.await(program, context, SyscallProgram.MOUNTED);
  }

  private Inside joined(List<Step> steps, Shared shared) {
    changeRootOnly(program, oci);
    Inside made = inside(steps, shared);
    if (stop == LaunchPlanner.Stop.FOR_HOOKS) {
      awaitHooks();
    }
    return made;
  }

  /**
   * What containers have in common, so that it need not be made for each. A file system costs
   * memory in each memory group of the machine (kernel 6.18: {@code alloc_shrinker_info}).
   *
   * @param file covers masked files
   * @param directory one that is empty covers masked directories; none: a file system for each
   * @param hierarchies one with a directory for each v1 hierarchy; none: a file system with them
   */
  record Shared(Result file, Optional<Result> directory, Optional<Result> hierarchies) {}

  private record Inside(Result root, Result workingDirectory) {}

  /** All that is done in the new root. */
  private Inside inside(List<Step> steps, Shared shared) {
    if (joinsUsers) {
      ownFiles();
    }
    Result root = program.add(ProgramBuilder.openHost("/", Open.DIRECTORY));
    steps.forEach(step -> mount(root, step, shared));
    volumes(root);
    if (oci.mounts().stream().noneMatch(m -> isDev(m.destination()))) {
      devices(root, program.directory(root, "/dev"));
    }
    sysctls(root);
    oci.linux().readonlyPaths().forEach(path -> makeReadonly(root, path));
    oci.linux().maskedPaths().forEach(path -> mask(root, path, shared));
    makeDevicesReadonlyIfAsked(root, steps);
    return new Inside(root, program.workingDirectory(root, LaunchPlanner.cwd(oci.process())));
  }

  private void makeReadonlyIfAsked(Result root) {
    if (oci.root().readonly()) {
      setAttributes("make root read-only", root, MountOptions.RDONLY, 0, false);
    }
  }

  private static boolean isDev(String path) {
    return ProgramBuilder.names(path).equals(List.of("dev"));
  }

  // --- before the root is changed

  private List<Step> sources() {
    List<Step> parsed = new ArrayList<>();
    for (int i = 0; i < oci.mounts().size(); i++) {
      OciSpec.Mount mount = oci.mounts().get(i);
      parsed.add(new Step(i, mount, MountOptions.parse(mount), null));
    }
    boolean slave =
        parsed.stream().anyMatch(s -> s.options().propagation() == MountOptions.SLAVE)
            || rootPropagation() == MountOptions.SLAVE;
    if (LaunchPlanner.ownsMounts(oci) && !fromEmptyRoot) {
      program.add(
          "make mounts private", "mount", NULL, new Text("/"), NULL, slave ? SLAVE : PRIVATE, NULL);
    }
    if (userNamespace) {
      allDevices().forEach(d -> hostDevices.add(new HostDevice(d, cloneHost(d.path(), false))));
    }
    if (!context.terminal().isEmpty()) {
      console = clonePrivate(context.terminal(), false);
    }
    if (showsOwnGroups()) {
      context
          .ownGroups()
          .forEach((hierarchy, group) -> ownGroups.put(hierarchy, held(group, false)));
    }
    return parsed.stream().map(s -> isTaken(s) ? taken(s) : s).toList();
  }

  /** A new mount shows all groups of the machine to who has no namespace of them. */
  private boolean showsOwnGroups() {
    return oci.linux().namespaces().stream().noneMatch(n -> n.type().equals("cgroup"))
        && oci.mounts().stream().anyMatch(m -> "cgroup".equals(m.type()));
  }

  /** The place, or a clone of what is there when the host's mounts are left. */
  private Result held(String source, boolean recursive) {
    return fromEmptyRoot
        ? clonePrivate(source, recursive)
        : program.add(ProgramBuilder.openHost(source, Open.PATH));
  }

  private boolean isTaken(Step step) {
    return step.options().bind() && context.made(step.index()).isEmpty();
  }

  private long rootPropagation() {
    String word = oci.linux().rootfsPropagation();
    return word == null ? 0 : MountOptions.propagation(word).orElse(0L);
  }

  /** Of the root; a slave's is so since the host's mounts were made slaves. */
  private void propagate(Result root) {
    long propagation = rootPropagation();
    if (propagation != 0 && propagation != MountOptions.SLAVE) {
      boolean beneath = String.valueOf(oci.linux().rootfsPropagation()).startsWith("r");
      change("set propagation of /", root, 0, 0, propagation, beneath);
    }
  }

  private Step taken(Step step) {
    String source = step.mount().source();
    if (source == null || !source.startsWith("/")) {
      throw Invalid.of(step.what() + ": the source must be an absolute path");
    }
    Result held = held(source, step.options().recursive());
    return new Step(step.index(), step.mount(), step.options(), held);
  }

  /** Only now: mounts are listed in the order in which they, or what they are copies of, came. */
  private Result copied(String name, Result source, boolean recursive) {
    return fromEmptyRoot
        ? source
        : program.add(
            "open_tree " + name,
            "open_tree",
            source,
            NOTHING,
            recursive ? CLONE_EMPTY_REC : CLONE_EMPTY);
  }

  /** A tree that is not mounted yet. */
  private void adjust(Step step, Argument tree) {
    MountOptions options = step.options();
    if (options.attributes() != 0 || options.cleared() != 0) {
      setAttributes(
          "set options of " + step.mount().destination(),
          tree,
          options.attributes(),
          options.cleared(),
          options.everywhere());
    }
    propagate(step, tree);
  }

  private void propagate(Step step, Argument tree) {
    MountOptions options = step.options();
    boolean isSo =
        options.propagation() == 0
            || options.propagation() == MountOptions.SLAVE
            || (fromEmptyRoot && options.propagation() == MountOptions.PRIVATE);
    if (!isSo) {
      change(
          "set propagation of " + step.mount().destination(),
          tree,
          0,
          0,
          options.propagation(),
          options.propagatesBeneath());
    }
  }

  private Result cloneHost(String path, boolean recursive) {
    return program.add(
        "open_tree " + path,
        "open_tree",
        AT_FDCWD,
        new Text(path),
        recursive
            ? new Number(0x1 | 02000000 | 0x8000, "OPEN_TREE_CLONE|OPEN_TREE_CLOEXEC|AT_RECURSIVE")
            : new Number(0x1 | 02000000, "OPEN_TREE_CLONE|OPEN_TREE_CLOEXEC"));
  }

  /** Without what the host's mounts do later, if it is not in a namespace of its own by now. */
  private Result clonePrivate(String path, boolean recursive) {
    Result tree = cloneHost(path, recursive);
    if (fromEmptyRoot) {
      change("make " + path + " private", tree, 0, 0, MountOptions.PRIVATE, recursive);
    }
    return tree;
  }

  private void setAttributes(String what, Argument tree, long set, long clear, boolean everywhere) {
    change(what, tree, set, clear, 0, everywhere);
  }

  /**
   * @param propagation its MS_ flag, or 0 to leave it as it is
   */
  private void change(
      String what, Argument tree, long set, long clear, long propagation, boolean everywhere) {
    String words = "{set 0x" + Long.toHexString(set) + ", clear 0x" + Long.toHexString(clear);
    program.add(
        what,
        "mount_setattr",
        tree,
        NOTHING,
        everywhere ? new Number(0x1000 | 0x8000, "AT_EMPTY_PATH|AT_RECURSIVE") : EMPTY_PATH,
        new Struct(
            List.of(set, clear, propagation, 0L),
            words
                + (propagation == 0 ? "" : ", propagation 0x" + Long.toHexString(propagation))
                + "}"),
        number(32));
  }

  /** Where others see its mounts, too: what the parent has mounted there becomes the root. */
  static void changeRootOnly(ProgramBuilder program, OciSpec oci) {
    program.add("chdir " + oci.root().path(), "chdir", new Text(oci.root().path()));
    changeRootHere(program);
  }

  /** To the working directory. */
  static void changeRootHere(ProgramBuilder program) {
    program.add("chroot", "chroot", HERE);
    program.add("chdir /", "chdir", new Text("/"));
  }

  /** On itself, to be a mount that can become the root; it is the working directory then. */
  private void bindRoot() {
    Text path = new Text(oci.root().path());
    program.add("bind root " + oci.root().path(), "mount", path, path, NULL, BIND, NULL);
    program.add("chdir " + oci.root().path(), "chdir", path);
  }

  /** To the working directory; the host's tree is mounted over it. */
  private void pivot() {
    program.add("pivot_root", "pivot_root", HERE, HERE);
  }

  // --- inside

  /** What is made from here on belongs to the root of the users to come, credentials(7). */
  private void ownFiles() {
    int group = ids.group(0);
    int user = ids.user(0);
    program.add("setfsgid " + group, "setfsgid", number(group));
    program.add("setfsuid " + user, "setfsuid", number(user));
    // which the kernel takes as a reason to drop those about files
    IdentitySteps.setCapabilities(
        program, context.capabilities(), context.capabilities(), 0, "keep capabilities");
  }

  private void mount(Result root, Step step, Shared shared) {
    if (ProgramBuilder.names(step.mount().destination()).isEmpty()) {
      throw Invalid.of("a mount on / is not supported");
    }
    Result source = step.source();
    OptionalInt made = context.made(step.index());
    if (made.isPresent()) {
      Argument tree = number(made.getAsInt());
      adjust(step, tree);
      attach(step.what(), tree, target(root, step));
    } else if (step.options().copiesUp() || step.options().mapsIds()) {
      throw Invalid.of(
          step.what() + ": options tmpcopyup and idmap are not supported here, only by jshim");
    } else if (source != null) {
      Result tree =
          copied(String.valueOf(step.mount().source()), source, step.options().recursive());
      adjust(step, tree);
      attach(step.what(), tree, target(root, step));
    } else if ("cgroup".equals(step.mount().type())) {
      cgroups(root, step, shared);
    } else if (fromEmptyRoot
        && SharedMemory.isPartOfDevices(oci.mounts().subList(0, step.index()), step.mount())) {
      sharedMemory(root, step);
    } else {
      fresh(root, step);
    }
    if (isDev(step.mount().destination()) && source == null) {
      devices(root, program.add(ProgramBuilder.open(root, "/dev", Open.DIRECTORY)));
    }
  }

  private void volumes(Result root) {
    for (int i = 0; i < context.volumes().size(); i++) {
      LaunchContext.HeldTree volume = context.volumes().get(i);
      String at = volume.destination();
      if (ProgramBuilder.names(at).isEmpty()) {
        throw Invalid.of("a volume on / is not supported");
      }
      Result target = volume.directory() ? program.directory(root, at) : program.file(root, at);
      attach("mount volume on " + at, number(context.moreDescriptors() + i), target);
    }
  }

  private Result target(Result root, Step step) {
    OciSpec.Mount mount = step.mount();
    String source = mount.source();
    boolean file =
        source != null && context.files().contains(source) && !context.isDirectory(step.index());
    return file
        ? program.file(root, mount.destination())
        : program.directory(root, mount.destination());
  }

  private void attach(String what, Argument tree, Result target) {
    program.add(what, "move_mount", tree, NOTHING, target, NOTHING, MOVE);
  }

  private void sharedMemory(Result root, Step step) {
    Result devices = program.add(ProgramBuilder.open(root, "/dev", Open.DIRECTORY));
    Text name = new Text(SharedMemory.NAME);
    program.add("mkdir /dev/shm", "mkdirat", devices, name, new Number(01777, "01777"));
    Result directory = program.add(ProgramBuilder.open(devices, SharedMemory.NAME, Open.DIRECTORY));
    Result tree = program.add(step.what(), "open_tree", directory, NOTHING, CLONE_EMPTY);
    adjust(step, tree);
    attach(step.what(), tree, directory);
  }

  private void fresh(Result root, Step step) {
    String type = step.mount().type();
    if (type == null) {
      throw Invalid.of("mount on " + step.mount().destination() + " has no type");
    }
    String source = step.mount().source();
    here(
        step.what(),
        program.directory(root, step.mount().destination()),
        source == null ? type : source,
        type,
        flags(step),
        labelled(type, ownedData(step.options().data())));
    if (step.options().propagation() != 0) {
      propagate(
          step, program.add(ProgramBuilder.open(root, step.mount().destination(), Open.PATH)));
    }
  }

  /** Devices, and mounts on them, are made before theirs can no longer be written to. */
  private static Number flags(Step step) {
    boolean later = isDev(step.mount().destination());
    long flags = step.options().flags() & (later ? ~MountOptions.RDONLY : -1);
    return new Number(flags, "0x" + Long.toHexString(flags));
  }

  private void makeDevicesReadonlyIfAsked(Result root, List<Step> steps) {
    boolean asked =
        steps.stream()
            .anyMatch(
                step ->
                    isDev(step.mount().destination()) && step.source() == null && isReadonly(step));
    if (asked) {
      Result dev = program.add(ProgramBuilder.open(root, "/dev", Open.DIRECTORY));
      setAttributes("make /dev read-only", dev, MountOptions.RDONLY, 0, false);
    }
  }

  /** Files of file systems that have no labels of their own get that of the container. */
  private String labelled(String type, String data) {
    String label = oci.linux().mountLabel();
    if (label == null
        || !context.securityModules().contains("selinux")
        || !LABELLED.contains(type)) {
      return data;
    }
    return (data.isEmpty() ? "" : data + ",") + "context=\"" + label + "\"";
  }

  /** Ids in the options of a file system ({@code gid=5}), as they are outside. */
  private String ownedData(String data) {
    if (!data.contains("id=")) {
      return data;
    }
    return Arrays.stream(data.split(",", -1))
        .map(
            option ->
                UID.matcher(option).matches()
                    ? "uid=" + ids.user(Integer.parseInt(option.substring(4)))
                    : GID.matcher(option).matches()
                        ? "gid=" + ids.group(Integer.parseInt(option.substring(4)))
                        : option)
        .collect(Collectors.joining(","));
  }

  /** On the directory itself, whatever path leads there. */
  private void here(
      String what, Result target, String source, String type, Number flags, String data) {
    program.add(what, "fchdir", target);
    program.add(
        what,
        "mount",
        new Text(source),
        HERE,
        new Text(type),
        flags,
        data.isEmpty() ? NULL : new Text(data));
  }

  private void cgroups(Result root, Step step, Shared shared) {
    String at = step.mount().destination();
    if (context.cgroupHierarchies().isEmpty()) {
      here(step.what(), program.directory(root, at), "cgroup", "cgroup2", cgroupFlags(step), "");
      return;
    }
    Optional<Result> common = shared.hierarchies();
    if (common.isPresent()) {
      Result tree = program.add(step.what(), "open_tree", common.get(), NOTHING, CLONE_EMPTY);
      setAttributes(step.what(), tree, MountOptions.RDONLY | NOTHING_HEEDED, 0, false);
      attach(step.what(), tree, program.directory(root, at));
      hierarchies(step, path -> program.add(ProgramBuilder.open(tree, path, Open.DIRECTORY)));
      return;
    }
    here(step.what(), program.directory(root, at), "tmpfs", "tmpfs", WRITABLE, "mode=755");
    Result mounted = program.add(ProgramBuilder.open(root, at, Open.DIRECTORY));
    hierarchies(step, path -> program.directory(mounted, path));
    setAttributes("make " + at + " read-only", mounted, MountOptions.RDONLY, 0, false);
  }

  private static boolean isReadonly(Step step) {
    return (step.options().attributes() & MountOptions.RDONLY) != 0;
  }

  private static Number cgroupFlags(Step step) {
    return isReadonly(step) ? MASK : WRITABLE;
  }

  /** Of v1, each on its directory. */
  private void hierarchies(Step step, Function<String, Result> directory) {
    for (String hierarchy : context.cgroupHierarchies()) {
      String path = "/" + EmptyRoot.hierarchyName(hierarchy);
      String what = "cgroup on " + step.mount().destination() + path;
      Result group = ownGroups.get(hierarchy);
      if (group == null) {
        String data = hierarchy.startsWith("name=") ? "none," + hierarchy : hierarchy;
        Number flags = cgroupFlags(step);
        here("mount " + what, directory.apply(path), "cgroup", "cgroup", flags, data);
      } else {
        Result tree = copied(what, group, false);
        long readonly = isReadonly(step) ? MountOptions.RDONLY : 0;
        setAttributes("set options of " + what, tree, readonly | NOTHING_HEEDED, 0, false);
        attach("bind " + what, tree, directory.apply(path));
      }
    }
  }

  private List<OciSpec.Device> allDevices() {
    List<OciSpec.Device> all = new ArrayList<>(DEVICES);
    all.addAll(oci.linux().devices());
    return all;
  }

  private void devices(Result root, Result dev) {
    if (userNamespace) {
      hostDevices.forEach(
          d ->
              attach("bind " + d.device().path(), d.tree(), program.file(root, d.device().path())));
    } else {
      DEVICES.forEach(d -> node(dev, d.path().substring("/dev/".length()), d));
      oci.linux().devices().forEach(d -> node(root, d));
    }
    for (Link link : LINKS) {
      program.add(
          SyscallRecord.of(
                  "symlink /dev/" + link.name(),
                  "symlinkat",
                  new Text(link.target()),
                  dev,
                  new Text(link.name()))
              .tolerating(SyscallRecord.EEXIST));
    }
    Result terminal = console;
    if (terminal != null) {
      attach("bind /dev/console", terminal, program.file(root, "/dev/console"));
    }
  }

  private void node(Result root, OciSpec.Device device) {
    int slash = device.path().lastIndexOf('/');
    if (slash < 0) {
      throw Invalid.of("device path " + device.path() + " is not absolute");
    }
    Result parent = program.directory(root, device.path().substring(0, slash));
    String name = device.path().substring(slash + 1);
    node(parent, name, device);
    Integer uid = device.uid();
    Integer gid = device.gid();
    program.add(
        "chown " + device.path(),
        "fchownat",
        parent,
        new Text(name),
        number(ids.user(uid == null ? 0 : uid)),
        number(ids.group(gid == null ? 0 : gid)),
        new Number(0x100, "AT_SYMLINK_NOFOLLOW"));
  }

  private void node(Result parent, String name, OciSpec.Device device) {
    Integer mode = device.fileMode();
    program.add(
        SyscallRecord.of(
                "mknod " + device.path(),
                "mknodat",
                parent,
                new Text(name),
                type(device, mode == null ? 0666 : mode),
                new Number(
                    encoded(device.major(), device.minor()), device.major() + ":" + device.minor()))
            .tolerating(SyscallRecord.EEXIST));
  }

  private static Number type(OciSpec.Device device, int mode) {
    return switch (device.type()) {
      case "c", "u" -> new Number(S_IFCHR | mode, "S_IFCHR|0" + Integer.toOctalString(mode));
      case "b" -> new Number(S_IFBLK | mode, "S_IFBLK|0" + Integer.toOctalString(mode));
      case "p" -> new Number(S_IFIFO | mode, "S_IFIFO|0" + Integer.toOctalString(mode));
      default -> throw Invalid.of("device " + device.path() + " has unknown type " + device.type());
    };
  }

  /** makedev(3), in the kernel's 32 bits. */
  private static long encoded(long major, long minor) {
    return (minor & 0xff) | (major & 0xfff) << 8 | (minor & ~0xffL) << 12;
  }

  private void sysctls(Result root) {
    Set<String> types =
        oci.linux().namespaces().stream().map(OciSpec.Namespace::type).collect(Collectors.toSet());
    oci.linux()
        .sysctl()
        .forEach(
            (name, value) ->
                program.write(root, Sysctls.path(name, types), value, "set sysctl " + name));
  }

  private void makeReadonly(Result root, String path) {
    Result target =
        program.add(ProgramBuilder.open(root, path, Open.PATH).skipping(3, SyscallRecord.ENOENT));
    Result tree = program.add("clone " + path, "open_tree", target, NOTHING, CLONE_EMPTY_REC);
    setAttributes("make " + path + " read-only", tree, MountOptions.RDONLY, 0, true);
    attach("bind " + path, tree, target);
  }

  /** A directory is hidden by an empty one, a file by {@code /dev/null}. */
  private void mask(Result root, String path, Shared covers) {
    String what = "mask " + path;
    int covering = covers.directory().isPresent() ? 3 : 2;
    Result target =
        program.add(
            ProgramBuilder.open(root, path, Open.PATH)
                .skipping(covering + 4, SyscallRecord.ENOENT));
    Result directory =
        program.add(
            ProgramBuilder.open(root, path, Open.DIRECTORY)
                .skipping(covering + 1, SyscallRecord.ENOTDIR));
    covers
        .directory()
        .ifPresentOrElse(
            empty -> {
              Result tree = program.add(what, "open_tree", empty, NOTHING, CLONE_EMPTY);
              setAttributes(what, tree, MountOptions.RDONLY | NOTHING_HEEDED, 0, false);
              attach(what, tree, target);
            },
            () -> here(what, directory, "tmpfs", "tmpfs", MASK, "size=0k"));
    program.add(
        SyscallRecord.of("pass over", "close", number(-1)).skipping(2, SyscallRecord.EBADF));
    Result nothing =
        program.add("clone /dev/null", "open_tree", covers.file(), NOTHING, CLONE_EMPTY);
    attach(what, nothing, target);
  }
}
