package dev.jctl.shim.local;

import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.RuntimeFailure.Reason;
import dev.jctl.shim.kernel.Kernel;
import dev.jctl.shim.kernel.KernelException;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a path of the machine has to be, or is made: the {@code type} of a Pod's hostPath.
 *
 * @see <a href="https://kubernetes.io/docs/concepts/storage/volumes/#hostpath">hostPath</a>
 */
enum HostPathKind {
  ANY("there", 0),
  DIRECTORY_OR_CREATE("a directory", 0040000),
  DIRECTORY("a directory", 0040000),
  FILE_OR_CREATE("a file", 0100000),
  FILE("a file", 0100000),
  SOCKET("a socket", 0140000),
  CHAR_DEVICE("a character device", 0020000),
  BLOCK_DEVICE("a block device", 0060000);

  private static final int TYPE_BITS = 0170000;
  private static final Set<PosixFilePermission> DIRECTORY_MODE =
      PosixFilePermissions.fromString("rwxr-xr-x");
  private static final int FILE_MODE = 0644;

  private final String words;
  private final int typeBits;

  HostPathKind(String words, int typeBits) {
    this.words = words;
    this.typeBits = typeBits;
  }

  /**
   * @param name as Kubernetes has it
   */
  static HostPathKind of(@Nullable String name) {
    return switch (name == null ? "" : name) {
      case "" -> ANY;
      case "DirectoryOrCreate" -> DIRECTORY_OR_CREATE;
      case "Directory" -> DIRECTORY;
      case "FileOrCreate" -> FILE_OR_CREATE;
      case "File" -> FILE;
      case "Socket" -> SOCKET;
      case "CharDevice" -> CHAR_DEVICE;
      case "BlockDevice" -> BLOCK_DEVICE;
      default -> throw new RuntimeFailure(Reason.INVALID, "hostPath type " + name + " is unknown");
    };
  }

  /** Only directories are made on the way to what is beneath an allowed prefix. */
  boolean makesDirectories() {
    return this == ANY || this == DIRECTORY_OR_CREATE;
  }

  /** Makes what is missing, if it is of a kind that is made. */
  void provide(Path path) {
    try {
      if (this == DIRECTORY_OR_CREATE) {
        Files.createDirectories(path, PosixFilePermissions.asFileAttribute(DIRECTORY_MODE));
      } else if (this == FILE_OR_CREATE) {
        Kernel.close(Kernel.open(path.toString(), Kernel.O_CREAT | Kernel.O_NONBLOCK, FILE_MODE));
      }
    } catch (FileAlreadyExistsException | KernelException other) {
      return; // which the check tells
    } catch (IOException e) {
      throw failure(path, "cannot be made: " + e, e);
    }
  }

  /** The same beneath an allowed prefix. */
  void provideBeneath(int directory, String relative) {
    if (this == FILE_OR_CREATE) {
      try {
        Kernel.close(
            Kernel.openat2(
                directory,
                relative,
                Kernel.O_CREAT | Kernel.O_NONBLOCK,
                FILE_MODE,
                Kernel.RESOLVE_BENEATH));
      } catch (KernelException other) {
        return; // which whoever opens it is told
      }
    }
  }

  /**
   * @param seen where it is found now
   * @param path what to call it
   * @throws RuntimeFailure NOT_FOUND, or INVALID when it is something else
   */
  void check(Path seen, Path path) {
    int mode;
    try {
      mode = (int) Files.getAttribute(seen, "unix:mode");
    } catch (NoSuchFileException e) {
      throw new RuntimeFailure(
          Reason.NOT_FOUND,
          "hostPath " + path + " does not exist; make it, or give it a type that is made",
          e);
    } catch (IOException e) {
      throw failure(path, "cannot be read: " + e, e);
    }
    if (typeBits != 0 && (mode & TYPE_BITS) != typeBits) {
      throw failure(path, "is not " + words + "; name one that is, or leave its type out", null);
    }
  }

  private static RuntimeFailure failure(Path path, String what, @Nullable Exception cause) {
    String message = "hostPath " + path + " " + what;
    return cause == null
        ? new RuntimeFailure(Reason.INVALID, message)
        : new RuntimeFailure(Reason.INVALID, message, cause);
  }
}
