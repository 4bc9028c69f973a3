package dev.jctl.shim.plan;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * What a plan must know of the machine and of this one start.
 *
 * @param volumes trees that the parent has taken hold of, to be mounted after those of the spec
 * @param files sources of the spec's binds that are no directories
 * @param cgroupFiles those that a process writes to, to join its groups: {@code cgroup.procs} of
 *     v2, {@code tasks} of v1
 * @param cgroupHierarchies mount data of the v1 hierarchies that are shown ({@code memory}, {@code
 *     cpu,cpuacct}); empty where there is only cgroup v2
 * @param ownGroups of those hierarchies, by their mount data, the directories that a process sees
 *     which has no cgroup namespace: of its groups
 * @param capabilities bit set of those that may be given at all
 * @param hardLimits of this process by name ({@code RLIMIT_NOFILE}), as far as they cannot be
 *     raised
 * @param syscalls numbers by name, for seccomp filters
 * @param ownedDescriptors those of 0, 1, 2 that are given to the process's user
 * @param terminal path on the host of the terminal that becomes {@code /dev/console}; empty for
 *     none
 * @param preserved number of descriptors from 3 on that the process keeps
 * @param trees mounts of the spec that the parent has made, by their index
 * @param securityModules those of {@code apparmor} and {@code selinux} that are in force
 * @param emptyRoot there is a mount namespace that has nothing but an empty root, to begin with
 * @param init the command is to be the child of a first process that reaps
 */
public record LaunchContext(
    List<HeldTree> volumes,
    Set<String> files,
    List<String> cgroupFiles,
    List<String> cgroupHierarchies,
    Map<String, String> ownGroups,
    long capabilities,
    Map<String, Long> hardLimits,
    Map<String, Integer> syscalls,
    List<Integer> ownedDescriptors,
    String terminal,
    int preserved,
    List<MadeTree> trees,
    Set<String> securityModules,
    boolean emptyRoot,
    boolean init) {
  private static final String UNIFIED = "/cgroup.procs";

  /** What it shows is a directory, or a file to be mounted on one. */
  public record HeldTree(String destination, boolean directory) {}

  /**
   * @param mount index among the spec's mounts
   * @param directory what it shows is one
   */
  public record MadeTree(int mount, boolean directory) {}

  public LaunchContext {
    volumes = List.copyOf(volumes);
    files = Set.copyOf(files);
    cgroupFiles = List.copyOf(cgroupFiles);
    cgroupHierarchies = List.copyOf(cgroupHierarchies);
    ownGroups = Map.copyOf(ownGroups);
    hardLimits = Map.copyOf(hardLimits);
    syscalls = Map.copyOf(syscalls);
    ownedDescriptors = List.copyOf(ownedDescriptors);
    trees = List.copyOf(trees);
    securityModules = Set.copyOf(securityModules);
  }

  /** With no mounts that the parent has made, on a host without security modules. */
  public LaunchContext(
      List<HeldTree> volumes,
      Set<String> files,
      List<String> cgroupFiles,
      List<String> cgroupHierarchies,
      long capabilities,
      Map<String, Long> hardLimits,
      Map<String, Integer> syscalls,
      List<Integer> ownedDescriptors,
      String terminal,
      int preserved) {
    this(
        volumes,
        files,
        cgroupFiles,
        cgroupHierarchies,
        Map.of(),
        capabilities,
        hardLimits,
        syscalls,
        ownedDescriptors,
        terminal,
        preserved,
        List.of(),
        Set.of(),
        false,
        false);
  }

  public LaunchContext withTrees(List<MadeTree> made) {
    return with(made, emptyRoot, init);
  }

  public LaunchContext withEmptyRoot(boolean there) {
    return with(trees, there, init);
  }

  public LaunchContext withInit(boolean wanted) {
    return with(trees, emptyRoot, wanted);
  }

  private LaunchContext with(List<MadeTree> made, boolean withEmptyRoot, boolean withInit) {
    return new LaunchContext(
        volumes,
        files,
        cgroupFiles,
        cgroupHierarchies,
        ownGroups,
        capabilities,
        hardLimits,
        syscalls,
        ownedDescriptors,
        terminal,
        preserved,
        made,
        securityModules,
        withEmptyRoot,
        withInit);
  }

  /** Trees that are given by descriptor: volumes, then mounts of the spec. */
  int givenTrees() {
    return volumes.size() + trees.size();
  }

  /** The descriptor of the tree that the parent has made as that mount of the spec. */
  OptionalInt made(int mount) {
    for (int i = 0; i < trees.size(); i++) {
      if (trees.get(i).mount() == mount) {
        return OptionalInt.of(moreDescriptors() + volumes.size() + i);
      }
    }
    return OptionalInt.empty();
  }

  boolean isDirectory(int mount) {
    return trees.stream().anyMatch(tree -> tree.mount() == mount && tree.directory());
  }

  /** The descriptor that the program waits at, above those of the process. */
  int startDescriptor() {
    return 3 + preserved;
  }

  /** After those of trees. */
  int firstProcessDescriptor() {
    return moreDescriptors() + givenTrees();
  }

  int emptyRootDescriptor() {
    return firstProcessDescriptor() + (init ? 1 : 0);
  }

  /** The first of the descriptors that only some programs have. */
  int moreDescriptors() {
    return startDescriptor() + 1;
  }

  /** The directory of the one group of v2. */
  Optional<String> unifiedGroup() {
    return cgroupFiles.stream()
        .filter(file -> file.endsWith(UNIFIED))
        .map(file -> file.substring(0, file.length() - UNIFIED.length()))
        .findFirst();
  }

  /** Of v1. */
  List<String> threadFiles() {
    return cgroupFiles.stream().filter(file -> !file.endsWith(UNIFIED)).toList();
  }
}
