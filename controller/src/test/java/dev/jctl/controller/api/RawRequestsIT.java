package dev.jctl.controller.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.management.HotSpotDiagnosticMXBean;
import dev.jctl.controller.testing.Json;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What comes over a connection that is not, or not to its end, a request. Codes are those of Go's
 * net/http and of what Kubernetes upgrades connections with. After each test others are answered,
 * and nothing is left of the connection.
 */
@Timeout(30)
final class RawRequestsIT {
  private static final String MAPS = "/api/v1/namespaces/default/configmaps";
  private static final String PODS = "/api/v1/namespaces/default/pods";
  private static final String FORWARD = PODS + "/p/portforward";
  private static final String KEY = "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==~";
  private static final String WEBSOCKET =
      "Connection: Upgrade~Upgrade: websocket~Sec-WebSocket-Version: 13~" + KEY;
  private static final String TUNNEL = "Sec-WebSocket-Protocol: SPDY/3.1+portforward.k8s.io~";
  private static final String SPDY = "Connection: Upgrade~Upgrade: SPDY/3.1~";
  private static final String STREAMS = "X-Stream-Protocol-Version: portforward.k8s.io~";

  @TempDir static Path directory;
  private static TestServer server;
  private static InetSocketAddress remote;

  /** Those of other tests' servers. */
  private static int others;

  @BeforeAll
  static void start() throws IOException {
    others = threadsOfConnections().size();
    server = new TestServer(directory);
    remote = server.listenOnTls();
    SocketHttp.Answer made =
        server.http.post(
            PODS,
            "{\"metadata\":{\"name\":\"p\"},\"spec\":{\"containers\":[{\"name\":\"c\",\"image\":\"i\"}]}}");
    assertThat(made.status()).as(made.body()).isEqualTo(201);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @AfterEach
  void othersAreAnsweredAndNothingIsLeft() {
    assertThat(server.http.get(PODS + "/p").status()).isEqualTo(200);
    await()
        .atMost(Duration.ofSeconds(60))
        .pollInterval(Duration.ofMillis(50))
        .untilAsserted(() -> assertThat(threadsOfConnections()).hasSizeLessThanOrEqualTo(others));
  }

  /** Each connection has one as long as it is open, and more when it was taken over. */
  private static List<String> threadsOfConnections() throws IOException {
    Path dump = directory.resolve("threads");
    Files.deleteIfExists(dump);
    ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
        .dumpThreads(dump.toString(), HotSpotDiagnosticMXBean.ThreadDumpFormat.TEXT_PLAIN);
    try (Stream<String> lines = Files.lines(dump)) {
      return lines
          .filter(
              line ->
                  line.contains("Http1Connection.handle")
                      || line.contains("SpdyConnection.run")
                      || line.contains("SpdyStream.receive")
                      || line.contains("WebSocketFrames.receive"))
          .toList();
    }
  }

  // --- a client that says what it likes

  /** {@code ~} stands for the end of a line. */
  private static final class Raw implements AutoCloseable {
    private final SocketChannel channel;
    private final InputStream in;

    Raw() throws IOException {
      channel = SocketChannel.open(UnixDomainSocketAddress.of(server.http.socket()));
      in = Channels.newInputStream(channel);
    }

    Raw send(String text) throws IOException {
      return send(text.replace("~", "\r\n").getBytes(StandardCharsets.ISO_8859_1));
    }

    Raw send(byte... bytes) throws IOException {
      ByteBuffer left = ByteBuffer.wrap(bytes);
      try {
        while (left.hasRemaining()) {
          channel.write(left);
        }
      } catch (IOException refused) {
        return this; // the answer tells why the rest was not taken
      }
      return this;
    }

    Raw endOutput() {
      try {
        channel.shutdownOutput();
      } catch (IOException ended) {
        return this; // by the server
      }
      return this;
    }

    /** Up to its end, however the server makes it. */
    String rest() {
      StringBuilder all = new StringBuilder();
      byte[] buffer = new byte[4096];
      try {
        for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
          all.append(new String(buffer, 0, n, StandardCharsets.ISO_8859_1));
        }
      } catch (IOException reset) {
        return all.toString();
      }
      return all.toString();
    }

    String head() throws IOException {
      StringBuilder head = new StringBuilder();
      while (!head.toString().endsWith("\r\n\r\n")) {
        int b = in.read();
        if (b < 0) {
          throw new IOException("ended after: " + head);
        }
        head.append((char) b);
      }
      return head.toString();
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }

  /** Of the listener that knows nobody: what is no request is told to anybody. */
  private static String answerOverTls(String sent) {
    try (SSLSocket client = TestServer.handshaken(remote)) {
      client.getOutputStream().write(sent.replace("~", "\r\n").getBytes(StandardCharsets.US_ASCII));
      return new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String answer(String sent) {
    try (Raw raw = new Raw()) {
      return raw.send(sent).endOutput().rest();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A Status, of the code that the first line says; and the connection ends. */
  private static JsonNode refused(String answer, int code) {
    assertThat(answer).startsWith("HTTP/1.1 " + code + " ");
    JsonNode status = Json.tree(answer.substring(answer.indexOf("\r\n\r\n") + 4));
    assertThat(status.path("kind").asText()).as(answer).isEqualTo("Status");
    assertThat(status.path("status").asText()).isEqualTo("Failure");
    assertThat(status.path("code").asInt()).isEqualTo(code);
    assertThat(status.path("message").asText()).isNotEmpty();
    return status;
  }

  // --- requests

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          nonsense~~                                                                | 400
          GET~~                                                                     | 400
          GET /version~~                                                            | 400
          GET /version HTTP/0.9~Host: x~~                                           | 400
          GET /version HTTP/1.0~Host: x~~                                           | 505
          GET /version HTTP/1.1~~                                                   | 400
          GET /version HTTP/1.1~Host: x~Host: y~~                                   | 400
          GET /version HTTP/1.1~Host: x~no colon~~                                  | 400
          GET /version HTTP/1.1~Host: x~bad name: y~~                               | 400
          POST /version HTTP/1.1~Host: x~Content-Length: -1~~                       | 400
          POST /version HTTP/1.1~Host: x~Content-Length: many~~                     | 400
          POST /version HTTP/1.1~Host: x~Content-Length: 99999999999999999999~~     | 400
          POST /version HTTP/1.1~Host: x~Content-Length: 1~Content-Length: 2~~{}    | 400
          POST /version HTTP/1.1~Host: x~Content-Length: 1, 2~~{}                   | 400
          POST /version HTTP/1.1~Host: x~Content-Length: 2~Transfer-Encoding: chunked~~0~~ | 400
          POST /version HTTP/1.1~Host: x~Transfer-Encoding: chunked, chunked~~0~~   | 400
          """)
  void whatIsNoRequest(String sent, int code) {
    JsonNode status = refused(answer(sent), code);
    assertThat(status.path("reason").asText()).isEqualTo(code == 400 ? "BadRequest" : "");
    assertThat(refused(answerOverTls(sent), code)).isEqualTo(status);
  }

  @ParameterizedTest
  @ValueSource(strings = {"GET /", "GET /version?x="})
  void aRequestLineWithoutEnd(String begun) {
    refused(answer(begun + "x".repeat(1 << 20)), 414);
  }

  @Test
  void headersThatAreTooManyOrTooLong() {
    String request = "GET /version HTTP/1.1~Host: x~";
    refused(answer(request + "A: b~".repeat(100_000) + "~"), 431);
    refused(answer(request + "A: " + "b".repeat(1 << 20) + "~~"), 431);
    refused(answer(request + "a".repeat(1 << 20)), 431);
    refused(answerOverTls(request + "A: b~".repeat(100_000) + "~"), 431);
  }

  /** A command may be a script. */
  @Test
  void aQueryOfManyBytesIsTaken() {
    String command = "x".repeat(50_000);
    SocketHttp.Answer answer = server.http.get(PODS + "/p/exec?command=" + command);
    assertThat(answer.status()).as(answer.body()).isEqualTo(400);
    assertThat(answer.json().path("message").asText()).contains("is not running");
  }

  // --- bodies

  private static final String CHUNKED =
      "POST "
          + MAPS
          + " HTTP/1.1~Host: x~Content-Type: application/json~Transfer-Encoding: chunked~~";

  @ParameterizedTest
  @ValueSource(
      strings = {
        "zz~{}~0~~",
        "-2~{}~0~~",
        "~{}~0~~",
        "fffffffffffffffff~{}~0~~",
        "7fffffff~{}",
        "2~{}no end of the chunk~0~~",
        "2~{}~0~Trailer: x~~",
        "2\n{}\n0\n\n",
      })
  void aBodyInChunksThatAreNone(String body) {
    JsonNode status = refused(answer(CHUNKED + body), 400);
    assertThat(status.path("reason").asText()).isEqualTo("BadRequest");
  }

  @ParameterizedTest
  @ValueSource(strings = {"1", "2~{}~0~X: "})
  void aLineOfChunksWithoutEnd(String begun) {
    refused(answer(CHUNKED + begun + "1".repeat(1 << 20)), 400);
  }

  /** Half of what was announced, and then no more: by an end of the input, or of the connection. */
  @ParameterizedTest
  @ValueSource(strings = {"Content-Length: 100~~{", "Transfer-Encoding: chunked~~ff~{"})
  void aBodyThatBreaksOff(String rest) throws IOException {
    String request = "POST " + MAPS + " HTTP/1.1~Host: x~" + rest;
    try (Raw raw = new Raw()) {
      refused(raw.send(request).endOutput().rest(), 400);
    }
    try (Raw raw = new Raw()) {
      raw.send(request);
    }
  }

  /** What follows the announced length is another request. */
  @Test
  void aBodyThatIsLongerThanItSays() {
    String request =
        "POST " + MAPS + " HTTP/1.1~Host: x~Content-Type: application/json~Content-Length: 2~~{}";
    String answer = answer(request + "nonsense~~");
    assertThat(answer).startsWith("HTTP/1.1 422 ");
    refused(answer.substring(answer.lastIndexOf("HTTP/1.1 ")), 400);
  }

  /** Nothing of it is read of whom nobody knows. */
  @Test
  void aBodyOverTlsOfSomebodyUnknown() {
    assertThat(
            answerOverTls(CHUNKED.replace("Host: x~", "Host: x~Connection: close~") + "2~{}~0~~"))
        .startsWith("HTTP/1.1 401 ");
  }

  @Test
  void connectionsThatSayHalfOfWhatTheyWantHoldUpNobody() throws IOException {
    List<Raw> open = new ArrayList<>();
    try {
      for (int i = 0; i < 100; i++) {
        open.add(new Raw().send("GET /ver"));
        open.add(new Raw().send("GET /version HTTP/1.1~Host: x~X"));
        open.add(new Raw().send("POST " + MAPS + " HTTP/1.1~Host: x~Content-Length: 9~~{"));
        open.add(new Raw().send(CHUNKED + "ff~{"));
      }
      assertThat(server.http.get(PODS + "/p").status()).isEqualTo(200);
    } finally {
      for (Raw raw : open) {
        raw.close();
      }
    }
  }

  // --- upgrades

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          Connection: close~                                                                                          | 400 | Upgrade request required
          Connection: close~Upgrade: h2c~                                                                             | 400 | Upgrade request required
          Connection: Upgrade, close~Upgrade: websocket~Sec-WebSocket-Version: 13~Sec-WebSocket-Protocol: SPDY/3.1+portforward.k8s.io~ | 400 | 'Sec-WebSocket-Key' header must be
          Connection: Upgrade, close~Upgrade: websocket~Sec-WebSocket-Version: 13~Sec-WebSocket-Key: short~Sec-WebSocket-Protocol: SPDY/3.1+portforward.k8s.io~ | 400 | 'Sec-WebSocket-Key' header must be
          Connection: Upgrade, close~Upgrade: websocket~Sec-WebSocket-Version: 8~Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==~Sec-WebSocket-Protocol: SPDY/3.1+portforward.k8s.io~ | 400 | unsupported version
          Connection: Upgrade, close~Upgrade: websocket~Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==~Sec-WebSocket-Protocol: SPDY/3.1+portforward.k8s.io~ | 400 | unsupported version
          Connection: Upgrade, close~Upgrade: websocket~Sec-WebSocket-Version: 13~Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==~ | 400 | unable to negotiate protocol: client supports []
          Connection: Upgrade, close~Upgrade: websocket~Sec-WebSocket-Version: 13~Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==~Sec-WebSocket-Protocol: chat, v9~ | 400 | unable to negotiate protocol: client supports [chat, v9]
          Connection: Upgrade, close~Upgrade: SPDY/3.1~                                                               | 400 | header X-Stream-Protocol-Version does not exist in request
          Connection: Upgrade, close~Upgrade: SPDY/3.1~X-Stream-Protocol-Version: ~                                   | 400 | header X-Stream-Protocol-Version does not exist in request
          Connection: Upgrade, close~Upgrade: SPDY/3.1~X-Stream-Protocol-Version: v9~                                 | 403 | unable to negotiate protocol: client supports [v9], server accepts [portforward.k8s.io]
          """)
  void aHandshakeThatIsNone(String headers, int code, String message) {
    JsonNode status =
        refused(answer("POST " + FORWARD + " HTTP/1.1~Host: x~" + headers + "~"), code);
    assertThat(status.path("reason").asText()).isEqualTo(code == 400 ? "BadRequest" : "Forbidden");
    assertThat(status.path("message").asText()).contains(message);
  }

  private static Raw upgraded(String headers) throws IOException {
    Raw raw = new Raw().send("GET " + FORWARD + " HTTP/1.1~Host: x~" + headers + "~");
    assertThat(raw.head()).startsWith("HTTP/1.1 101 ");
    return raw;
  }

  /**
   * Not SPDY/3; a SYN_STREAM, a HEADERS and a RST_STREAM that are too short; one that is too long.
   */
  private static List<byte[]> badFrames() {
    return List.of(
        "GET / HTTP/1.1\r\n\r\n".repeat(10).getBytes(StandardCharsets.US_ASCII),
        new byte[] {(byte) 0x80, 2, 0, 1, 0, 0, 0, 0},
        new byte[] {(byte) 0x80, 3, 0, 1, 0, 0, 0, 4, 0, 0, 0, 1},
        new byte[] {(byte) 0x80, 3, 0, 8, 0, 0, 0, 1, 0},
        new byte[] {(byte) 0x80, 3, 0, 3, 0, 0, 0, 0},
        new byte[] {(byte) 0x80, 3, 0, 1, 0, -1, -1, -1});
  }

  @Test
  void framesOfSpdyThatAreNoneEndTheConnection() throws IOException {
    for (byte[] frame : badFrames()) {
      try (Raw raw = upgraded(SPDY + STREAMS).send(frame)) {
        // one of the first bytes tells of data of a stream that there is not, and is passed over
        raw.endOutput();
        assertThat(raw.rest()).as("no HTTP in it").doesNotContain("HTTP/1.1");
      }
      try (Raw raw = upgraded(WEBSOCKET + TUNNEL).send(masked(frame))) {
        raw.endOutput();
        assertThat(raw.rest()).as("no HTTP in it").doesNotContain("HTTP/1.1");
      }
    }
  }

  /** A binary message, masked by zeros. */
  private static byte[] masked(byte... payload) {
    return ByteBuffer.allocate(8 + payload.length)
        .put((byte) 0x82)
        .put((byte) (0x80 | 126))
        .putShort((short) payload.length)
        .putInt(0)
        .put(payload)
        .array();
  }

  /** Without a mask, with reserved bits, an opcode that is none, and too long: 1002 (RFC 6455). */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "82 01 00",
        "c2 80 00 00 00 00",
        "83 80 00 00 00 00",
        "82 ff 7f ff ff ff ff ff ff ff"
      })
  void framesOfAWebSocketThatAreNoneEndTheConnection(String hex) throws IOException {
    byte[] frame = HexFormat.ofDelimiter(" ").parseHex(hex);
    try (Raw raw = upgraded(WEBSOCKET + TUNNEL).send(frame)) {
      assertThat(raw.rest()).isEqualTo("\u0088\u0002\u0003\u00ea");
    }
  }

  /** Ended by one side in the middle of a frame, and abandoned. */
  @ParameterizedTest
  @ValueSource(strings = {SPDY + STREAMS, WEBSOCKET + TUNNEL})
  void anUpgradedConnectionThatBreaksOff(String headers) throws IOException {
    for (byte[] begun : List.of(new byte[] {}, new byte[] {(byte) 0x82, (byte) 0x85, 0, 0})) {
      try (Raw raw = upgraded(headers).send(begun).endOutput()) {
        assertThat(raw.rest()).isNotNull();
      }
      try (Raw raw = upgraded(headers)) {
        raw.send(begun);
      }
    }
  }
}
