package dev.jctl.controller.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.resources.ResourceCodec;
import dev.jctl.shim.ExecSession;
import dev.jctl.shim.RuntimeFailure;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Joins a client's channels ({@code v4.channel.k8s.io}, {@code v5.channel.k8s.io}) to a process.
 * Ends with how the process ended on the error channel.
 */
final class RemoteCommand {
  private static final Logger LOG = LoggerFactory.getLogger(RemoteCommand.class);

  private static final Duration WAIT = Duration.ofHours(1);

  /** How long output of a process that has ended is waited for: a child of it may hold it open. */
  private static final Duration LAST_OUTPUT = Duration.ofSeconds(2);

  /**
   * How long a process has for what was sent to it when the client has closed: some close as soon
   * as they have said all. A kubelet lets it run for as long as it likes.
   */
  private static final Duration LAST_INPUT = Duration.ofSeconds(10);

  private static final int COMMAND_NOT_FOUND = 127;
  private static final int COMMAND_NOT_EXECUTABLE = 126;
  private static final int BUFFER = 32 << 10;

  private final CommandChannels channels;
  private final Runnable disconnect;

  /**
   * {@code disconnect}: ends the connection, so that a peer that does not close is not waited for.
   */
  RemoteCommand(CommandChannels channels, Runnable disconnect) {
    this.channels = channels;
    this.disconnect = disconnect;
  }

  /** What becomes of the process's standard input when the client sends none. */
  enum Input {
    PASSED_ON,
    ENDED,
    UNTOUCHED
  }

  /** What the peer is told when the process has ended. */
  enum Ending {
    EXIT_CODE,
    /** Whatever its exit code: that is in the Pod's status, where kubectl looks for it. */
    SUCCESS
  }

  /** Returns when the peer has gone. */
  void run(PodCommands.Command command) {
    Input input = command.input();
    try (ExecSession session = command.start().get()) {
      if (input == Input.ENDED) {
        session.stdin().close();
      }
      Thread output =
          Thread.ofVirtual().name("exec-output").start(() -> copyOut(session, command.ending()));
      try {
        copyIn(session, input);
        if (input == Input.PASSED_ON && command.ending() == Ending.EXIT_CODE) {
          session.stdin().close();
          session.waitFor(LAST_INPUT);
        }
      } finally {
        output.interrupt();
      }
    } catch (RuntimeFailure e) {
      refuse(e);
    } catch (IOException e) {
      LOG.debug("exec ended: {}", e.getMessage());
    }
  }

  private void refuse(RuntimeFailure e) {
    String message = String.valueOf(e.getMessage());
    int code =
        switch (e.reason()) {
          case COMMAND_NOT_FOUND -> COMMAND_NOT_FOUND;
          case COMMAND_NOT_EXECUTABLE -> COMMAND_NOT_EXECUTABLE;
          default -> 1;
        };
    try {
      byte[] text = (message + "\n").getBytes(StandardCharsets.UTF_8);
      channels.send(CommandChannels.STDERR, text, 0, text.length);
      finish(Statuses.failed(code, message));
      drain();
    } catch (IOException broken) {
      LOG.debug("the client has gone: {}", broken.getMessage());
    }
  }

  private void finish(ObjectNode status) throws IOException {
    byte[] text = ResourceCodec.bytes(status);
    channels.send(CommandChannels.ERROR, text, 0, text.length);
    channels.close();
  }

  private void drain() throws IOException {
    Optional<byte[]> ignored = channels.receive();
    while (ignored.isPresent()) {
      ignored = channels.receive();
    }
  }

  // --- to the process

  private void copyIn(ExecSession session, Input input) throws IOException {
    for (Optional<byte[]> m = channels.receive(); m.isPresent(); m = channels.receive()) {
      byte[] message = m.get();
      if (message.length == 0) {
        continue;
      }
      switch (message[0] & 0xff) {
        case CommandChannels.STDIN -> {
          if (input == Input.PASSED_ON) {
            write(session, message);
          }
        }
        case CommandChannels.RESIZE -> resize(session, message);
        case CommandChannels.CLOSE_CHANNEL -> {
          if (message.length > 1
              && message[1] == CommandChannels.STDIN
              && input == Input.PASSED_ON) {
            session.stdin().close();
          }
        }
        default -> {} // the other channels are the server's
      }
    }
  }

  private static void write(ExecSession session, byte[] message) {
    try {
      session.stdin().write(message, 1, message.length - 1);
      session.stdin().flush();
    } catch (IOException e) {
      // the process takes no more input; how it ends is still to be told
      LOG.debug("input is not taken: {}", e.getMessage());
    }
  }

  private static void resize(ExecSession session, byte[] message) throws IOException {
    TerminalSize.parse(message, 1, message.length - 1)
        .ifPresent(size -> session.resize(size.columns(), size.rows()));
  }

  // --- from the process

  private void copyOut(ExecSession session, Ending ending) {
    List<Thread> copies = new ArrayList<>();
    copies.add(Thread.ofVirtual().start(() -> copy(session.stdout(), CommandChannels.STDOUT)));
    copies.add(Thread.ofVirtual().start(() -> copy(session.stderr(), CommandChannels.STDERR)));
    try {
      int code = exitCode(session);
      for (Thread copy : copies) {
        copy.join(LAST_OUTPUT);
      }
      finish(ending == Ending.SUCCESS ? Statuses.success() : Statuses.exited(code));
      Thread.sleep(LAST_OUTPUT);
      disconnect.run();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException | RuntimeFailure e) {
      LOG.debug("exec ended: {}", e.getMessage());
      disconnect.run();
    }
  }

  private static int exitCode(ExecSession session) throws InterruptedException {
    while (true) {
      OptionalInt code = session.waitFor(WAIT);
      if (code.isPresent()) {
        return code.getAsInt();
      }
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
    }
  }

  private void copy(InputStream from, int channel) {
    byte[] buffer = new byte[BUFFER];
    try {
      for (int n = from.read(buffer); n >= 0; n = from.read(buffer)) {
        channels.send(channel, buffer, 0, n);
      }
    } catch (IOException e) {
      LOG.debug("output of channel {} ended: {}", channel, e.getMessage());
    }
  }
}
