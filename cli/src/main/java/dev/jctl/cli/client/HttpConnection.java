package dev.jctl.cli.client;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.manifests.json.Json;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP/1.1 connection on a Unix socket (RFC 9112: Content-Length, chunked and until-close
 * bodies). One request at a time; the next only after the answer's body was read to its end.
 */
final class HttpConnection implements AutoCloseable {
  private static final int MAX_LINE_BYTES = 65536;

  private final SocketChannel channel;
  private final InputStream in;
  private boolean reusable = true;

  private HttpConnection(SocketChannel channel) {
    this.channel = channel;
    this.in = new BufferedInputStream(Channels.newInputStream(channel), 16384);
  }

  static HttpConnection open(Path socket) throws IOException {
    return new HttpConnection(SocketChannel.open(UnixDomainSocketAddress.of(socket)));
  }

  /** {@code target}: path and query. */
  record Request(
      String method, String target, Map<String, String> headers, @Nullable JsonNode body) {}

  /** Header names are in lower case. */
  record Response(int status, Map<String, String> headers, InputStream body) {}

  Response send(Request request) throws IOException {
    byte @Nullable [] body = request.body() == null ? null : Json.bytes(request.body());
    writeHead(request, body == null ? -1 : body.length);
    if (body != null) {
      writeAll(ByteBuffer.wrap(body));
    }
    return readResponse();
  }

  /** With a file as its body, whatever the request says. */
  Response send(Request request, FileChannel file) throws IOException {
    long size = file.size();
    writeHead(request, size);
    for (long at = 0; at < size; ) {
      at += file.transferTo(at, size - at, channel);
    }
    return readResponse();
  }

  /**
   * @param length of the body; -1 for none
   */
  private void writeHead(Request request, long length) throws IOException {
    StringBuilder head = new StringBuilder();
    head.append(request.method()).append(' ').append(request.target()).append(" HTTP/1.1\r\n");
    head.append("Host: jctl\r\n");
    request.headers().forEach((k, v) -> head.append(k).append(": ").append(v).append("\r\n"));
    if (length >= 0) {
      head.append("Content-Length: ").append(length).append("\r\n");
    }
    head.append("\r\n");
    writeAll(ByteBuffer.wrap(head.toString().getBytes(StandardCharsets.US_ASCII)));
  }

  boolean isReusable() {
    return reusable && channel.isOpen();
  }

  /** The raw stream after a 101 answer. */
  InputStream input() {
    return in;
  }

  OutputStream output() {
    return Channels.newOutputStream(channel);
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      reusable = false; // nothing is lost: no answer is awaited on a connection that is closed
    }
  }

  private void writeAll(ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  private Response readResponse() throws IOException {
    String[] status = line().split(" ", 3);
    if (status.length < 2 || !status[0].startsWith("HTTP/1.")) {
      throw new IOException("not an HTTP answer");
    }
    Map<String, String> headers = new HashMap<>();
    for (String line = line(); !line.isEmpty(); line = line()) {
      int colon = line.indexOf(':');
      if (colon > 0) {
        headers.put(
            line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
      }
    }
    int code = Integer.parseInt(status[1]);
    return new Response(code, headers, body(code, headers));
  }

  private InputStream body(int code, Map<String, String> headers) {
    if ("close".equalsIgnoreCase(headers.get("connection"))) {
      reusable = false;
    }
    if (code == 204 || code == 304) {
      return InputStream.nullInputStream();
    }
    if (code == 101) {
      reusable = false;
      return in;
    }
    if ("chunked".equalsIgnoreCase(headers.get("transfer-encoding"))) {
      return new ChunkedBody();
    }
    String length = headers.get("content-length");
    if (length != null) {
      return new SizedBody(Long.parseLong(length));
    }
    reusable = false;
    return in;
  }

  private String line() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream(80);
    for (int b = in.read(); b != '\n'; b = in.read()) {
      if (b < 0) {
        throw new EOFException("the connection was closed before the answer");
      }
      if (b != '\r') {
        line.write(b);
      }
      if (line.size() > MAX_LINE_BYTES) {
        throw new IOException("line too long in an HTTP answer");
      }
    }
    return line.toString(StandardCharsets.ISO_8859_1);
  }

  private final class SizedBody extends InputStream {
    private long left;

    SizedBody(long length) {
      left = length;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] to, int offset, int count) throws IOException {
      if (left == 0) {
        return -1;
      }
      int read = in.read(to, offset, (int) Math.min(count, left));
      if (read < 0) {
        throw new EOFException("the connection was closed within an answer");
      }
      left -= read;
      return read;
    }
  }

  /** RFC 9112, 7.1. */
  private final class ChunkedBody extends InputStream {
    private long left;
    private boolean first = true;
    private boolean ended;

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] to, int offset, int count) throws IOException {
      if (left == 0 && !ended) {
        nextChunk();
      }
      if (ended) {
        return -1;
      }
      int read = in.read(to, offset, (int) Math.min(count, left));
      if (read < 0) {
        throw new EOFException("the connection was closed within an answer");
      }
      left -= read;
      return read;
    }

    private void nextChunk() throws IOException {
      if (!first) {
        line();
      }
      first = false;
      String size = line();
      int extension = size.indexOf(';');
      left = Long.parseLong((extension < 0 ? size : size.substring(0, extension)).strip(), 16);
      if (left == 0) {
        ended = true;
        for (String trailer = line(); !trailer.isEmpty(); trailer = line()) {
          // trailers carry nothing that is used
        }
      }
    }
  }
}
