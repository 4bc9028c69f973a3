package dev.jctl.shim.layer;

import dev.jctl.shim.kernel.DirectoryFd;
import dev.jctl.shim.kernel.FileAttributes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;

/**
 * How a layer on disk says what it hides of those below.
 *
 * @see <a href="https://docs.kernel.org/filesystems/overlayfs.html">overlayfs, "whiteouts and
 *     opaque directories"</a>
 */
final class OverlaySigns {
  static final String OPAQUE = "trusted.overlay.opaque";

  private OverlaySigns() {}

  /** Of a directory itself: nothing that layers below have in it is seen. */
  static boolean isOpaque(DirectoryFd directory) {
    byte[] opaque = FileAttributes.of("/proc/self/fd/" + directory.fd() + "/.").get(OPAQUE);
    return opaque != null && isYes(opaque);
  }

  /** "x" is said of directories, too, and of something else. */
  static boolean isYes(byte[] opaque) {
    return opaque.length > 0 && opaque[0] == 'y';
  }

  /** Whether there is a whiteout of that name. */
  static boolean isWhiteout(Path place) throws IOException {
    try {
      return isWhiteout(Files.readAttributes(place, "unix:mode,rdev", LinkOption.NOFOLLOW_LINKS));
    } catch (NoSuchFileException nothing) {
      return false;
    }
  }

  /**
   * @param stat with {@code mode} and {@code rdev} of the view "unix"
   */
  static boolean isWhiteout(Map<String, Object> stat) {
    return stat.get("mode") instanceof Integer mode
        && (mode & LayerReader.TYPE_MASK) == LayerReader.CHARACTER_DEVICE
        && stat.get("rdev") instanceof Long device
        && device == 0;
  }
}
