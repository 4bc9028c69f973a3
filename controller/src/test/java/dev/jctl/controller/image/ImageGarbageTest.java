package dev.jctl.controller.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.jctl.controller.fake.FakeImageStore;
import dev.jctl.controller.fake.FakeRuntime;
import dev.jctl.controller.fake.ListCache;
import dev.jctl.images.ImageStore.ImageSource;
import dev.jctl.images.ImageStore.StoredImage;
import dev.jctl.images.Keyring;
import java.time.Clock;
import java.time.Duration;
import java.util.EnumSet;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

final class ImageGarbageTest {
  private final FakeImageStore images = new FakeImageStore();
  private final ImageGarbage garbage =
      new ImageGarbage(new ListCache(), new FakeRuntime(Clock.systemUTC()), images);

  private StoredImage pulled() {
    return images.load(new ImageSource.Reference("host/name:1", Keyring.EMPTY), progress -> {});
  }

  @Test
  void whoAsksDuringACollectionSeesGoneWhatThatStillKept() throws InterruptedException {
    StoredImage image = garbage.keep(this::pulled);
    CountDownLatch decided = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    images.beforeCollecting(
        () -> {
          decided.countDown();
          awaitUninterrupted(goOn);
        });
    Thread first = Thread.ofPlatform().start(garbage::collectIfRequested);
    decided.await();
    garbage.release(image);
    Thread second = Thread.ofPlatform().start(garbage::collectNow);
    await()
        .until(
            () ->
                EnumSet.of(Thread.State.BLOCKED, Thread.State.TERMINATED)
                    .contains(second.getState()));
    goOn.countDown();
    second.join();
    assertThat(images.size()).isZero();
    first.join();
  }

  @Test
  void whileSomethingIsLoadedNothingGoesAndAllOfItOnceThatEnds() {
    pulled();
    garbage.whileLoading(
        () -> {
          collectElsewhere();
          assertThat(images.size()).isEqualTo(1);
        });
    await().atMost(Duration.ofSeconds(60)).until(() -> images.size() == 0);
  }

  private void collectElsewhere() {
    Thread other = Thread.ofPlatform().start(garbage::collectNow);
    await().until(() -> other.getState() == Thread.State.TERMINATED);
  }

  private static void awaitUninterrupted(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
