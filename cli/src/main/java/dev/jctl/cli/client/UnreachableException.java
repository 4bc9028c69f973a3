package dev.jctl.cli.client;

import java.io.IOException;
import java.io.Serial;

/** No answer from the server, however long it made sense to try. */
public final class UnreachableException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  public UnreachableException(String message, IOException cause) {
    super(message, cause);
  }
}
