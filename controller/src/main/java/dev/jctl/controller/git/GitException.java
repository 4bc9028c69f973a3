package dev.jctl.controller.git;

import java.io.Serial;

/** A repository that cannot be followed now. */
public final class GitException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  /** Its name is that of a condition's reason. */
  public enum Reason {
    UNREACHABLE("Unreachable"),
    UNAUTHORIZED("Unauthorized"),
    UNKNOWN_HOST_KEY("UnknownHostKey"),
    NO_SUCH_REPOSITORY("NoSuchRepository"),
    NO_SUCH_REF("NoSuchRef"),
    NO_SUCH_PATH("NoSuchPath"),
    TIMED_OUT("TimedOut"),
    TOO_LARGE("TooLarge"),
    BAD_CREDENTIALS("BadCredentials"),
    BAD_CONTENT("BadContent"),
    BAD_KEYS("BadVerificationKeys"),
    UNSIGNED_COMMIT("UnsignedCommit"),
    UNTRUSTED_SIGNATURE("UntrustedSignature"),
    REWRITTEN("RewrittenHistory"),
    PUSH_REFUSED("PushRefused"),
    FAILED("FetchFailed");

    private final String text;

    Reason(String text) {
      this.text = text;
    }

    public String text() {
      return text;
    }
  }

  private final Reason reason;

  public GitException(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  public GitException(Reason reason, String message, Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  public Reason reason() {
    return reason;
  }
}
