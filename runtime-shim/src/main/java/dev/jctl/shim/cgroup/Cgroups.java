package dev.jctl.shim.cgroup;

import static dev.jctl.shim.cgroup.GroupFiles.children;
import static dev.jctl.shim.cgroup.GroupFiles.fill;
import static dev.jctl.shim.cgroup.GroupFiles.makeDirectory;
import static dev.jctl.shim.cgroup.GroupFiles.put;
import static dev.jctl.shim.cgroup.GroupFiles.read;
import static dev.jctl.shim.cgroup.GroupFiles.rename;
import static dev.jctl.shim.cgroup.GroupFiles.words;

import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.RuntimeFailure.Reason;
import dev.jctl.shim.spec.Observed;
import dev.jctl.shim.spec.OciSpec.Resources;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The groups {@code jctl-<instance>/<sandbox>~<container>} in each hierarchy that is needed, or
 * {@code jctl-<instance>/<sandbox>/<container>} where the sandbox has limits of its own, and
 * nothing outside {@code jctl-<instance>}: a group takes up to 200 kB of the kernel's memory. A
 * hierarchy in which a container has no limit and no account is left out, which is most of the cost
 * of a start. Safe for many threads, as long as one container is handled by one at a time.
 */
public final class Cgroups {
  /** In the devices hierarchy: all containers with the usual devices. */
  private static final String USUAL_DEVICES = "usual-devices";

  /** Of a sandbox that was prepared: what becomes its first container. */
  private static final String FIRST = ".first";

  /** Between the ids of a sandbox and of its container, in neither of which it can be. */
  private static final String OF = "~";

  /** Hierarchies of v1 in which every container has a group: for its account, or a usual limit. */
  private static final Set<String> ALWAYS = Set.of("memory", "cpu", "cpuacct", "pids");

  private static final Set<String> V2_CONTROLLERS =
      Set.of("cpu", "memory", "pids", "cpuset", "io", "hugetlb", "rdma");

  /** Where containers with the usual devices go in the hierarchy of v1. */
  private enum DeviceGroups {
    SHARED,
    OWN
  }

  private final CgroupLayout layout;
  private final String parent;
  private final GroupKernel kernel;
  private final DeviceGroups deviceGroups;

  /** Sandboxes that were prepared and have no container yet. */
  private final Set<String> fresh = ConcurrentHashMap.newKeySet();

  /** Sandboxes with limits, which have a group around those of their containers. */
  private final Set<String> limited = ConcurrentHashMap.newKeySet();

  private Cgroups(
      CgroupLayout layout, String parent, GroupKernel kernel, DeviceGroups deviceGroups) {
    this.layout = layout;
    this.parent = parent;
    this.kernel = kernel;
    this.deviceGroups = deviceGroups;
  }

  /**
   * @param instance names our parent group
   */
  public Cgroups(CgroupLayout layout, String instance, GroupKernel kernel) {
    this(layout, "jctl-" + instance, kernel, DeviceGroups.SHARED);
  }

  /**
   * Groups anywhere: the sandbox is the path above a container's group, without a slash before it,
   * and may be empty.
   */
  public static Cgroups anywhere(CgroupLayout layout, GroupKernel kernel) {
    return new Cgroups(layout, "", kernel, DeviceGroups.OWN);
  }

  public CgroupLayout layout() {
    return layout;
  }

  /** As in {@code linux.cgroupsPath}. */
  public String path(String sandboxId, String containerId) {
    return "/" + parent + "/" + relative(sandboxId, containerId);
  }

  private Path group(Path root, String sandboxId, String containerId) {
    return root.resolve(parent).resolve(relative(sandboxId, containerId));
  }

  /** Of a container's group, below our parent. */
  private String relative(String sandboxId, String containerId) {
    return parent.isEmpty() || limited.contains(sandboxId)
        ? Path.of(sandboxId, containerId).toString()
        : sandboxId + OF + containerId;
  }

  // --- making

  /** Our parents; once, before anything else. What an earlier process made is known again. */
  public void prepare() {
    names().filter(Cgroups::isSandbox).forEach(limited::add);
    Path devices = layout.v1().get("devices");
    if (devices != null) {
      makeDirectory(devices.resolve(parent));
      Path usual = devices.resolve(parent).resolve(USUAL_DEVICES);
      if (makeDirectory(usual)) {
        LimitFiles.usualDevices().forEach(write -> put(usual, write));
      }
    }
    if (layout.mode() == CgroupLayout.Mode.V2) {
      Path root = layout.unified().orElseThrow();
      delegate(root);
      makeDirectory(root.resolve(parent));
      delegate(root.resolve(parent));
    }
  }

  private void delegateDownTo(Path relative) {
    Path group = layout.unified().orElseThrow();
    delegate(group);
    for (Path name : relative) {
      group = group.resolve(name);
      delegate(group);
    }
  }

  /** Lets the children of a v2 group have limits of their own. */
  private static void delegate(Path group) {
    Set<String> available = words(group.resolve("cgroup.controllers"));
    Set<String> enabled = words(group.resolve("cgroup.subtree_control"));
    List<String> missing =
        available.stream()
            .filter(V2_CONTROLLERS::contains)
            .filter(controller -> !enabled.contains(controller))
            .sorted()
            .map(controller -> "+" + controller)
            .toList();
    if (!missing.isEmpty()) {
      put(group.resolve("cgroup.subtree_control"), String.join(" ", missing));
    }
  }

  /**
   * @param resources limits of all its containers together; where there is none, it has no group of
   *     its own
   */
  public void createSandbox(String sandboxId, @Nullable Resources resources) {
    if (resources == null || (!parent.isEmpty() && isUnlimited(resources))) {
      return;
    }
    if (fresh.remove(sandboxId)) {
      preparedRoots().forEach(root -> GroupFiles.remove(first(root, sandboxId)));
    }
    limited.add(sandboxId);
    for (Path root : roots(resources)) {
      makeDirectory(root.resolve(parent).resolve(sandboxId));
    }
    if (layout.mode() == CgroupLayout.Mode.V2) {
      delegateDownTo(Path.of(parent).resolve(sandboxId));
    }
    limit(sandboxId, resources);
  }

  private static boolean isUnlimited(Resources resources) {
    return LimitFiles.v1(resources).isEmpty() && resources.unified().isEmpty();
  }

  private Path first(Path root, String sandboxId) {
    return root.resolve(parent).resolve(sandboxId + OF + FIRST);
  }

  /**
   * @return as {@link #joinFiles}
   */
  public List<Path> create(String sandboxId, String containerId, Resources resources) {
    String relative = relative(sandboxId, containerId);
    Set<Path> prepared = fresh.remove(sandboxId) ? preparedRoots() : Set.of();
    for (Path root : roots(resources)) {
      Path group = root.resolve(parent).resolve(relative);
      if (prepared.contains(root)) {
        rename(first(root, sandboxId), group);
      } else {
        makeDirectory(group);
      }
    }
    limit(relative, resources);
    makeDeviceGroup(relative, resources);
    guardDevices(relative, resources);
    return joinFiles(sandboxId, containerId, resources);
  }

  /**
   * The files that a process of one thread writes its pid to, to join; one a hierarchy. Pure: they
   * need not be there yet.
   */
  public List<Path> joinFiles(String sandboxId, String containerId, Resources resources) {
    String relative = relative(sandboxId, containerId);
    List<Path> files = new ArrayList<>();
    for (Path root : roots(resources)) {
      files.add(joinFile(root, root.resolve(parent).resolve(relative)));
    }
    deviceGroup(relative, resources).map(group -> group.resolve("tasks")).ifPresent(files::add);
    return files;
  }

  /**
   * With v1 the thread's file: a process that moves its only thread spares the kernel the wait
   * until no process is just being made anywhere (a grace period of RCU). v2 has no such short cut.
   */
  private Path joinFile(Path root, Path group) {
    boolean unified = layout.unified().filter(root::equals).isPresent();
    return group.resolve(unified ? "cgroup.procs" : "tasks");
  }

  // --- making ahead

  /** Whether groups can be made before their names are known: those of v1 can be renamed. */
  public boolean canPrepare() {
    return !preparedRoots().isEmpty();
  }

  private Set<Path> preparedRoots() {
    return layout.mode() == CgroupLayout.Mode.V2 ? Set.of() : v1Roots(ALWAYS);
  }

  /** Makes most groups of a sandbox's first container. */
  public void prepareSandbox(String name) {
    for (Path root : preparedRoots()) {
      makeDirectory(root.resolve(parent).resolve(name));
    }
  }

  /** Before {@link #createSandbox}. */
  public void takePrepared(String name, String sandboxId) {
    for (Path root : preparedRoots()) {
      rename(root.resolve(parent).resolve(name), first(root, sandboxId));
    }
    fresh.add(sandboxId);
  }

  /** Roots of the hierarchies that a group with these limits is made in. */
  private Set<Path> roots(Resources resources) {
    Set<Path> roots = new LinkedHashSet<>();
    layout.unified().ifPresent(roots::add);
    if (layout.mode() == CgroupLayout.Mode.V2) {
      return roots;
    }
    Set<String> controllers = new HashSet<>(ALWAYS);
    if (layout.unified().isEmpty()) {
      controllers.add("freezer");
    }
    LimitFiles.v1(resources).forEach(write -> controllers.add(write.controller()));
    roots.addAll(v1Roots(controllers));
    return roots;
  }

  private Set<Path> v1Roots(Set<String> controllers) {
    Set<Path> roots = new LinkedHashSet<>();
    for (String controller : new TreeSet<>(controllers)) {
      Path root = layout.v1().get(controller);
      if (root != null) {
        roots.add(root);
      }
    }
    return roots;
  }

  private void limit(String relative, Resources resources) {
    List<LimitFiles.Write> unified = unifiedWrites(resources);
    if (!unified.isEmpty()) {
      if (layout.mode() != CgroupLayout.Mode.V2) {
        Path above = Path.of(parent).resolve(relative).getParent();
        delegateDownTo(above == null ? Path.of("") : above);
      }
      Path group = layout.unified().orElseThrow().resolve(parent).resolve(relative);
      unified.forEach(write -> put(group, write));
    }
    for (LimitFiles.Write write : v1Writes(resources)) {
      Path root = layout.v1().get(write.controller());
      if (root == null) {
        throw new RuntimeFailure(
            Reason.KERNEL, "this host has no " + write.controller() + " cgroup controller");
      }
      if (write.controller().equals("cpuset")) {
        fillCpuset(root, relative);
      }
      put(root.resolve(parent).resolve(relative), write);
    }
  }

  /** All with v2 alone; on a hybrid host those whose controllers are there. */
  private List<LimitFiles.Write> unifiedWrites(Resources resources) {
    if (layout.mode() == CgroupLayout.Mode.V2) {
      LimitFiles.unknownToV2(resources)
          .ifPresent(
              what -> {
                throw new RuntimeFailure(
                    Reason.INVALID, "linux.resources: cgroup v2 has no " + what + "; leave it out");
              });
      return LimitFiles.v2(resources);
    }
    Set<String> wanted = new HashSet<>();
    LimitFiles.v1(resources).forEach(write -> wanted.add(write.controller()));
    wanted.removeIf(layout.v1()::containsKey);
    if (wanted.isEmpty() && resources.unified().isEmpty()) {
      return List.of();
    }
    Set<String> there = unifiedControllers();
    LimitFiles.unified(resources).forEach(write -> requireUnified(write, there));
    return LimitFiles.v2(resources).stream()
        .filter(
            write ->
                resources.unified().containsKey(write.file())
                    || (wanted.contains(write.controller()) && there.contains(write.controller())))
        .toList();
  }

  private static void requireUnified(LimitFiles.Write write, Set<String> controllers) {
    if (!write.controller().equals("cgroup") && !controllers.contains(write.controller())) {
      throw new RuntimeFailure(
          Reason.INVALID,
          "linux.resources.unified: "
              + write.file()
              + ": this host has no "
              + write.controller()
              + " controller of cgroup v2");
    }
  }

  private List<LimitFiles.Write> v1Writes(Resources resources) {
    if (layout.mode() == CgroupLayout.Mode.V2) {
      return List.of();
    }
    List<LimitFiles.Write> writes = LimitFiles.v1(resources);
    if (writes.stream().allMatch(write -> layout.v1().containsKey(write.controller()))) {
      return writes;
    }
    Set<String> unified = unifiedControllers();
    return writes.stream()
        .filter(
            write ->
                layout.v1().containsKey(write.controller())
                    || !unified.contains(write.controller()))
        .toList();
  }

  private Set<String> unifiedControllers() {
    return layout.unified().map(root -> words(root.resolve("cgroup.controllers"))).orElse(Set.of());
  }

  /** A new v1 cpuset is empty, and so is what its parents allow. */
  private void fillCpuset(Path root, String relative) {
    Path from = root;
    for (Path name : Path.of(parent).resolve(relative)) {
      Path to = from.resolve(name);
      for (String file : List.of("cpuset.cpus", "cpuset.mems")) {
        if (read(to.resolve(file)).isEmpty()) {
          put(to.resolve(file), read(from.resolve(file)));
        }
      }
      from = to;
    }
  }

  private Optional<Path> deviceGroup(String relative, Resources resources) {
    Path root = layout.v1().get("devices");
    if (root == null) {
      return Optional.empty();
    }
    return switch (LimitFiles.devices(resources)) {
      case LimitFiles.Devices.All() -> Optional.empty();
      case LimitFiles.Devices.Usual(), LimitFiles.Devices.Listed(var _) ->
          Optional.of(
              root.resolve(parent).resolve(sharesDevices(resources) ? USUAL_DEVICES : relative));
    };
  }

  private boolean sharesDevices(Resources resources) {
    return deviceGroups == DeviceGroups.SHARED
        && LimitFiles.devices(resources) instanceof LimitFiles.Devices.Usual;
  }

  private void makeDeviceGroup(String relative, Resources resources) {
    List<LimitFiles.Write> writes =
        switch (LimitFiles.devices(resources)) {
          case LimitFiles.Devices.All() -> List.of();
          case LimitFiles.Devices.Usual() -> LimitFiles.usualDevices();
          case LimitFiles.Devices.Listed(var listed) -> listed;
        };
    if (!writes.isEmpty() && !sharesDevices(resources)) {
      deviceGroup(relative, resources).ifPresent(group -> fill(group, writes));
    }
  }

  /** With v2 alone, a program decides. */
  private void guardDevices(String relative, Resources resources) {
    if (layout.mode() == CgroupLayout.Mode.V2) {
      Path group = layout.unified().orElseThrow().resolve(parent).resolve(relative);
      DeviceProgram.of(resources).ifPresent(program -> kernel.guardDevices(group, program));
    }
  }

  /** Those of this container that exist. */
  public List<Path> directories(String sandboxId, String containerId) {
    return allRoots().stream()
        .map(root -> group(root, sandboxId, containerId))
        .filter(Files::isDirectory)
        .toList();
  }

  /** What a further process of the container writes to, as in {@link #create}. */
  public List<Path> filesToJoin(String sandboxId, String containerId, Resources resources) {
    List<Path> files = new ArrayList<>();
    for (Path root : allRoots()) {
      Path group = group(root, sandboxId, containerId);
      if (Files.isDirectory(group)) {
        files.add(joinFile(root, group));
      }
    }
    if (sharesDevices(resources)) {
      String relative = relative(sandboxId, containerId);
      deviceGroup(relative, resources).map(group -> group.resolve("tasks")).ifPresent(files::add);
    }
    return files;
  }

  private Set<Path> allRoots() {
    Set<Path> roots = new LinkedHashSet<>();
    layout.unified().ifPresent(roots::add);
    roots.addAll(new TreeSet<>(layout.v1().values()));
    return roots;
  }

  // --- changing

  /** Of a running container. What it had no group for is made, and its processes moved there. */
  public void update(String sandboxId, String containerId, Resources resources) {
    String relative = relative(sandboxId, containerId);
    List<Integer> processes = processes(sandboxId, containerId);
    for (Path root : roots(resources)) {
      Path group = root.resolve(parent).resolve(relative);
      boolean fresh = makeDirectory(group);
      if (fresh) {
        if (root.equals(layout.v1().get("cpuset"))) {
          fillCpuset(root, relative);
        }
        processes.forEach(pid -> move(pid, group));
      }
    }
    try {
      limit(relative, resources);
    } catch (RuntimeFailure e) {
      limitInTheOtherOrder(relative, resources, e);
    }
    if (!resources.devices().isEmpty()) {
      guardDevices(relative, resources);
    }
  }

  private void limitInTheOtherOrder(String relative, Resources resources, RuntimeFailure first) {
    List<LimitFiles.Write> sooner =
        LimitFiles.firstWhenRaised(resources).stream()
            .filter(write -> layout.v1().containsKey(write.controller()))
            .toList();
    if (sooner.isEmpty()) {
      throw first;
    }
    for (LimitFiles.Write write : sooner) {
      Path root = Objects.requireNonNull(layout.v1().get(write.controller()));
      put(root.resolve(parent).resolve(relative), write);
    }
    limit(relative, resources);
  }

  private static void move(int pid, Path group) {
    try {
      Files.writeString(group.resolve("cgroup.procs"), Integer.toString(pid));
    } catch (IOException ended) {
      return; // ESRCH: it has gone meanwhile
    }
  }

  /** Pids of all that is in the container. */
  public List<Integer> processes(String sandboxId, String containerId) {
    return allRoots().stream()
        .map(root -> group(root, sandboxId, containerId))
        .filter(Files::isDirectory)
        .findFirst()
        .map(group -> read(group.resolve("cgroup.procs")))
        .stream()
        .flatMap(String::lines)
        .map(Integer::parseInt)
        .toList();
  }

  /**
   * Kills all that is in it; returns before they are gone. It has no quota of processor time then.
   */
  public void kill(String sandboxId, String containerId) {
    sigkillAll(sandboxId, containerId);
    directories(sandboxId, containerId).forEach(Cgroups::unthrottle);
  }

  private void sigkillAll(String sandboxId, String containerId) {
    Optional<Path> killer =
        layout
            .unified()
            .map(root -> group(root, sandboxId, containerId))
            .map(group -> group.resolve("cgroup.kill"))
            .filter(Files::exists);
    if (killer.isPresent()) {
      put(killer.get(), "1");
      return;
    }
    freeze(sandboxId, containerId);
    processes(sandboxId, containerId).forEach(kernel::sigkill);
    thaw(sandboxId, containerId);
  }

  /**
   * What is killed needs the processor to end: a thousand processes that share a few ms, minutes.
   */
  private static void unthrottle(Path group) {
    for (LimitFiles.Write write : LimitFiles.WITHOUT_QUOTA) {
      if (Files.exists(group.resolve(write.file()))) {
        put(group, write);
      }
    }
  }

  // --- standing still

  public void freeze(String sandboxId, String containerId) {
    freezer(sandboxId, containerId).ifPresent(Freezer::freeze);
  }

  /**
   * Waits until none of its processes runs, wherever in the kernel it was.
   *
   * @throws RuntimeFailure TIMEOUT
   */
  public void awaitFrozen(String sandboxId, String containerId) {
    freezer(sandboxId, containerId)
        .orElseThrow(
            () ->
                new RuntimeFailure(
                    Reason.INVALID,
                    "container " + containerId + " cannot be frozen: no freezer cgroup"))
        .awaitStill();
  }

  public void thaw(String sandboxId, String containerId) {
    freezer(sandboxId, containerId).ifPresent(Freezer::thaw);
  }

  public boolean isFrozen(String sandboxId, String containerId) {
    return freezer(sandboxId, containerId).filter(Freezer::isFrozen).isPresent();
  }

  private Optional<Freezer> freezer(String sandboxId, String containerId) {
    return Freezer.of(directories(sandboxId, containerId));
  }

  // --- looking

  public Optional<Observed.Usage> usage(String sandboxId, String containerId) {
    boolean counted = layout.mode() == CgroupLayout.Mode.V2;
    int processes = counted ? 0 : processes(sandboxId, containerId).size();
    return counts(sandboxId, containerId).read(processes);
  }

  /** How many of its processes the kernel has killed for memory. */
  public long memoryKills(String sandboxId, String containerId) {
    return counts(sandboxId, containerId).memoryKills();
  }

  private GroupUsage counts(String sandboxId, String containerId) {
    return new GroupUsage(
        layout, Path.of(parent).resolve(relative(sandboxId, containerId)).toString());
  }

  // --- removing

  /** A no-op for what is gone. Waits a little for processes that are just ending. */
  public void remove(String sandboxId, String containerId) {
    for (Path root : allRoots()) {
      GroupFiles.remove(group(root, sandboxId, containerId));
    }
  }

  /** When all its containers are. */
  public void removeSandbox(String sandboxId) {
    if (fresh.remove(sandboxId)) {
      preparedRoots().forEach(root -> GroupFiles.remove(first(root, sandboxId)));
    }
    if (limited.contains(sandboxId)) {
      removeOwn(sandboxId);
      limited.remove(sandboxId);
    }
  }

  private void removeOwn(String name) {
    for (Path root : allRoots()) {
      GroupFiles.remove(root.resolve(parent).resolve(name));
    }
  }

  /** What was prepared and not taken. */
  public void removePrepared(String name) {
    removeOwn(name);
  }

  /** All of this instance; when nothing runs in it. */
  public void removeAll() {
    for (Path root : allRoots()) {
      GroupFiles.remove(root.resolve(parent));
    }
  }

  /** Whose groups are there: the containers of each sandbox. */
  public Map<String, Set<String>> all() {
    Map<String, Set<String>> all = new TreeMap<>();
    names()
        .filter(name -> name.contains(OF))
        .map(name -> name.split(OF, 2))
        .forEach(ids -> all.computeIfAbsent(ids[0], _ -> new TreeSet<>()).add(ids[1]));
    for (String sandboxId : limited) {
      Set<String> containers = all.computeIfAbsent(sandboxId, _ -> new TreeSet<>());
      names(sandboxId).forEach(containers::add);
    }
    return all;
  }

  /** What an earlier process prepared for {@link #takePrepared}. */
  public List<String> prepared() {
    return names().filter(name -> name.startsWith(".")).toList();
  }

  private static boolean isSandbox(String name) {
    return !name.contains(OF) && !name.startsWith(".") && !name.equals(USUAL_DEVICES);
  }

  private Stream<String> names() {
    return names("");
  }

  private Stream<String> names(String below) {
    return allRoots().stream()
        .flatMap(root -> children(root.resolve(parent).resolve(below)).stream())
        .map(child -> child.getFileName().toString())
        .distinct();
  }
}
