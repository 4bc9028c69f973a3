package dev.jctl.controller.spdy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.zip.Deflater;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SpdyConnectionTest {
  private static final int FIN = 1;

  private final ByteArrayOutputStream answers = new ByteArrayOutputStream();
  private final List<SpdyStream> opened = new ArrayList<>();

  /** A client's side: frames one after the other, headers compressed as one stream. */
  private static final class Client {
    private final ByteArrayOutputStream sent = new ByteArrayOutputStream();
    private final DataOutputStream out = new DataOutputStream(sent);
    private final Deflater deflater = new Deflater();

    Client() {
      deflater.setDictionary(HeaderBlocks.DICTIONARY);
    }

    Client open(int id, int flags, Map<String, String> headers) throws IOException {
      byte[] block = compressed(headers);
      out.writeInt(0x8003_0001);
      out.writeInt(flags << 24 | (10 + block.length));
      out.writeInt(id);
      out.writeInt(0);
      out.writeShort(0);
      out.write(block);
      return this;
    }

    private byte[] compressed(Map<String, String> headers) throws IOException {
      ByteArrayOutputStream plain = new ByteArrayOutputStream();
      DataOutputStream to = new DataOutputStream(plain);
      to.writeInt(headers.size());
      for (Map.Entry<String, String> header : headers.entrySet()) {
        for (String text : List.of(header.getKey(), header.getValue())) {
          to.writeInt(text.length());
          to.writeBytes(text);
        }
      }
      deflater.setInput(plain.toByteArray());
      byte[] buffer = new byte[4096];
      int length = deflater.deflate(buffer, 0, buffer.length, Deflater.SYNC_FLUSH);
      return Arrays.copyOf(buffer, length);
    }

    Client data(int id, int flags, String text) throws IOException {
      out.writeInt(id);
      out.writeInt(flags << 24 | text.length());
      out.writeBytes(text);
      return this;
    }

    Client control(int type, byte[] payload) throws IOException {
      out.writeInt(0x8003_0000 | type);
      out.writeInt(payload.length);
      out.write(payload);
      return this;
    }

    byte[] bytes() {
      return sent.toByteArray();
    }
  }

  private void serve(byte[] sent) throws IOException, InterruptedException {
    new SpdyConnection(new ByteArrayInputStream(sent), answers).run(opened::add);
  }

  /** RFC 1950: the id of the dictionary is in the head of what was compressed with it. */
  @Test
  void theDictionaryIsThatOfTheSpecification() {
    byte[] block = new HeaderBlocks().writeNone();
    assertThat(ByteBuffer.wrap(block).getInt(2)).isEqualTo(0xe3c6_a7c2);
  }

  @Test
  void streamsAreAnsweredAndKeptApart() throws Exception {
    Client client =
        new Client()
            .open(1, FIN, Map.of("streamType", "error", "requestID", "0"))
            .open(3, 0, Map.of("streamType", "data", "requestID", "0", "port", "80"))
            .data(3, 0, "hello ")
            .control(6, new byte[] {0, 0, 0, 9})
            .data(3, FIN, "world");
    serve(client.bytes());
    assertThat(opened).extracting(s -> s.header("streamtype")).containsExactly("error", "data");
    assertThat(opened.get(1).header("port")).isEqualTo("80");
    ByteBuffer answered = ByteBuffer.wrap(answers.toByteArray());
    assertThat(answered.getInt(0)).as("SYN_REPLY").isEqualTo(0x8003_0002);
    assertThat(answered.getInt(8)).as("to the first").isEqualTo(1);
    byte[] all = answers.toByteArray();
    assertThat(Arrays.copyOfRange(all, all.length - 12, all.length))
        .as("the ping comes back")
        .containsExactly(0x80, 3, 0, 6, 0, 0, 0, 4, 0, 0, 0, 9);
  }

  @Test
  void whatIsSentIsReadInOrderAndEnds() throws Exception {
    byte[] sent =
        new Client().open(1, 0, Map.of("port", "1")).data(1, 0, "a").data(1, FIN, "b").bytes();
    CompletableFuture<String> read = new CompletableFuture<>();
    PipedOutputStream client = new PipedOutputStream();
    PipedInputStream in = new PipedInputStream(client, 1 << 16);
    client.write(sent);
    Thread server =
        Thread.startVirtualThread(
            () -> {
              try {
                new SpdyConnection(in, answers)
                    .run(stream -> Thread.startVirtualThread(() -> read.complete(all(stream))));
              } catch (IOException | InterruptedException e) {
                read.completeExceptionally(e);
              }
            });
    assertThat(read.get()).isEqualTo("ab");
    client.close();
    server.join();
  }

  private static String all(SpdyStream stream) {
    StringBuilder all = new StringBuilder();
    try {
      for (Optional<byte[]> b = stream.receive(); b.isPresent(); b = stream.receive()) {
        all.append(new String(b.get(), StandardCharsets.UTF_8));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return all.toString();
  }

  @Test
  void whatIsTooMuchIsRefused() throws Exception {
    byte[] long1 = ByteBuffer.allocate(8).putInt(1).putInt(0xff_ffff).array();
    assertThatThrownBy(() -> serve(long1)).isInstanceOf(IOException.class);
    Client client = new Client();
    for (int i = 0; i < 300; i++) {
      client.open(2 * i + 1, 0, Map.of());
    }
    serve(client.bytes());
    assertThat(opened).hasSize(256);
  }

  @Test
  void damagedFramesEndTheConnectionAndNothingElse() throws Exception {
    Random random = new Random(3);
    byte[] good =
        new Client()
            .open(1, 0, Map.of("streamType", "data", "port", "80"))
            .data(1, 0, "x".repeat(100))
            .bytes();
    for (int i = 0; i < 20_000; i++) {
      byte[] damaged = good.clone();
      damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
      try {
        serve(damaged);
      } catch (IOException expected) {
        assertThat(expected).isNotNull();
      }
      opened.clear();
      answers.reset();
    }
  }
}
