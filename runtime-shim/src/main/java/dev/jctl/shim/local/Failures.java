package dev.jctl.shim.local;

import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.RuntimeFailure.Reason;
import dev.jctl.shim.kernel.Errno;
import dev.jctl.shim.kernel.KernelException;
import java.io.IOException;
import java.io.UncheckedIOException;

/** From what went wrong inside to what the caller is told. */
final class Failures {
  private Failures() {}

  /**
   * @param what with its object, {@code create container c1}
   */
  static RuntimeFailure of(String what, RuntimeException cause) {
    return switch (cause) {
      case RuntimeFailure failure -> failure;
      case KernelException e -> {
        boolean full = e.is(Errno.ENOSPC) || e.is(Errno.EDQUOT);
        yield new RuntimeFailure(
            full ? Reason.NO_SPACE : Reason.KERNEL, what + ": " + e.getMessage(), e);
      }
      case UncheckedIOException e -> of(what, new IOException(e.getMessage(), e));
      default -> new RuntimeFailure(Reason.KERNEL, what + ": " + cause, cause);
    };
  }

  static RuntimeFailure of(String what, IOException cause) {
    return RecordFiles.failure(what, cause);
  }

  static RuntimeFailure notFound(String kind, String id) {
    return new RuntimeFailure(Reason.NOT_FOUND, "no " + kind + " " + id);
  }
}
