package dev.jctl.shim.local;

import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.RuntimeFailure.Reason;
import dev.jctl.shim.kernel.Pidfd.ExitStatus;
import dev.jctl.shim.plan.Signals;
import dev.jctl.shim.spec.Observed.State;
import java.time.Instant;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** How a container ended, with the codes of shells and the reasons that Kubernetes gives. */
final class Endings {
  private Endings() {}

  /**
   * @param memoryKill whether the kernel killed in it for want of memory; asked only when a kill is
   *     what ended it
   * @param startedAt null when it was not let run
   */
  static State.Exited known(
      ExitStatus status, BooleanSupplier memoryKill, @Nullable Instant startedAt, Instant now) {
    if (startedAt == null) {
      return new State.Exited(
          status.code(), status.signal(), "StartError", "ended before it was started", null, now);
    }
    return new State.Exited(
        status.code(), status.signal(), reason(status, memoryKill), "", startedAt, now);
  }

  private static String reason(ExitStatus status, BooleanSupplier memoryKill) {
    if (status.code() == 128 + Signals.SIGKILL && memoryKill.getAsBoolean()) {
      return "OOMKilled";
    }
    return status.code() == 0 ? "Completed" : "Error";
  }

  static State.Exited unknown(String why, @Nullable Instant startedAt, Instant now) {
    return new State.Exited(-1, 0, "ExitCodeUnknown", why, startedAt, now);
  }

  static State.Exited failedStart(RuntimeFailure failure, Instant now) {
    return new State.Exited(
        code(failure.reason()), 0, "StartError", String.valueOf(failure.getMessage()), null, now);
  }

  private static int code(Reason reason) {
    return switch (reason) {
      case COMMAND_NOT_FOUND -> 127;
      case COMMAND_NOT_EXECUTABLE -> 126;
      default -> 128;
    };
  }
}
