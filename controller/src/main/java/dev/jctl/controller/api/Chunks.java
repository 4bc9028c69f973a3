package dev.jctl.controller.api;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Chunks of HTTP/1.1 (RFC 9112, section 7.1). What a thousand watchers get one after the other is
 * framed once, and goes to the socket as it is: the web server's stream copies it twice for each.
 */
final class Chunks {
  /** What is larger is not kept. */
  private static final int MOST_BYTES = 16 << 10;

  private final AtomicReference<@Nullable Framed> latest = new AtomicReference<>();

  @SuppressWarnings("ArrayRecordComponent") // compared by identity, written as it is
  private record Framed(byte[] content, byte[] chunk) {}

  /** Each write is a chunk, and sent at once. The last one, that ends the body, is not written. */
  OutputStream to(DataWriter connection) {
    return new Stream(connection);
  }

  @SuppressWarnings("ReferenceEquality") // all get the very same array, and nobody changes it
  private byte[] framed(byte[] content) {
    if (content.length > MOST_BYTES) {
      return chunk(content, 0, content.length);
    }
    Framed known = latest.get();
    if (known == null || known.content() != content) {
      known = new Framed(content, chunk(content, 0, content.length));
      latest.set(known);
    }
    return known.chunk();
  }

  private static byte[] chunk(byte[] bytes, int offset, int length) {
    ByteArrayOutputStream chunk = new ByteArrayOutputStream(length + 12);
    chunk.writeBytes((Integer.toHexString(length) + "\r\n").getBytes(StandardCharsets.US_ASCII));
    chunk.write(bytes, offset, length);
    chunk.write('\r');
    chunk.write('\n');
    return chunk.toByteArray();
  }

  private final class Stream extends OutputStream {
    private final DataWriter connection;

    Stream(DataWriter connection) {
      this.connection = connection;
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes) throws IOException {
      if (bytes.length > 0) {
        send(framed(bytes));
      }
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      if (length > 0) {
        send(chunk(bytes, offset, length));
      }
    }

    private void send(byte[] chunk) throws IOException {
      try {
        connection.writeNow(BufferData.createReadOnly(chunk, 0, chunk.length));
      } catch (RuntimeException e) {
        throw new IOException("the connection is gone", e);
      }
    }
  }
}
