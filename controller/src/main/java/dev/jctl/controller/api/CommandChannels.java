package dev.jctl.controller.api;

import java.io.IOException;
import java.util.Optional;

/** What carries a remote command: messages whose first byte is their channel. */
interface CommandChannels {
  int STDIN = 0;
  int STDOUT = 1;
  int STDERR = 2;
  int ERROR = 3;
  int RESIZE = 4;

  /** The second byte is the channel that gets no more. */
  int CLOSE_CHANNEL = 0xff;

  /** The next message; empty when the peer has closed or gone. */
  Optional<byte[]> receive() throws IOException;

  /** {@code bytes[from, from + length)}. */
  void send(int channel, byte[] bytes, int from, int length) throws IOException;

  /** Says that no more is sent. */
  void close() throws IOException;
}
