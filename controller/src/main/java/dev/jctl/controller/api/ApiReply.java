package dev.jctl.controller.api;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.controller.resources.ObjectRef;
import dev.jctl.controller.resources.ResourceCodec;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/** What is answered. */
sealed interface ApiReply {
  String JSON = "application/json";

  /**
   * @param warnings one {@code Warning} header each
   * @param written what the request has changed, where its path does not say it
   */
  @SuppressWarnings("ArrayRecordComponent") // made once, written once
  record Whole(
      int status, String contentType, byte[] body, List<String> warnings, List<ObjectRef> written)
      implements ApiReply {
    Whole(int status, String contentType, byte[] body, List<String> warnings) {
      this(status, contentType, body, warnings, List.of());
    }
  }

  /**
   * 200, and JSON.
   *
   * @param pieces of it, which may still be coming; to be gone through once
   * @param length of them together in bytes, if that is known
   */
  record Pieces(Iterable<byte[]> pieces, OptionalInt length) implements ApiReply {
    static Pieces of(List<byte[]> pieces) {
      return new Pieces(pieces, OptionalInt.of(pieces.stream().mapToInt(p -> p.length).sum()));
    }

    byte[] joined() {
      ByteArrayOutputStream all = new ByteArrayOutputStream(length.orElse(0));
      pieces.forEach(all::writeBytes);
      return all.toByteArray();
    }
  }

  /** 200, or 304 to who has it already. */
  @SuppressWarnings("ArrayRecordComponent") // made once, written once
  record Tagged(String contentType, byte[] body, String tag) implements ApiReply {}

  /** 200, and a body that is written as it comes to be. */
  record Streamed(String contentType, Body body) implements ApiReply {}

  /**
   * With a head of its own.
   *
   * @param length of the body in bytes; for HEAD too, which is answered without it
   */
  record Headed(int status, Map<String, String> headers, long length, Body body)
      implements ApiReply {
    public Headed {
      headers = Map.copyOf(headers);
    }
  }

  @FunctionalInterface
  interface Body {
    /** Ends when done, when interrupted, or with an exception when the peer has gone. */
    void writeTo(Streams.Sink sink) throws IOException, InterruptedException;
  }

  static ApiReply json(int status, JsonNode tree) {
    return json(status, tree, List.of());
  }

  static ApiReply json(int status, JsonNode tree, List<String> warnings) {
    return json(status, tree, warnings, List.of());
  }

  static ApiReply json(int status, JsonNode tree, List<String> warnings, List<ObjectRef> written) {
    return json(status, ResourceCodec.bytes(tree), warnings, written);
  }

  static ApiReply json(int status, byte[] tree, List<String> warnings, List<ObjectRef> written) {
    return new Whole(status, JSON, tree, warnings, written);
  }

  static ApiReply json(byte[] tree) {
    return new Whole(200, JSON, tree, List.of());
  }

  /** With a tag that says what is in it. */
  static ApiReply tagged(String contentType, byte[] body) {
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(body);
      return new Tagged(
          contentType, body, "\"" + HexFormat.of().withUpperCase().formatHex(hash) + "\"");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  static ApiReply text(String text) {
    return new Whole(200, "text/plain", text.getBytes(StandardCharsets.UTF_8), List.of());
  }
}
