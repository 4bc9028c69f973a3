package dev.jctl.controller.build;

import java.io.Serial;

/** A build that cannot be done, as its Image's condition says it. */
public final class BuildFailure extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  static final String BASE_IMAGE = "BaseImageFailed";
  static final String NO_SECRET = "NoSecret";

  private final String reason;

  /**
   * @param reason one word, for the condition
   */
  BuildFailure(String reason, String message) {
    super(message);
    this.reason = reason;
  }

  public String reason() {
    return reason;
  }

  /** Whether something that others make is missing: it may be there later. */
  static boolean mayPass(String reason) {
    return reason.equals(BASE_IMAGE) || reason.equals(NO_SECRET);
  }
}
