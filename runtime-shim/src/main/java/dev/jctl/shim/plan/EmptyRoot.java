package dev.jctl.shim.plan;

import static dev.jctl.shim.plan.Argument.number;
import static dev.jctl.shim.plan.ProgramBuilder.AT_FDCWD;

import dev.jctl.shim.plan.Argument.Number;
import dev.jctl.shim.plan.Argument.Result;
import dev.jctl.shim.plan.Argument.Text;
import dev.jctl.shim.plan.ProgramBuilder.Open;
import dev.jctl.shim.spec.OciSpec;
import java.util.Optional;

/**
 * A mount namespace that has nothing in it but an empty root, as the beginning of a container's: a
 * new one that is made in the host's is a copy of all its mounts, which takes as long as the rest
 * of a start when there are some hundreds.
 *
 * <p>What the container needs of the host is cloned while its paths can be seen. The root file
 * system is mounted over the empty root, as an initramfs does it; so there is nothing to be
 * detached afterwards, and what is below is out of reach, and empty.
 */
public final class EmptyRoot {
  /** The null device in an empty root, which covers files. */
  public static final String NULL_DEVICE = "/null";

  /** An empty directory in it, which covers directories. */
  public static final String NOTHING_IN_IT = "/empty";

  /** A directory in it, with a directory for each v1 hierarchy that is to be mounted on it. */
  public static final String CGROUPS = "/cgroup";

  private static final Text NOTHING = new Text("");
  private static final Number NEW_MOUNTS = new Number(0x00020000L, "CLONE_NEWNS");

  private EmptyRoot() {}

  /**
   * Whether a process begins in the host's mounts and leaves them for an empty root. One that is
   * the root of new users may not; one that hears of the host's later mounts must have been there.
   */
  static boolean isLeftFor(OciSpec oci, LaunchContext context) {
    return context.emptyRoot()
        && LaunchPlanner.ownsMounts(oci)
        && oci.linux().rootfsPropagation() == null
        && oci.linux().namespaces().stream()
            .noneMatch(n -> n.type().equals("user") && n.path() == null)
        && oci.mounts().stream().noneMatch(MountOptions::isSlave);
  }

  /** Leaves the host's mounts for that root and nothing else. */
  static void stayIn(ProgramBuilder program, LaunchContext context) {
    Number empty = number(context.emptyRootDescriptor());
    program.add("join an empty mount namespace", "setns", empty, NEW_MOUNTS);
  }

  /** The directory in {@link #CGROUPS} of a v1 hierarchy, by its mount data. */
  public static String hierarchyName(String hierarchy) {
    return hierarchy.replace("name=", "");
  }

  /** Leaves the host's mounts, and returns what of the empty root containers have in common. */
  static RootSteps.Shared enter(ProgramBuilder program, LaunchContext context, OciSpec oci) {
    stayIn(program, context);
    program.add("make a mount namespace", "unshare", NEW_MOUNTS);
    boolean showsHierarchies =
        !context.cgroupHierarchies().isEmpty()
            && oci.mounts().stream().anyMatch(m -> "cgroup".equals(m.type()));
    return new RootSteps.Shared(
        program.add(ProgramBuilder.openHost(NULL_DEVICE, Open.PATH)),
        Optional.of(program.add(ProgramBuilder.openHost(NOTHING_IN_IT, Open.PATH))),
        showsHierarchies
            ? Optional.of(program.add(ProgramBuilder.openHost(CGROUPS, Open.PATH)))
            : Optional.empty());
  }

  /** Makes that tree the root. */
  static void cover(ProgramBuilder program, Result tree) {
    program.add(
        "mount the root",
        "move_mount",
        tree,
        NOTHING,
        AT_FDCWD,
        new Text("/"),
        new Number(0x4, "MOVE_MOUNT_F_EMPTY_PATH"));
    program.add("chdir to the root", "fchdir", tree);
    RootSteps.changeRootHere(program);
  }
}
