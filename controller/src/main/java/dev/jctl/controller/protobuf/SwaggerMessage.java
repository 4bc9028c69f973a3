package dev.jctl.controller.protobuf;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;

/**
 * An OpenAPI v2 document as the message {@code openapi.v2.Document}: the only form of it that older
 * kubectls take (1.20 does not know v3). Written are the parts that they look at.
 *
 * @see <a href="https://github.com/google/gnostic-models/blob/main/openapiv2/OpenAPIv2.proto">the
 *     message's fields</a>
 */
public final class SwaggerMessage {
  /**
   * Clients still ask for it with an {@code @} in place of the last dot, which is no media type.
   */
  public static final String MEDIA_TYPE =
      "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";

  private static final String EXTENSION = "x-";

  /** Fields of {@code PathItem}. */
  private static final Map<String, Integer> METHODS =
      Map.of("get", 2, "put", 3, "post", 4, "delete", 5, "patch", 8);

  private SwaggerMessage() {}

  /** Whether that header asks for it. */
  public static boolean isAccepted(String accept) {
    return accept.contains("proto-openapi.spec.v2");
  }

  public static byte[] of(JsonNode document) {
    return message(
            m -> {
              m.text(1, document.path("swagger"));
              m.message(2, info(document.path("info")));
              m.message(8, paths(document.path("paths")));
              m.message(9, named(1, document.path("definitions"), SwaggerMessage::schema));
            })
        .toByteArray();
  }

  private static ByteString info(JsonNode info) {
    return message(
        m -> {
          m.text(1, info.path("title"));
          m.text(2, info.path("version"));
        });
  }

  private static ByteString paths(JsonNode paths) {
    return named(2, paths, SwaggerMessage::pathItem);
  }

  private static ByteString pathItem(JsonNode item) {
    return message(
        m -> {
          for (Map.Entry<String, JsonNode> operation : item.properties()) {
            Integer field = METHODS.get(operation.getKey());
            if (field != null) {
              m.message(field, operation(operation.getValue()));
            }
          }
        });
  }

  private static ByteString operation(JsonNode operation) {
    return message(
        m -> {
          m.texts(6, operation.path("produces"));
          m.texts(7, operation.path("consumes"));
          for (JsonNode parameter : operation.path("parameters")) {
            m.message(8, queryParameter(parameter));
          }
          m.message(9, named(1, operation.path("responses"), SwaggerMessage::response));
          m.extensions(13, operation);
        });
  }

  /** {@code ParametersItem}, {@code Parameter}, {@code NonBodyParameter}, one in the other. */
  private static ByteString queryParameter(JsonNode parameter) {
    ByteString query =
        message(
            m -> {
              m.text(2, parameter.path("in"));
              m.text(4, parameter.path("name"));
              m.text(6, parameter.path("type"));
            });
    ByteString nonBody = message(m -> m.message(3, query));
    ByteString either = message(m -> m.message(2, nonBody));
    return message(m -> m.message(1, either));
  }

  private static ByteString response(JsonNode response) {
    ByteString described = message(m -> m.text(1, response.path("description")));
    return message(m -> m.message(1, described));
  }

  private static ByteString schema(JsonNode schema) {
    return message(
        m -> {
          m.text(1, schema.path("$ref"));
          m.text(2, schema.path("format"));
          m.text(4, schema.path("description"));
          m.texts(19, schema.path("required"));
          if (schema.has("additionalProperties")) {
            ByteString values = schema(schema.path("additionalProperties"));
            m.message(21, message(item -> item.message(1, values)));
          }
          if (schema.has("type")) {
            m.message(22, message(type -> type.text(1, schema.path("type"))));
          }
          if (schema.has("items")) {
            ByteString items = schema(schema.path("items"));
            m.message(23, message(item -> item.message(1, items)));
          }
          if (schema.has("properties")) {
            m.message(25, named(1, schema.path("properties"), SwaggerMessage::schema));
          }
          m.extensions(31, schema);
        });
  }

  /** A message of pairs, each a message with name and value. */
  private static ByteString named(int field, JsonNode object, Encoding value) {
    return message(
        m -> {
          for (Map.Entry<String, JsonNode> entry : object.properties()) {
            ByteString encoded = value.of(entry.getValue());
            m.message(
                field,
                message(
                    pair -> {
                      pair.text(1, entry.getKey());
                      pair.message(2, encoded);
                    }));
          }
        });
  }

  private interface Encoding {
    ByteString of(JsonNode node);
  }

  private interface Content {
    void write(Message message) throws IOException;
  }

  private static ByteString message(Content content) {
    ByteString.Output bytes = ByteString.newOutput();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    try {
      content.write(new Message(out));
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException("in memory", e);
    }
    return bytes.toByteString();
  }

  /** Writes the fields of one message; what is not there is left out. */
  private record Message(CodedOutputStream out) {
    void text(int field, JsonNode text) throws IOException {
      if (text.isTextual()) {
        text(field, text.textValue());
      }
    }

    void text(int field, String text) throws IOException {
      out.writeString(field, text);
    }

    void texts(int field, JsonNode list) throws IOException {
      for (JsonNode text : list) {
        text(field, text);
      }
    }

    void message(int field, ByteString message) throws IOException {
      out.writeBytes(field, message);
    }

    /** {@code NamedAny}: JSON is YAML too. */
    void extensions(int field, JsonNode object) throws IOException {
      List<Map.Entry<String, JsonNode>> extensions =
          object.propertyStream().filter(p -> p.getKey().startsWith(EXTENSION)).toList();
      for (Map.Entry<String, JsonNode> extension : extensions) {
        ByteString any = SwaggerMessage.message(m -> m.text(2, extension.getValue().toString()));
        message(
            field,
            SwaggerMessage.message(
                m -> {
                  m.text(1, extension.getKey());
                  m.message(2, any);
                }));
      }
    }
  }
}
