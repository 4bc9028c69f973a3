package dev.jctl.shim.exec;

import dev.jctl.shim.kernel.Kernel;
import dev.jctl.shim.plan.LaunchPlanner;
import dev.jctl.shim.spec.OciSpec;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The root of a container that has no mount namespace of its own: mounted on itself, so that all
 * that is mounted in it goes with it.
 */
final class SharedRoot {
  private static final int CLONE_FS = 0x200;
  private static final int CLONE_NEWNS = 0x20000;

  private SharedRoot() {}

  /** A no-op for one that has. */
  static void mount(Machinery machinery, OciSpec oci) {
    String root = oci.root().path();
    there(
        machinery,
        oci,
        () -> {
          Kernel.mount(root, root, "", Kernel.MS_BIND | Kernel.MS_REC, "");
          Kernel.mount("", root, "", Kernel.MS_PRIVATE | Kernel.MS_REC, "");
        });
  }

  /** The same; nothing is left to do in a namespace that is gone. */
  static void unmount(Machinery machinery, OciSpec oci) {
    boolean gone =
        LaunchPlanner.mountNamespace(oci).filter(path -> !Files.exists(Path.of(path))).isPresent();
    if (!gone) {
      there(machinery, oci, () -> RootMounts.detach(Path.of(oci.root().path())));
    }
  }

  private static void there(Machinery machinery, OciSpec oci, Runnable work) {
    if (LaunchPlanner.ownsMounts(oci)) {
      return;
    }
    LaunchPlanner.mountNamespace(oci)
        .ifPresentOrElse(
            path ->
                machinery
                    .launches()
                    .run(
                        "root " + oci.root().path(),
                        () -> {
                          enter(path);
                          work.run();
                        }),
            work);
  }

  private static void enter(String path) {
    int namespace = Kernel.open(path, Kernel.O_RDONLY, 0);
    try {
      // a thread shares root and working directory with the others, which setns does not allow
      Kernel.unshare(CLONE_FS);
      Kernel.setns(namespace, CLONE_NEWNS, "mount namespace of " + path);
    } finally {
      Kernel.close(namespace);
    }
  }
}
