package dev.jctl.shim.layer;

import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.RuntimeFailure.Reason;
import dev.jctl.shim.kernel.Errno;
import dev.jctl.shim.kernel.KernelException;
import java.util.List;

/** Pure: whose fault it is when an entry cannot be made, the archive's or the machine's. */
final class EntryFailure {
  /**
   * A way out of the root, through a link or a file; a hard link to nothing or to a directory, or
   * one too many; names, numbers and attributes that Linux does not have.
   */
  private static final List<Errno> OF_THE_ARCHIVE =
      List.of(
          Errno.EXDEV,
          Errno.ELOOP,
          Errno.ENOTDIR,
          Errno.ENOENT,
          Errno.EISDIR,
          Errno.EEXIST,
          Errno.EPERM,
          Errno.EMLINK,
          Errno.ENAMETOOLONG,
          Errno.EINVAL,
          Errno.E2BIG,
          Errno.ERANGE,
          Errno.EOVERFLOW,
          Errno.EFBIG);

  private static final int SHOWN_CHARACTERS = 300;

  private EntryFailure() {}

  static RuntimeFailure of(String path, KernelException e) {
    return new RuntimeFailure(reason(e), message(path, String.valueOf(e.getMessage())), e);
  }

  static RuntimeFailure badLayer(String path, String why) {
    return new RuntimeFailure(Reason.BAD_LAYER, message(path, why));
  }

  /** Names come from strangers; they must not write to a terminal. */
  static String message(String path, String why) {
    return "layer entry %s: %s".formatted(shown(path), shown(why));
  }

  private static String shown(String text) {
    String printable = text.replaceAll("\\p{Cntrl}", "?");
    return printable.length() <= SHOWN_CHARACTERS
        ? printable
        : printable.substring(0, SHOWN_CHARACTERS) + "…";
  }

  private static Reason reason(KernelException e) {
    if (e.is(Errno.ENOSPC) || e.is(Errno.EDQUOT)) {
      return Reason.NO_SPACE;
    }
    return OF_THE_ARCHIVE.stream().anyMatch(e::is) ? Reason.BAD_LAYER : Reason.KERNEL;
  }
}
