package dev.jctl.controller.api;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.jctl.controller.protobuf.ProtobufObjects;
import dev.jctl.controller.resources.ApiException;
import dev.jctl.controller.resources.ApiException.Reason;
import dev.jctl.controller.resources.ResourceCodec;
import dev.jctl.manifests.codec.ManifestDocument;
import dev.jctl.manifests.codec.ManifestException;
import dev.jctl.manifests.codec.ManifestReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Bodies of requests, bounded in size and depth. */
final class RequestBodies {
  private static final int MAX_BYTES = 3 << 20;
  private static final int MAX_DEPTH = 100;

  private static final ObjectMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .recyclerPool(ResourceCodec.BUFFERS)
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(MAX_DEPTH)
                          .maxStringLength(MAX_BYTES)
                          .build())
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private RequestBodies() {}

  static byte[] bytes(ApiRequest request) {
    try (InputStream in = request.body().get()) {
      byte[] bytes = in.readNBytes(expected(request));
      if (bytes.length > MAX_BYTES) {
        throw new ApiException(
            Reason.REQUEST_TOO_LARGE,
            "Request entity too large: limit is " + MAX_BYTES,
            null,
            List.of());
      }
      return bytes;
    } catch (IOException e) {
      throw ApiException.badRequest("cannot read the request: " + e.getMessage());
    } catch (UncheckedIOException e) {
      throw ApiException.badRequest("cannot read the request: " + e.getMessage());
    }
  }

  /**
   * At most how much is read. No more than the request says there is, as a reader of streams makes
   * room for what may come; a stream does not go on after that.
   */
  private static int expected(ApiRequest request) {
    String length = request.headers().apply("Content-Length");
    try {
      return length.isEmpty()
          ? MAX_BYTES + 1
          : Math.clamp(Long.parseLong(length), 0, MAX_BYTES + 1);
    } catch (NumberFormatException e) {
      return MAX_BYTES + 1;
    }
  }

  /** JSON of any shape, whatever the content type says. */
  static JsonNode json(byte[] bytes) {
    try (JsonParser parser = MAPPER.createParser(bytes)) {
      JsonNode tree = MAPPER.readTree(parser);
      if (tree == null) {
        throw ApiException.badRequest("the request has no body");
      }
      return tree;
    } catch (JsonProcessingException e) {
      throw ApiException.badRequest(
          "the request is no JSON: " + place(e) + ": " + e.getOriginalMessage());
    } catch (IOException e) {
      throw ApiException.badRequest("cannot read the request: " + e.getMessage());
    }
  }

  /** Of what exceeds a limit, Jackson does not tell the place. */
  private static String place(JsonProcessingException e) {
    JsonLocation location = e.getLocation();
    return location == null
        ? "beyond a limit"
        : "line " + location.getLineNr() + ", column " + location.getColumnNr();
  }

  /** One object, as JSON, YAML or Kubernetes' protobuf. */
  static ObjectNode object(ApiRequest request) {
    byte[] bytes = bytes(request);
    if (request.contentType().equals(ProtobufObjects.MEDIA_TYPE)) {
      return protobuf(bytes);
    }
    if (isYaml(request.contentType()) && !looksLikeJson(bytes)) {
      List<ManifestDocument> documents = documents(bytes);
      if (documents.size() != 1) {
        throw ApiException.badRequest("expected one document, found " + documents.size());
      }
      return documents.getFirst().tree();
    }
    acceptOnlyText(request.contentType());
    return asObject(json(bytes));
  }

  /** {@code {kind: List, items: […]}}, or a stream of YAML documents. */
  static List<JsonNode> objects(ApiRequest request) {
    byte[] bytes = bytes(request);
    if (isYaml(request.contentType()) && !looksLikeJson(bytes)) {
      return documents(bytes).stream().map(document -> (JsonNode) document.tree()).toList();
    }
    acceptOnlyText(request.contentType());
    ObjectNode list = asObject(json(bytes));
    if (!list.path("items").isArray()) {
      throw ApiException.badRequest("expected {kind: List, items: [...]}");
    }
    List<JsonNode> items = new ArrayList<>();
    list.get("items").forEach(items::add);
    return items;
  }

  /** What a delete may say besides; clients send none, or JSON under any content type. */
  static Optional<ObjectNode> options(ApiRequest request) {
    byte[] bytes = bytes(request);
    if (bytes.length == 0) {
      return Optional.empty();
    }
    return Optional.of(
        request.contentType().equals(ProtobufObjects.MEDIA_TYPE)
            ? protobuf(bytes)
            : asObject(json(bytes)));
  }

  private static ObjectNode protobuf(byte[] bytes) {
    try {
      return ProtobufObjects.read(bytes);
    } catch (ProtobufObjects.InvalidBody e) {
      throw ApiException.badRequest(String.valueOf(e.getMessage()));
    }
  }

  static ObjectNode asObject(JsonNode tree) {
    if (tree instanceof ObjectNode object) {
      return object;
    }
    throw ApiException.badRequest("expected an object, found " + tree.getNodeType());
  }

  private static List<ManifestDocument> documents(byte[] bytes) {
    try {
      return ManifestReader.read("<request>", new String(bytes, StandardCharsets.UTF_8));
    } catch (ManifestException e) {
      throw ApiException.badRequest(String.valueOf(e.getMessage()));
    }
  }

  private static void acceptOnlyText(String contentType) {
    boolean known =
        contentType.isEmpty()
            || contentType.equals(ApiReply.JSON)
            || contentType.equals("*/*")
            || isYaml(contentType);
    if (!known) {
      throw unsupported("application/json, application/yaml");
    }
  }

  static ApiException unsupported(String accepted) {
    return new ApiException(
        Reason.UNSUPPORTED_MEDIA_TYPE,
        "the body of the request was in an unknown format - accepted media types include: "
            + accepted,
        null,
        List.of());
  }

  private static boolean isYaml(String contentType) {
    return contentType.endsWith("yaml");
  }

  private static boolean looksLikeJson(byte[] bytes) {
    for (byte b : bytes) {
      if (!Character.isWhitespace(b)) {
        return b == '{' || b == '[';
      }
    }
    return false;
  }
}
