package dev.jctl.shim.local;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.shim.RuntimeFailure;
import dev.jctl.shim.RuntimeFailure.Reason;
import dev.jctl.shim.json.RuntimeJson;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Asks a plug-in: one request of HTTP/1.0 with a JSON object on its Unix socket. However it
 * answers, it takes no longer than {@link #PATIENCE} and no more memory than {@link #MOST_BYTES}.
 */
final class PluginClient {
  static final Duration PATIENCE = Duration.ofSeconds(20);
  static final int MOST_BYTES = 64 << 10;

  private static final int MOST_WORDS = 300;
  private static final ObjectMapper JSON = RuntimeJson.mapper();
  private static final Pattern ANSWER =
      Pattern.compile("HTTP/1\\.[01] (\\d{3})[^\\r\\n]*\\r?\\n(?:[^\\r\\n]+\\r?\\n)*+\\r?\\n");
  private static final Pattern LENGTH =
      Pattern.compile("(?i)\\ncontent-length:[ \\t]*(\\d{1,9})[ \\t]*\\r?\\n");

  private final String name;
  private final Path socket;
  private final Duration patience;

  PluginClient(String name, Path socket) {
    this(name, socket, PATIENCE);
  }

  PluginClient(String name, Path socket, Duration patience) {
    this.name = name;
    this.socket = socket;
    this.patience = patience;
  }

  /**
   * @throws RuntimeFailure UNAVAILABLE nobody listens; TIMEOUT; INVALID it refused, or its answer
   *     is none
   */
  JsonNode call(String what, ObjectNode request) {
    String answer;
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      channel.connect(UnixDomainSocketAddress.of(socket));
      channel.configureBlocking(false);
      answer = converse(channel, what, text(what, request));
    } catch (IOException e) {
      throw new RuntimeFailure(
          Reason.UNAVAILABLE,
          "%s does not answer on %s (%s); start it".formatted(this, socket, e.getMessage()),
          e);
    }
    return read(what, answer);
  }

  private static ByteBuffer text(String what, ObjectNode request) {
    byte[] body = request.toString().getBytes(StandardCharsets.UTF_8);
    String head =
        "POST /v1/%s HTTP/1.0\r\nHost: plugin\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
            .formatted(what, body.length);
    byte[] start = head.getBytes(StandardCharsets.US_ASCII);
    return ByteBuffer.allocate(start.length + body.length).put(start).put(body).flip();
  }

  private String converse(SocketChannel channel, String what, ByteBuffer request)
      throws IOException {
    long end = System.nanoTime() + patience.toNanos();
    ByteArrayOutputStream answer = new ByteArrayOutputStream();
    try (Selector selector = Selector.open()) {
      SelectionKey key = channel.register(selector, SelectionKey.OP_READ | SelectionKey.OP_WRITE);
      while (!isWhole(answer)) {
        await(selector, what, end);
        if (key.isWritable() && request.hasRemaining()) {
          channel.write(request);
        }
        if (!request.hasRemaining()) {
          key.interestOps(SelectionKey.OP_READ);
        }
        if (key.isReadable() && !readSome(channel, what, answer)) {
          break;
        }
      }
    }
    return answer.toString(StandardCharsets.UTF_8);
  }

  private void await(Selector selector, String what, long end) throws IOException {
    long left = (end - System.nanoTime()) / 1_000_000;
    if (left <= 0 || (selector.select(left) == 0 && System.nanoTime() - end >= 0)) {
      throw new RuntimeFailure(
          Reason.TIMEOUT,
          "%s has not answered %s within %d ms; look into its log"
              .formatted(this, what, patience.toMillis()));
    }
    selector.selectedKeys().clear();
  }

  /**
   * @return false: there is no more
   */
  private boolean readSome(SocketChannel channel, String what, ByteArrayOutputStream answer)
      throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(8 << 10);
    int count = channel.read(buffer);
    if (count > 0) {
      answer.write(buffer.array(), 0, count);
    }
    if (answer.size() > MOST_BYTES) {
      throw refused(what, "its answer is longer than " + MOST_BYTES + " bytes");
    }
    return count >= 0;
  }

  private static boolean isWhole(ByteArrayOutputStream answer) {
    // bytes, not characters, are counted
    String text = answer.toString(StandardCharsets.ISO_8859_1);
    Matcher head = ANSWER.matcher(text);
    if (!head.lookingAt()) {
      return false;
    }
    Matcher length = LENGTH.matcher(head.group());
    return length.find() && text.length() - head.end() >= Integer.parseInt(length.group(1));
  }

  private JsonNode read(String what, String answer) {
    Matcher head = ANSWER.matcher(answer);
    if (!head.lookingAt()) {
      throw refused(what, "its answer is no HTTP: " + bounded(answer));
    }
    String body = answer.substring(head.end()).strip();
    JsonNode said = json(what, head.group(1), body);
    if (!head.group(1).equals("200")) {
      throw refused(what, bounded(said.path("error").asText("status " + head.group(1))));
    }
    return said;
  }

  private JsonNode json(String what, String status, String body) {
    try {
      JsonNode said = body.isEmpty() ? JsonNodeFactory.instance.objectNode() : JSON.readTree(body);
      if (said.isObject()) {
        return said;
      }
    } catch (JsonProcessingException e) {
      throw refused(what, "status " + status + ", and no JSON: " + bounded(body));
    }
    throw refused(what, "status " + status + ", and no JSON object: " + bounded(body));
  }

  private RuntimeFailure refused(String what, String why) {
    return new RuntimeFailure(Reason.INVALID, this + " refused " + what + ": " + why);
  }

  /** It goes into statuses and events. */
  private static String bounded(String words) {
    String plain = words.replaceAll("\\p{Cntrl}+", " ").strip();
    return plain.length() <= MOST_WORDS ? plain : plain.substring(0, MOST_WORDS) + "…";
  }

  @Override
  public String toString() {
    return "volume plug-in " + name;
  }
}
