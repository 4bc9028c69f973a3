package dev.jctl.shim.plan;

import dev.jctl.shim.plan.Argument.Number;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/**
 * What makes a process: what the thread joins before, the namespaces it is cloned into, and what it
 * does until its {@code execve}.
 *
 * @param joins in order, by the thread that clones
 * @param namespaces names of the new ones, for {@code clone3}
 * @param group directory of the v2 group that it is cloned into. To join it afterwards, the kernel
 *     waits until no process is just being made anywhere (a grace period of RCU)
 * @param records the last is an {@code execve}, but of a process that only holds namespaces
 * @param mapsUsers the program waits for its id maps and cgroups first, at {@link #MAPS}
 */
public record SyscallProgram(
    List<Join> joins,
    List<String> namespaces,
    Optional<String> group,
    List<SyscallRecord> records,
    boolean mapsUsers) {
  /** Stage: the process is there. */
  public static final int MADE = 1;

  /** Stage: waits until the parent has written id maps. */
  public static final int MAPS = 2;

  /** Stage: all is mounted below what will be the root; waits until hooks have run. */
  public static final int MOUNTED = 3;

  /** Stage: a filter is in force whose listener is to be taken. */
  public static final int FILTERED = 4;

  /** Stage: all is set up; waits to be started. */
  public static final int READY = 5;

  /** A namespace that is joined by the thread: of a process's pidfd when there is no path. */
  public record Join(String type, String path) {}

  public SyscallProgram {
    joins = List.copyOf(joins);
    namespaces = List.copyOf(namespaces);
    records = List.copyOf(records);
  }

  /** The record that gives the descriptor by which a filter asks, seccomp_unotify(2). */
  public OptionalInt listener() {
    return IntStream.range(0, records.size())
        .filter(i -> records.get(i).what().equals(IdentitySteps.INSTALL_FILTER))
        .filter(
            i ->
                records.get(i).arguments().get(1) instanceof Number flags
                    && (flags.value() & SeccompFlags.NEW_LISTENER) != 0)
        .findFirst();
  }

  /** The CLONE_NEW flags of {@link #namespaces}. */
  public long cloneFlags() {
    return namespaces.stream().mapToLong(NamespaceTypes::flag).sum();
  }
}
