package dev.jctl.controller.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jctl.shim.ExecSession;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Queue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class RemoteCommandTest {
  /** A client that says one thing and closes, as Ansible's k8s_cp does. */
  private static final class OneMessage implements CommandChannels {
    private final Queue<byte[]> messages =
        new ArrayDeque<>(List.of("\0file".getBytes(StandardCharsets.US_ASCII)));

    @Override
    public Optional<byte[]> receive() {
      return Optional.ofNullable(messages.poll());
    }

    @Override
    public void send(int channel, byte[] bytes, int from, int length) throws IOException {
      throw new IOException("closed");
    }

    @Override
    public void close() {}
  }

  /** Ends by itself some time after its input has ended. */
  private static final class Reader implements ExecSession {
    private final CountDownLatch inputEnded = new CountDownLatch(1);
    private final ByteArrayOutputStream input =
        new ByteArrayOutputStream() {
          @Override
          public void close() {
            inputEnded.countDown();
          }
        };
    private volatile boolean over;
    private volatile boolean killed;

    @Override
    public OutputStream stdin() {
      return input;
    }

    @Override
    public InputStream stdout() {
      return InputStream.nullInputStream();
    }

    @Override
    public InputStream stderr() {
      return InputStream.nullInputStream();
    }

    @Override
    public void resize(int columns, int rows) {}

    @Override
    public OptionalInt waitFor(Duration timeout) {
      try {
        over = inputEnded.await(timeout.toMillis(), TimeUnit.MILLISECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      return over ? OptionalInt.of(0) : OptionalInt.empty();
    }

    @Override
    public void close() {
      killed = !over;
    }
  }

  @Test
  void aProcessReadsToItsEndWhatAClientSaidThatHasGone() {
    Reader process = new Reader();
    new RemoteCommand(new OneMessage(), () -> {})
        .run(
            new PodCommands.Command(
                () -> process, RemoteCommand.Input.PASSED_ON, RemoteCommand.Ending.EXIT_CODE));
    assertThat(process.input.toString(StandardCharsets.US_ASCII)).isEqualTo("file");
    assertThat(process.killed).isFalse();
  }
}
