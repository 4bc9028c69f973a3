package dev.jctl.store;

import java.io.Serial;

/** The revision asked for has not happened yet. */
public final class FutureRevisionException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  public FutureRevisionException(long asked, long newest) {
    super("revision " + asked + " has not happened; the newest is " + newest);
  }
}
