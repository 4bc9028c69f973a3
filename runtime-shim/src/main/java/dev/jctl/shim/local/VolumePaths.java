package dev.jctl.shim.local;

import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.RuntimeFailure.Reason;
import dev.jctl.shim.exec.Launcher.Access;
import dev.jctl.shim.exec.Launcher.Content;
import dev.jctl.shim.exec.Launcher.ResolvedVolume;
import dev.jctl.shim.kernel.DirectoryFd;
import dev.jctl.shim.kernel.Errno;
import dev.jctl.shim.kernel.Kernel;
import dev.jctl.shim.kernel.KernelException;
import dev.jctl.shim.spec.ContainerSpec.Manner;
import dev.jctl.shim.spec.ContainerSpec.Propagation;
import dev.jctl.shim.spec.ContainerSpec.Source;
import dev.jctl.shim.spec.ContainerSpec.VolumeMount;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;

/**
 * Host paths of a container's volumes. One below a volume is resolved beneath it and kept open, and
 * named by its descriptor, so that nobody who writes to the volume can swap a link in meanwhile.
 * Open until closed, that is, until they are mounted.
 */
final class VolumePaths implements AutoCloseable {
  private static final int DIRECTORY_MODE = 0755;

  /** Of a mode: permissions, and that what is made inside is of the directory's group. */
  private static final int GIVEN_BITS = 02777;

  private final List<ResolvedVolume> resolved = new ArrayList<>();
  private final List<Integer> descriptors = new ArrayList<>();

  private VolumePaths() {}

  /**
   * Where things are, by their ids.
   *
   * @param volume fails when there is none
   * @param layers what those layers are shown by, lowest first
   */
  record Sources(Function<String, Path> volume, Function<List<String>, List<Path>> layers) {}

  static VolumePaths resolve(List<VolumeMount> mounts, Sources sources) {
    VolumePaths paths = new VolumePaths();
    try {
      for (VolumeMount mount : mounts) {
        Content content =
            switch (mount.source()) {
              case Source.Volume(var id) -> paths.tree(mount, sources.volume().apply(id));
              case Source.HostPath source -> paths.hostPath(mount, source);
              case Source.Image(var layers) ->
                  new Content.Layers(sources.layers().apply(layers), mount.subPath());
            };
        paths.resolved.add(new ResolvedVolume(content, mount.destination(), access(mount)));
      }
      return paths;
    } catch (RuntimeException e) {
      paths.close();
      throw e;
    }
  }

  private static Access access(VolumeMount mount) {
    Manner manner = mount.manner();
    return new Access(
        mount.readOnly(),
        manner.readOnlyBeneath(),
        Objects.requireNonNullElse(manner.propagation(), Propagation.NONE));
  }

  private Content tree(VolumeMount mount, Path source) {
    if (!Files.exists(source)) {
      throw new RuntimeFailure(
          Reason.NOT_FOUND, source + " for " + mount.destination() + " does not exist");
    }
    return new Content.Tree(
        mount.subPath().isEmpty()
            ? source
            : beneath(source, mount.subPath(), HostPathKind.ANY, mode(source)));
  }

  /** For who may write to a volume, what is made in it is to write to as well: so does kubelet. */
  private static int mode(Path volume) {
    try {
      return (int) Files.getAttribute(volume, "unix:mode") & GIVEN_BITS;
    } catch (IOException e) {
      throw Failures.of("look at " + volume, e);
    }
  }

  private Content hostPath(VolumeMount mount, Source.HostPath asked) {
    HostPathKind kind = HostPathKind.of(asked.kind());
    Path source = Path.of(asked.path());
    if (mount.subPath().isEmpty()) {
      kind.provide(source);
      kind.check(source, source);
      return new Content.Tree(source);
    }
    HostPathKind.ANY.check(source, source);
    Path beneath = beneath(source, mount.subPath(), kind, DIRECTORY_MODE);
    kind.check(beneath, source.resolve(mount.subPath()));
    return new Content.Tree(beneath);
  }

  private Path beneath(Path source, String subPath, HostPathKind kind, int mode) {
    try (DirectoryFd root = DirectoryFd.open(source.toString())) {
      kind.provideBeneath(root.fd(), subPath);
      int fd = kind.makesDirectories() ? open(root, subPath, mode) : openBeneath(root, subPath);
      descriptors.add(fd);
      return Path.of("/proc", Long.toString(ProcessHandle.current().pid()), "fd", "" + fd);
    } catch (KernelException e) {
      String why =
          e.is(Errno.EXDEV)
              ? "leads out of the volume, by .. or a symbolic link; name what is beneath it"
              : e.getMessage();
      throw new RuntimeFailure(
          Reason.INVALID, "subPath " + subPath + " of " + source + ": " + why, e);
    }
  }

  /** As kubelet does, missing directories are made. */
  private static int open(DirectoryFd root, String subPath, int mode) {
    try {
      return openBeneath(root, subPath);
    } catch (KernelException e) {
      if (!e.is(Errno.ENOENT)) {
        throw e;
      }
    }
    StringBuilder path = new StringBuilder();
    for (String name : subPath.split("/", -1)) {
      String parent = path.isEmpty() ? "." : path.toString();
      path.append(path.isEmpty() ? "" : "/").append(name);
      makeDirectory(root, parent, name, mode);
    }
    return openBeneath(root, subPath);
  }

  private static void makeDirectory(DirectoryFd root, String parent, String name, int mode) {
    try (DirectoryFd directory = root.descend(parent)) {
      directory.makeDirectory(name, mode);
      giveMode(directory, name, mode);
    } catch (KernelException e) {
      if (!e.is(Errno.EEXIST)) {
        throw e;
      }
    }
  }

  /** Whatever the umask has taken of it. By descriptor: a container may have put a link there. */
  private static void giveMode(DirectoryFd parent, String name, int mode) {
    try (DirectoryFd made = parent.descend(name)) {
      made.changeMode(".", mode);
    }
  }

  private static int openBeneath(DirectoryFd root, String subPath) {
    return Kernel.openat2(root.fd(), subPath, Kernel.O_PATH, 0, Kernel.RESOLVE_BENEATH);
  }

  List<ResolvedVolume> resolved() {
    return List.copyOf(resolved);
  }

  /**
   * Where a destination ends up below a root file system, after symbolic links; itself when that
   * cannot be seen from outside, as when it is inside another volume.
   */
  static String mountPoint(Path rootfs, String destination) {
    try (DirectoryFd root = DirectoryFd.open(rootfs.toString())) {
      String relative = destination.replaceFirst("^/+", "");
      int fd =
          Kernel.openat2(
              root.fd(),
              relative.isEmpty() ? "." : relative,
              Kernel.O_PATH,
              0,
              Kernel.RESOLVE_IN_ROOT);
      try {
        Path seen = Files.readSymbolicLink(Path.of("/proc/self/fd", Integer.toString(fd)));
        Path real = rootfs.toRealPath();
        return seen.startsWith(real) ? "/" + real.relativize(seen) : destination;
      } finally {
        Kernel.close(fd);
      }
    } catch (KernelException | IOException e) {
      return destination;
    }
  }

  @Override
  public void close() {
    descriptors.forEach(Kernel::close);
    descriptors.clear();
  }
}
