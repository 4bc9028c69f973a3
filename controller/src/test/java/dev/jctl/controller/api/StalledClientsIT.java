package dev.jctl.controller.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jctl.controller.testing.Json;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that begin something and do not go on, and those that only say nothing for a while. */
@Timeout(30)
final class StalledClientsIT {
  private static final Duration BOUND = Duration.ofMillis(500);
  private static final Duration LONGER = BOUND.multipliedBy(2);
  private static final String MAPS = "/api/v1/namespaces/default/configmaps";
  private static final String GET = "GET /version HTTP/1.1\r\nHost: x\r\n\r\n";

  /** A ClientHello that is not there yet but for its first bytes. */
  private static final byte[] HALF_OF_A_HANDSHAKE = {0x16, 3, 1, 2, 0, 1};

  @TempDir static Path directory;
  private static TestServer server;
  private static InetSocketAddress remote;

  @BeforeAll
  static void start() throws IOException {
    server = new TestServer(directory, new AwaitedInput.Bounds(BOUND, BOUND));
    remote = server.listenOnTls();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static SocketChannel connect() throws IOException {
    return SocketChannel.open(UnixDomainSocketAddress.of(server.http.socket()));
  }

  private static void send(SocketChannel to, String text) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
    while (bytes.hasRemaining()) {
      to.write(bytes);
    }
  }

  private static String next(SocketChannel from) throws IOException {
    ByteBuffer some = ByteBuffer.allocate(1 << 16);
    int count = from.read(some);
    return count < 0 ? "" : new String(some.array(), 0, count, StandardCharsets.UTF_8);
  }

  private static String rest(SocketChannel from) throws IOException {
    return new String(Channels.newInputStream(from).readAllBytes(), StandardCharsets.UTF_8);
  }

  @ParameterizedTest
  @ValueSource(strings = {"GET /ver", "GET /version HTTP/1.1\r\nHost: x\r\n", GET + "GET /version"})
  void aHeadThatDoesNotEndIsNotAwaitedForever(String begun) throws IOException {
    try (SocketChannel client = connect()) {
      send(client, begun);
      assertThat(rest(client)).doesNotContain("HTTP/1.1 4");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"Content-Length: 100\r\n\r\n{", "Transfer-Encoding: chunked\r\n\r\nff\r\n{"})
  void aBodyThatDoesNotGoOnIsATimeout(String rest) throws IOException {
    try (SocketChannel client = connect()) {
      send(client, "POST " + MAPS + " HTTP/1.1\r\nHost: x\r\n" + rest);
      String answer = rest(client);
      assertThat(answer).startsWith("HTTP/1.1 504 ");
      assertThat(Json.tree(answer.substring(answer.indexOf("\r\n\r\n"))).path("reason").asText())
          .isEqualTo("Timeout");
    }
  }

  @Test
  void aHandshakeThatDoesNotGoOnIsNotAwaitedForever() throws Exception {
    for (byte[] begun : new byte[][] {{}, HALF_OF_A_HANDSHAKE}) {
      try (Socket client = new Socket(remote.getAddress(), remote.getPort())) {
        client.getOutputStream().write(begun);
        assertThat(client.getInputStream().read()).isNegative();
      }
    }
    try (SSLSocket silent = TestServer.handshaken(remote)) {
      assertThat(silent.getInputStream().read()).isNegative();
    }
  }

  /** Nothing that was awaited of it is there to end it. */
  @Test
  void whoSaysNothingBetweenRequestsIsAnsweredAgain() throws Exception {
    try (SocketChannel client = connect();
        SSLSocket far = TestServer.handshaken(remote)) {
      for (int i = 0; i < 2; i++) {
        send(client, GET);
        assertThat(next(client)).startsWith("HTTP/1.1 200 ");
        far.getOutputStream().write(GET.getBytes(StandardCharsets.US_ASCII));
        assertThat(head(far.getInputStream())).startsWith("HTTP/1.1 200 ");
        Thread.sleep(i == 0 ? LONGER : Duration.ZERO);
      }
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          plain | 200 | Accept: */*
          upgraded | 101 | Connection: Upgrade~Upgrade: websocket~Sec-WebSocket-Version: 13~Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==
          """)
  void aWatchGoesOnThoughNothingHappens(String name, int code, String headers) throws Exception {
    try (SocketChannel client = connect()) {
      String head = "GET " + MAPS + "?watch=1 HTTP/1.1~Host: x~" + headers + "~~";
      send(client, head.replace("~", "\r\n"));
      assertThat(next(client)).startsWith("HTTP/1.1 " + code + " ");
      Thread.sleep(LONGER);
      server.http.post(MAPS, "{\"metadata\":{\"name\":\"" + name + "\"}}");
      String said = next(client);
      if (!said.contains("\"" + name + "\"")) {
        said = next(client); // what was there already came by itself
      }
      assertThat(said).contains("\"" + name + "\"");
    }
  }

  private static String head(InputStream in) throws IOException {
    byte[] some = new byte[1 << 14];
    return new String(some, 0, in.read(some), StandardCharsets.US_ASCII);
  }
}
