package dev.jctl.shim;

import java.io.Serial;

/**
 * A request that the runtime could not carry out. The message says what failed, on which object,
 * and why.
 */
public final class RuntimeFailure extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  /** Stable words that planners may decide on. */
  public enum Reason {
    NOT_FOUND,
    ALREADY_EXISTS,
    INVALID,
    COMMAND_NOT_FOUND,
    COMMAND_NOT_EXECUTABLE,
    PORT_TAKEN,
    SUBNET_TAKEN,
    IN_USE,
    NO_SPACE,
    NOT_RUNNING,
    /** A hostile or damaged layer. */
    BAD_LAYER,
    TIMEOUT,
    /** This kernel cannot do it, or not yet; the message says what it lacks. */
    UNSUPPORTED,
    /** The kernel refused; the message names the call, its object and errno. */
    KERNEL,
    /** The runtime's process cannot be reached; try again. */
    UNAVAILABLE
  }

  private final Reason reason;

  public RuntimeFailure(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  public RuntimeFailure(Reason reason, String message, Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  public Reason reason() {
    return reason;
  }
}
