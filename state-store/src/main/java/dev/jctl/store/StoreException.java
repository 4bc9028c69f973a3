package dev.jctl.store;

import java.io.Serial;

/**
 * The store cannot be opened, read or written: damage, an unknown format version, a full disk, a
 * lock held by another.
 */
public final class StoreException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  public StoreException(String message) {
    super(message);
  }

  public StoreException(String message, Throwable cause) {
    super(message, cause);
  }
}
