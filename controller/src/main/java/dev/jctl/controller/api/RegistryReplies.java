package dev.jctl.controller.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.distribution.DistributionError;
import dev.jctl.controller.distribution.DistributionError.Code;
import dev.jctl.controller.resources.ApiException;
import dev.jctl.controller.resources.ResourceCodec;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** What a registry answers. OCI distribution spec 1.1. */
final class RegistryReplies {
  private static final int BUFFER_BYTES = 1 << 18;

  private RegistryReplies() {}

  /** With no body. */
  static ApiReply empty(int status, Map<String, String> headers) {
    return new ApiReply.Headed(status, headers, 0, sink -> {});
  }

  static ApiReply bytes(int status, Map<String, String> headers, byte[] body) {
    return new ApiReply.Headed(status, headers, body.length, sink -> sink.write(body));
  }

  static ApiReply json(JsonNode tree, Map<String, String> headers) {
    return json(200, tree, headers);
  }

  private static ApiReply json(int status, JsonNode tree, Map<String, String> headers) {
    Map<String, String> all = new HashMap<>(headers);
    all.putIfAbsent("Content-Type", ApiReply.JSON);
    return bytes(status, all, ResourceCodec.bytes(tree));
  }

  /** {@code length} bytes of a file from {@code first} on. */
  static ApiReply file(
      int status, Map<String, String> headers, Path file, long first, long length) {
    return new ApiReply.Headed(
        status,
        headers,
        length,
        sink -> {
          try (FileChannel channel = FileChannel.open(file)) {
            send(Channels.newInputStream(channel.position(first)), length, sink);
          }
        });
  }

  private static void send(InputStream in, long length, Streams.Sink sink) throws IOException {
    long left = length;
    while (left > 0) {
      byte[] next = in.readNBytes((int) Math.min(left, BUFFER_BYTES));
      if (next.length == 0) {
        throw new IOException("the blob has been removed");
      }
      sink.write(next);
      left -= next.length;
    }
  }

  static ApiReply error(DistributionError e) {
    return error(e.code().status(), e.code(), String.valueOf(e.getMessage()));
  }

  static ApiReply error(ApiException e) {
    Code code =
        switch (e.reason()) {
          case UNAUTHORIZED -> Code.UNAUTHORIZED;
          case FORBIDDEN, CONFLICT, ALREADY_EXISTS -> Code.DENIED;
          case NOT_FOUND -> Code.NAME_UNKNOWN;
          case METHOD_NOT_ALLOWED -> Code.UNSUPPORTED;
          case BAD_REQUEST, INVALID, NOT_ACCEPTABLE, UNSUPPORTED_MEDIA_TYPE -> Code.NAME_INVALID;
          case REQUEST_TOO_LARGE -> Code.SIZE_INVALID;
          case TOO_MANY_REQUESTS -> Code.TOOMANYREQUESTS;
          case EXPIRED, INTERNAL_ERROR, SERVICE_UNAVAILABLE, TIMEOUT -> Code.UNKNOWN;
        };
    return error(e.reason().code(), code, String.valueOf(e.getMessage()));
  }

  private static ApiReply error(int status, Code code, String message) {
    ObjectNode tree = ResourceCodec.MAPPER.createObjectNode();
    tree.putArray("errors").addObject().put("code", code.name()).put("message", message);
    Map<String, String> headers = new HashMap<>();
    if (code == Code.UNAUTHORIZED) {
      // clients send a token as the password only when they are asked for one
      headers.put("WWW-Authenticate", "Basic realm=\"jctl\"");
    }
    if (code == Code.TOOMANYREQUESTS) {
      headers.put("Retry-After", Integer.toString(InFlight.RETRY_AFTER_SECONDS));
    }
    return json(status, tree, headers);
  }
}
