package dev.jctl.shim.local;

import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.RuntimeFailure.Reason;
import dev.jctl.shim.kernel.DirectoryFd;
import dev.jctl.shim.kernel.Errno;
import dev.jctl.shim.kernel.Kernel;
import dev.jctl.shim.kernel.KernelException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A tree of files in which a group may read, or write as well, as kubelet does for fsGroup:
 * everything belongs to it, and directories are {@code g+s}, so that what is made later does too.
 * Containers may change the tree meanwhile: each entry is held before it is looked at, no link is
 * followed, and nothing that is mounted beneath is touched.
 */
final class SharedTree {
  static final int SETGID = 02000;

  /** What the group may do. */
  enum Rights {
    READ(02550, 0440),
    WRITE(02770, 0660);

    final int directory;
    final int file;

    Rights(int directory, int file) {
      this.directory = directory;
      this.file = file;
    }
  }

  /** Deeper ones are no content but an attack on whoever walks. */
  private static final int MOST_DEPTH = 200;

  private static final long CONFINED =
      Kernel.RESOLVE_BENEATH | Kernel.RESOLVE_NO_SYMLINKS | Kernel.RESOLVE_NO_XDEV;

  private final Path root;
  private final int gid;
  private final Rights rights;

  SharedTree(Path root, int gid, Rights rights) {
    this.root = root;
    this.gid = gid;
    this.rights = rights;
  }

  /**
   * The directory itself comes last: where it is as it should be, all is.
   *
   * @param onlyIfRootDiffers then nothing else is looked at
   */
  void share(boolean onlyIfRootDiffers) throws IOException {
    int mode = (int) Files.getAttribute(root, "unix:mode");
    boolean done =
        Files.getAttribute(root, "unix:gid").equals(gid)
            && (mode & rights.directory) == rights.directory;
    if (onlyIfRootDiffers && done) {
      return;
    }
    try (DirectoryFd directory = DirectoryFd.open(root.toString())) {
      shareEntries(directory, 0);
    }
    give(root);
  }

  private void shareEntries(DirectoryFd directory, int depth) throws IOException {
    if (depth > MOST_DEPTH) {
      throw new RuntimeFailure(
          Reason.INVALID,
          "%s has directories more than %d deep; remove them, or leave out fsGroup"
              .formatted(root, MOST_DEPTH));
    }
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(path(directory.fd()))) {
      for (Path entry : entries) {
        shareEntry(directory, entry.getFileName().toString(), depth);
      }
    }
  }

  private void shareEntry(DirectoryFd directory, String name, int depth) throws IOException {
    int fd;
    try {
      fd = Kernel.openat2(directory.fd(), name, Kernel.O_PATH | Kernel.O_NOFOLLOW, 0, CONFINED);
    } catch (KernelException e) {
      if (e.is(Errno.ENOENT) || e.is(Errno.EXDEV)) {
        return; // gone meanwhile, or something is mounted there
      }
      throw e;
    }
    try {
      Path held = path(fd);
      if (Files.isDirectory(held)) {
        try (DirectoryFd below = DirectoryFd.open(held.toString())) {
          shareEntries(below, depth + 1);
        }
      }
      // of a link only itself, which nobody's access depends on
      if (!isLink(held)) {
        give(held);
      }
    } finally {
      Kernel.close(fd);
    }
  }

  private static boolean isLink(Path held) throws IOException {
    return ((int) Files.getAttribute(held, "unix:mode") & 0170000) == 0120000;
  }

  private void give(Path held) throws IOException {
    int mode = (int) Files.getAttribute(held, "unix:mode");
    int wanted = (mode & 07777) | (Files.isDirectory(held) ? rights.directory : rights.file);
    if (!Files.getAttribute(held, "unix:gid").equals(gid)) {
      Files.setAttribute(held, "unix:gid", gid);
      mode = 0; // it takes away set-user-ID, chown(2)
    }
    if ((mode & 07777) != wanted) {
      Files.setAttribute(held, "unix:mode", wanted);
    }
  }

  private static Path path(int fd) {
    return Path.of("/proc/self/fd/" + fd);
  }
}
