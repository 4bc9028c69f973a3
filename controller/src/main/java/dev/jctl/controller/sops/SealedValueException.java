package dev.jctl.controller.sops;

import java.io.Serial;
import java.security.GeneralSecurityException;

/** One value of a file does not open. */
final class SealedValueException extends GeneralSecurityException {
  @Serial private static final long serialVersionUID = 1L;

  private final String value;

  /** {@code value}: as it is in the file. */
  SealedValueException(String value, Exception cause) {
    super(String.valueOf(cause.getMessage()), cause);
    this.value = value;
  }

  String value() {
    return value;
  }
}
