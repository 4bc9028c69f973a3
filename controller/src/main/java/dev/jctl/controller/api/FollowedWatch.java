package dev.jctl.controller.api;

import dev.jctl.store.CompactedException;
import dev.jctl.store.Watch;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A watch that is answered in {@link Turns}. The thread of its request sleeps until the watch is
 * over, or a bookmark is due.
 */
final class FollowedWatch implements Runnable {
  static final Duration BOOKMARK_INTERVAL = Duration.ofSeconds(20);

  /** How often what is due is looked at while a turn goes on. */
  private static final Duration DUE_INTERVAL = Duration.ofSeconds(1);

  /** How often a turn is cut off again that goes on though the watch is over. */
  private static final Duration CUT_OFF_INTERVAL = Duration.ofMillis(10);

  /** How much of what one watch has to say is said before it is the next one's turn. */
  private static final int BATCHES = 4;

  private static final byte[] NOTHING = {};

  private final Turns turns;
  private final Lines lines;
  private final Streams.Sink sink;
  private final Thread owner = Thread.currentThread();

  /** What comes while its thread is not yet in {@link #follow} waits for that. */
  private final AtomicReference<State> state = new AtomicReference<>(State.AT_WORK);

  private @Nullable Watch watch;
  private long end;
  private long revision;
  private volatile long written = System.nanoTime();
  private volatile boolean cancelled;
  private volatile @Nullable Exception failure;

  /** What changes are to this watcher, and whether it wants bookmarks. */
  record Lines(WatchEvents events, Clock clock, boolean bookmarks) {
    private byte[] of(Watch.Batch batch) {
      if (batch.events().size() == 1) {
        return events.line(batch.events().getFirst(), clock.instant()).orElse(NOTHING);
      }
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      for (Watch.Event event : batch.events()) {
        events.line(event, clock.instant()).ifPresent(all::writeBytes);
      }
      return all.toByteArray();
    }
  }

  private enum State {
    IDLE,
    READY,
    AT_WORK,
    /** Something has come since the turn began. */
    AT_WORK_AND_READY,
    OVER
  }

  /**
   * To be followed by the calling thread.
   *
   * @param revision up to which all is known to the watcher
   */
  FollowedWatch(Turns turns, Lines lines, Streams.Sink sink, long revision) {
    this.turns = turns;
    this.lines = lines;
    this.sink = sink;
    this.revision = revision;
  }

  /** There may be something to take. Never waits. */
  void changed() {
    State before = state.get();
    while (before == State.IDLE || before == State.AT_WORK) {
      State after = before == State.IDLE ? State.READY : State.AT_WORK_AND_READY;
      if (state.compareAndSet(before, after)) {
        if (after == State.READY) {
          turns.add(this);
        }
        return;
      }
      before = state.get();
    }
  }

  /**
   * Returns when the time is over.
   *
   * @param told one that tells {@link #changed}
   * @throws IOException when the peer takes no more
   * @throws CompactedException when the peer was too slow
   */
  void follow(Watch told, Duration time) throws IOException, InterruptedException {
    watch = told;
    end = System.nanoTime() + time.toNanos();
    state.set(State.READY);
    turns.add(this);
    while (state.get() != State.OVER) {
      long left = untilDue();
      if (left <= 0) {
        changed();
      }
      LockSupport.parkNanos(this, left > 0 ? left : DUE_INTERVAL.toNanos());
      if (Thread.interrupted()) {
        cancel();
        throw new InterruptedException();
      }
    }
    switch (failure) {
      case null -> {}
      case IOException e -> throw e;
      case RuntimeException e -> throw e;
      case Exception e -> throw new IllegalStateException(e);
    }
  }

  private long untilDue() {
    long now = System.nanoTime();
    return lines.bookmarks() ? Math.min(end - now, untilBookmark(now)) : end - now;
  }

  private long untilBookmark(long now) {
    return written + BOOKMARK_INTERVAL.toNanos() - now;
  }

  /** Nothing is written any more when this returns. */
  private void cancel() {
    cancelled = true;
    while (!state.compareAndSet(State.IDLE, State.OVER)
        && !state.compareAndSet(State.READY, State.OVER)
        && state.get() != State.OVER) {
      sink.cutOff();
      LockSupport.parkNanos(this, CUT_OFF_INTERVAL.toNanos());
    }
  }

  /** A turn. */
  @Override
  public void run() {
    if (!state.compareAndSet(State.READY, State.AT_WORK)) {
      return; // cancelled
    }
    boolean over;
    try {
      over = take();
    } catch (IOException | InterruptedException | RuntimeException e) {
      failure = e;
      over = true;
    }
    if (over || cancelled) {
      state.set(State.OVER);
      LockSupport.unpark(owner);
    } else if (!state.compareAndSet(State.AT_WORK, State.IDLE)) {
      state.set(State.READY);
      turns.add(this);
    }
  }

  /** Whether that was the last. */
  private boolean take() throws IOException, InterruptedException {
    for (int left = BATCHES; left > 0; left--) {
      Optional<Watch.Batch> batch = Objects.requireNonNull(watch).next(Duration.ZERO);
      if (batch.isEmpty()) {
        return takeWhatIsDue();
      }
      revision = batch.get().revision();
      write(lines.of(batch.get()));
    }
    changed(); // there may be more, which comes after what others wait for
    return takeWhatIsDue();
  }

  private boolean takeWhatIsDue() throws IOException {
    long now = System.nanoTime();
    if (lines.bookmarks() && untilBookmark(now) <= 0) {
      write(lines.events().bookmarks().at(revision));
    }
    return end - now <= 0;
  }

  private void write(byte[] out) throws IOException {
    if (out.length > 0) {
      sink.write(out);
      written = System.nanoTime();
    }
  }
}
