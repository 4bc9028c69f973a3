package dev.jctl.shim.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.jctl.shim.RuntimeFailure;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(30)
class PluginClientTest {
  @TempDir Path directory;

  @FunctionalInterface
  private interface Plugin {
    void serve(SocketChannel client) throws IOException;
  }

  private JsonNode ask(Plugin plugin, Duration patience) throws IOException {
    Path socket = directory.resolve("p.sock");
    Files.deleteIfExists(socket);
    try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(socket));
      Thread.ofVirtual().start(() -> serve(server, plugin));
      return new PluginClient("p", socket, patience)
          .call("create", JsonNodeFactory.instance.objectNode().put("id", "x"));
    }
  }

  private static void serve(ServerSocketChannel server, Plugin plugin) {
    try (SocketChannel client = server.accept()) {
      plugin.serve(client);
    } catch (IOException gone) {
      assertThat(gone).isNotNull(); // whom it answers has heard enough
    }
  }

  private JsonNode ask(String answer) throws IOException {
    return ask(
        client -> {
          client.read(ByteBuffer.allocate(1000));
          say(client, answer);
        },
        Duration.ofSeconds(20));
  }

  private static void say(SocketChannel client, String words) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(words.getBytes(StandardCharsets.UTF_8));
    while (bytes.hasRemaining()) {
      client.write(bytes);
    }
  }

  @Test
  void anAnswerIsReadWithAndWithoutItsLength() throws IOException {
    assertThat(ask("HTTP/1.0 200 OK\r\n\r\n{\"capacity\":true}").path("capacity").asBoolean())
        .isTrue();
    assertThat(ask("HTTP/1.1 200 OK\r\nA: b\r\n\r\n").isEmpty()).isTrue();
    JsonNode early =
        ask(
            client -> {
              say(client, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{\"a\":\"é\"");
              say(client, "}");
              client.read(ByteBuffer.allocate(1000)); // the request
              client.read(ByteBuffer.allocate(1000)); // and then its end
            },
            Duration.ofSeconds(20));
    assertThat(early.path("a").asText()).isEqualTo("é");
  }

  @ParameterizedTest
  @CsvSource({
    "'HTTP/1.0 500 -\r\n\r\n{\"error\":\"no room\"}', refused create: no room",
    "'HTTP/1.0 404 -\r\n\r\n', refused create: status 404",
    "'HTTP/1.0 200 -\r\n\r\n[1]', and no JSON object: [1]",
    "'HTTP/1.0 200 -\r\n\r\n{\"a\":', and no JSON: {",
    "'SSH-2.0-OpenSSH\r\n', its answer is no HTTP: SSH-2.0-OpenSSH",
    "'', its answer is no HTTP:",
  })
  void whatIsNoAnswerIsSaid(String answer, String message) {
    assertThatThrownBy(() -> ask(answer))
        .isInstanceOf(RuntimeFailure.class)
        .hasMessageContaining("volume plug-in p refused create")
        .hasMessageContaining(message);
  }

  @Test
  void longAnswersAreCutOffAndWordsBounded() {
    assertThatThrownBy(
            () ->
                ask(
                    client -> {
                      while (true) {
                        say(client, "HTTP/1.0 200 OK\r\n".repeat(1000));
                      }
                    },
                    Duration.ofSeconds(20)))
        .hasMessageContaining("its answer is longer than 65536 bytes");
    assertThatThrownBy(
            () -> ask("HTTP/1.0 500 -\r\n\r\n{\"error\":\"" + "\\u001b[31mx".repeat(1000) + "\"}"))
        .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(400).doesNotContain("\u001b"));
  }

  @Test
  void whoIsSilentOrSlowOrAwayIsNotWaitedForLong() {
    Duration patience = Duration.ofMillis(300);
    assertThatThrownBy(
            () ->
                ask(
                    client -> {
                      while (client.read(ByteBuffer.allocate(1000)) >= 0) {
                        say(client, "H");
                      }
                    },
                    patience))
        .hasMessageContaining("has not answered create within 300 ms");
    assertThatThrownBy(
            () ->
                new PluginClient("away", directory.resolve("none.sock"))
                    .call("create", JsonNodeFactory.instance.objectNode()))
        .hasMessageContaining("volume plug-in away does not answer")
        .hasMessageContaining("start it");
  }
}
