package dev.jctl.controller.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.controller.testing.Json;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** HTTP/1.1 on a Unix socket (RFC 9112), a connection for each request. */
record SocketHttp(Path socket, String always) {
  SocketHttp(Path socket) {
    this(socket, "");
  }

  /** As another user. */
  SocketHttp as(String user, String... groups) {
    StringBuilder headers = new StringBuilder("Impersonate-User: " + user + "\r\n");
    for (String group : groups) {
      headers.append("Impersonate-Group: ").append(group).append("\r\n");
    }
    return new SocketHttp(socket, headers.toString());
  }

  /** Header names are in lower case; the body is whole. */
  record Answer(int status, Map<String, String> headers, String body) {
    JsonNode json() {
      return Json.tree(body);
    }

    /** Of a metav1.Status. */
    String reason() {
      return json().path("reason").asText();
    }
  }

  Answer get(String target) {
    return send("GET", target, "application/json", "");
  }

  Answer get(String target, String accept) {
    return send("GET", target, "application/json", "", "Accept: " + accept + "\r\n");
  }

  Answer post(String target, String body) {
    return send("POST", target, "application/json", body);
  }

  Answer put(String target, String body) {
    return send("PUT", target, "application/json", body);
  }

  Answer patch(String target, String type, String body) {
    return send("PATCH", target, "application/" + type, body);
  }

  Answer delete(String target) {
    return send("DELETE", target, "application/json", "");
  }

  /** The status, as soon as the answer's head is there; the body is given up. */
  int statusOfHead(String target) {
    String head = "GET %s HTTP/1.1\r\nHost: test\r\n\r\n".formatted(target);
    try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
      channel.write(ByteBuffer.wrap(head.getBytes(StandardCharsets.US_ASCII)));
      InputStream in = new BufferedInputStream(Channels.newInputStream(channel));
      int status = Integer.parseInt(line(in).split(" ", -1)[1]);
      for (String line = line(in); !line.isEmpty(); line = line(in)) {
        assertThat(line).contains(":");
      }
      return status;
    } catch (IOException e) {
      throw new UncheckedIOException(target, e);
    }
  }

  Answer send(String method, String target, String type, String body) {
    return send(method, target, type, body, "");
  }

  private Answer send(String method, String target, String type, String body, String headers) {
    byte[] content = body.getBytes(StandardCharsets.UTF_8);
    String head =
        "%s %s HTTP/1.1\r\nHost: test\r\nConnection: close\r\nContent-Type: %s\r\nContent-Length: %d\r\n%s\r\n"
            .formatted(method, target.replace(" ", "%20"), type, content.length, always + headers);
    try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
      channel.write(ByteBuffer.wrap(head.getBytes(StandardCharsets.US_ASCII)));
      write(channel, ByteBuffer.wrap(content));
      return read(new BufferedInputStream(Channels.newInputStream(channel)));
    } catch (IOException e) {
      throw new UncheckedIOException(method + " " + target, e);
    }
  }

  private static void write(SocketChannel channel, ByteBuffer content) {
    try {
      while (content.hasRemaining()) {
        channel.write(content);
      }
    } catch (IOException e) {
      return; // who refuses a body need not read it; the answer tells
    }
  }

  private static Answer read(InputStream in) throws IOException {
    int status = Integer.parseInt(line(in).split(" ", -1)[1]);
    Map<String, String> headers = new TreeMap<>();
    for (String line = line(in); !line.isEmpty(); line = line(in)) {
      int colon = line.indexOf(':');
      headers.put(
          line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
    }
    boolean chunked = "chunked".equalsIgnoreCase(headers.get("transfer-encoding"));
    // and no further: where a request was not read to its end, the connection is reset after that
    int length = Integer.parseInt(headers.getOrDefault("content-length", "0"));
    byte[] body = chunked ? chunks(in) : in.readNBytes(length);
    return new Answer(status, headers, new String(body, StandardCharsets.UTF_8));
  }

  private static byte[] chunks(InputStream in) throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    for (int size = size(in); size > 0; size = size(in)) {
      body.write(in.readNBytes(size));
      line(in);
    }
    return body.toByteArray();
  }

  private static int size(InputStream in) throws IOException {
    return Integer.parseInt(line(in), 16);
  }

  private static String line(InputStream in) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int b = in.read(); b != '\n' && b >= 0; b = in.read()) {
      if (b != '\r') {
        line.write(b);
      }
    }
    return line.toString(StandardCharsets.ISO_8859_1);
  }
}
