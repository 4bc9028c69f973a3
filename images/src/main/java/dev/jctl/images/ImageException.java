package dev.jctl.images;

import java.io.Serial;

/**
 * An image that cannot be had or used. The message names the reference or path, the blob and the
 * entry, and why.
 */
public final class ImageException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  /** Stable words for conditions. */
  public enum Reason {
    NOT_FOUND,
    INVALID_REFERENCE,
    UNAUTHORIZED,
    UNREACHABLE,
    DIGEST_MISMATCH,
    /** The disk has changed it since it was written: it was removed, and can be brought again. */
    DAMAGED,
    CORRUPT,
    UNSUPPORTED,
    PLATFORM_MISMATCH,
    HOSTILE_LAYER,
    NO_SPACE,
    /** The registries' configuration cannot be used. */
    BAD_CONFIGURATION,
    /** The registries' configuration forbids it. */
    BLOCKED,
    /** It has not the signature that the policy requires. */
    UNTRUSTED,
    IO
  }

  private final Reason reason;

  public ImageException(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  public ImageException(Reason reason, String message, Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  public Reason reason() {
    return reason;
  }
}
