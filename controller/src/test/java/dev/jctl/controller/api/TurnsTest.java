package dev.jctl.controller.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class TurnsTest {
  private final Turns turns = new Turns();

  @Test
  void whatIsAddedFromManyThreadsIsDoneOnceEach() throws Exception {
    int each = 2000;
    CountDownLatch done = new CountDownLatch(4 * each);
    List<Thread> adding = new ArrayList<>();
    for (int thread = 0; thread < 4; thread++) {
      adding.add(
          Thread.ofVirtual()
              .start(
                  () -> {
                    for (int i = 0; i < each; i++) {
                      turns.add(done::countDown);
                    }
                  }));
    }
    for (Thread thread : adding) {
      thread.join();
    }
    done.await();
    CompletableFuture<Boolean> afterPause = new CompletableFuture<>();
    turns.add(() -> afterPause.complete(true));
    assertThat(afterPause.get()).isTrue();
  }

  @Test
  void othersDoNotWaitForThoseThatTakeLong() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    CountDownLatch ended = new CountDownLatch(3);
    for (int i = 0; i < 3; i++) {
      turns.add(
          () -> {
            awaitForever(release);
            ended.countDown();
          });
      CompletableFuture<Boolean> other = new CompletableFuture<>();
      turns.add(() -> other.complete(true));
      assertThat(other.get()).isTrue();
    }
    assertThat(ended.getCount()).isEqualTo(3);
    release.countDown();
    ended.await();
  }

  /** As when a peer is cut off in the midst of it. */
  @Test
  void anInterruptIsForOneTurn() throws Exception {
    CompletableFuture<Boolean> next = new CompletableFuture<>();
    turns.add(
        () -> {
          Thread.currentThread().interrupt();
          turns.add(() -> next.complete(Thread.currentThread().isInterrupted()));
        });
    assertThat(next.get()).isFalse();
  }

  private static void awaitForever(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
