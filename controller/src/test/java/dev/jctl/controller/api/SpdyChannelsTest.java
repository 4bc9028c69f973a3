package dev.jctl.controller.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jctl.controller.spdy.SpdyConnection;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(20)
class SpdyChannelsTest {
  /** Gone at once; a HEADERS that is too short; no SPDY. */
  @ParameterizedTest
  @ValueSource(strings = {"", "\u0080\u0003\0\u0008\0\0\0\u0001\0", "GET / HTTP/1.1\r\n"})
  void aClientThatGoesBeforeItsStreamsAreThereIsNotWaitedFor(String sent) throws IOException {
    byte[] bytes = sent.getBytes(StandardCharsets.ISO_8859_1);
    SpdyChannels channels =
        new SpdyChannels(
            new SpdyConnection(new ByteArrayInputStream(bytes), OutputStream.nullOutputStream()),
            Set.of("error", "stdin"));
    assertThat(channels.awaitStreams()).isFalse();
    assertThat(channels.receive()).isEmpty();
  }
}
