package dev.jctl.controller.sops;

import java.io.Serial;

/** A file that cannot be decrypted, or is not as it was encrypted. Names the file. */
public final class DecryptionException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  public DecryptionException(String message) {
    super(message);
  }

  DecryptionException(String message, Throwable cause) {
    super(message, cause);
  }
}
