package dev.jctl.controller.merge;

import java.io.Serial;

/** A patch that is malformed, or does not fit the object. */
public final class PatchException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  public PatchException(String message) {
    super(message);
  }
}
