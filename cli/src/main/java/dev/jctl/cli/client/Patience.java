package dev.jctl.cli.client;

import java.time.Duration;

/** Whether it makes sense to try again, because the server is about to be there. */
@FunctionalInterface
public interface Patience {
  boolean lasts(Duration waited);

  Patience NONE = waited -> false;
}
