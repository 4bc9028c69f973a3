package dev.jctl.controller.testing;

import dev.jctl.store.Watch;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** What watches of the store tell. */
public final class Watched {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private Watched() {}

  /** At least the next {@code count} events, of as many batches as they come in. */
  public static List<Watch.Event> next(Watch watch, int count) throws InterruptedException {
    List<Watch.Event> events = new ArrayList<>();
    while (events.size() < count) {
      events.addAll(watch.next(PATIENCE).orElseThrow().events());
    }
    return events;
  }
}
