package dev.jctl.controller.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.Pipe;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class StreamsTest {
  private final Streams streams = new Streams(Duration.ofMillis(500), Duration.ofMillis(10));

  @AfterEach
  void close() {
    streams.close();
  }

  @Test
  void aPeerThatTakesNothingIsCutOff() throws IOException {
    Pipe pipe = Pipe.open();
    try (Pipe.SourceChannel nobodyReads = pipe.source();
        Pipe.SinkChannel out = pipe.sink()) {
      ApiReply.Body endless =
          sink -> {
            while (true) {
              sink.write(new byte[1 << 16]);
            }
          };
      assertThatThrownBy(() -> streams.run(endless, Channels.newOutputStream(out)))
          .isInstanceOf(ClosedByInterruptException.class);
      assertThat(nobodyReads.isOpen()).isTrue();
    }
    assertThat(Thread.interrupted()).isFalse();
  }

  /** As watches are, that many of share a thread. */
  @Test
  void aPeerThatTakesNothingIsCutOffFromAnotherThread() throws Exception {
    Pipe pipe = Pipe.open();
    try (Pipe.SourceChannel nobodyReads = pipe.source();
        Pipe.SinkChannel out = pipe.sink()) {
      CompletableFuture<IOException> failure = new CompletableFuture<>();
      ApiReply.Body endless =
          sink -> {
            Thread.ofVirtual().start(() -> failure.complete(writeForever(sink)));
            try {
              Thread.sleep(Duration.ofHours(1));
            } finally {
              while (!failure.isDone()) {
                sink.cutOff(); // it may be between two writes
                Thread.onSpinWait();
              }
            }
          };
      streams.run(endless, Channels.newOutputStream(out));
      assertThat(failure.get()).isInstanceOf(ClosedByInterruptException.class);
      assertThat(nobodyReads.isOpen()).isTrue();
    }
    assertThat(Thread.interrupted()).isFalse();
  }

  private static IOException writeForever(Streams.Sink sink) {
    try {
      while (true) {
        sink.write(new byte[1 << 16]);
      }
    } catch (IOException e) {
      return e;
    }
  }

  @Test
  void aStreamThatWaitsEndsWithItsPeer() throws IOException {
    CountDownLatch begun = new CountDownLatch(1);
    ApiReply.Body waiting =
        sink -> {
          begun.countDown();
          Thread.sleep(Duration.ofHours(1));
        };
    streams.run(waiting, new ByteArrayOutputStream(), () -> isOver(begun));
    assertThat(Thread.interrupted()).isFalse();
  }

  /** Neither while its last bytes are sent, nor whatever its thread does next. */
  @Test
  void aStreamThatIsOverIsNotEndedByItsPeer() throws Exception {
    CountDownLatch over = new CountDownLatch(1);
    CountDownLatch gone = new CountDownLatch(1);
    streams.run(
        sink -> sink.write(new byte[] {1}),
        new ByteArrayOutputStream(),
        () -> {
          boolean end = isOver(over);
          gone.countDown();
          return end;
        });
    over.countDown();
    gone.await();
    assertThat(Thread.currentThread().isInterrupted()).isFalse();
  }

  private static boolean isOver(CountDownLatch latch) {
    try {
      latch.await();
      return true;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
