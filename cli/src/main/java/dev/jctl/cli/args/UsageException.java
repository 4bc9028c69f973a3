package dev.jctl.cli.args;

import java.io.Serial;

/** What was typed makes no command. */
public final class UsageException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  public UsageException(String message) {
    super(message);
  }
}
