package dev.jctl.shim.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

final class EntranceTest {
  private static final Duration LONG = Duration.ofSeconds(60);

  private final Entrance entrance = new Entrance();

  @Test
  void nobodyEntersUntilAllThatClosedItHaveOpenedIt() throws InterruptedException {
    entrance.close();
    entrance.close();
    AtomicBoolean entered = new AtomicBoolean();
    Thread entering = start(entrance::enter, entered);
    awaitWaiting(entering);
    entrance.open();
    awaitWaiting(entering);
    assertThat(entered).isFalse();
    entrance.open();
    entering.join();
    assertThat(entered).isTrue();
  }

  @Test
  void whoClosesItWaitsForThoseThatAreEntering() throws InterruptedException {
    entrance.enter();
    AtomicBoolean done = new AtomicBoolean();
    Thread closing = start(entrance::close, done);
    awaitWaiting(closing);
    assertThat(done).isFalse();
    entrance.entered();
    closing.join();
    assertThat(done).isTrue();
  }

  private static Thread start(Runnable what, AtomicBoolean done) {
    return Thread.ofVirtual()
        .start(
            () -> {
              what.run();
              done.set(true);
            });
  }

  private static void awaitWaiting(Thread thread) {
    await().atMost(LONG).until(() -> thread.getState() == Thread.State.WAITING);
  }
}
