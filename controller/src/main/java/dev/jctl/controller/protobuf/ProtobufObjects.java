package dev.jctl.controller.protobuf;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.InvalidProtocolBufferException;
import io.kubernetes.client.proto.Meta;
import io.kubernetes.client.proto.Runtime;
import io.kubernetes.client.proto.V1;
import io.kubernetes.client.proto.V1Apps;
import io.kubernetes.client.proto.V1Authentication;
import io.kubernetes.client.proto.V1Authorization;
import io.kubernetes.client.proto.V1Autoscaling;
import io.kubernetes.client.proto.V1Batch;
import io.kubernetes.client.proto.V1Networking;
import io.kubernetes.client.proto.V1Policy;
import io.kubernetes.client.proto.V1Rbac;
import io.kubernetes.client.proto.V1beta1Policy;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;

/**
 * Bodies of type {@code application/vnd.kubernetes.protobuf}: four bytes, then a {@code
 * runtime.Unknown} with the object's type and its message. Clients written in Go send core kinds
 * so, and do not try anything else when they are refused.
 *
 * @see <a href="https://kubernetes.io/docs/reference/using-api/api-concepts/#protobuf-encoding">API
 *     concepts: protobuf encoding</a>
 */
public final class ProtobufObjects {
  public static final String MEDIA_TYPE = "application/vnd.kubernetes.protobuf";

  private static final byte[] MAGIC = {'k', '8', 's', 0};

  private ProtobufObjects() {}

  /** What a body is not. */
  public static final class InvalidBody extends Exception {
    private static final long serialVersionUID = 1L;

    InvalidBody(String message) {
      super(message);
    }
  }

  /** Loaded when the first body comes: they are large. */
  private static final class Types {
    private static final Map<String, FileDescriptor> BY_VERSION =
        Map.ofEntries(
            Map.entry("v1", V1.getDescriptor()),
            Map.entry("apps/v1", V1Apps.getDescriptor()),
            Map.entry("autoscaling/v1", V1Autoscaling.getDescriptor()),
            Map.entry("batch/v1", V1Batch.getDescriptor()),
            Map.entry("authentication.k8s.io/v1", V1Authentication.getDescriptor()),
            Map.entry("authorization.k8s.io/v1", V1Authorization.getDescriptor()),
            Map.entry("networking.k8s.io/v1", V1Networking.getDescriptor()),
            Map.entry("coordination.k8s.io/v1", AddedMessages.coordination()),
            Map.entry("discovery.k8s.io/v1", AddedMessages.discovery()),
            Map.entry("events.k8s.io/v1", AddedMessages.events()),
            Map.entry("policy/v1", V1Policy.getDescriptor()),
            Map.entry("policy/v1beta1", V1beta1Policy.getDescriptor()),
            Map.entry("rbac.authorization.k8s.io/v1", V1Rbac.getDescriptor()));

    /** What all groups share ({@code DeleteOptions}) counts as one of each. */
    static Optional<Descriptor> of(String apiVersion, String kind) {
      return Optional.ofNullable(BY_VERSION.get(apiVersion))
          .map(file -> file.findMessageTypeByName(kind))
          .or(() -> Optional.ofNullable(Meta.getDescriptor().findMessageTypeByName(kind)));
    }
  }

  /** The object, with {@code apiVersion} and {@code kind}. */
  public static ObjectNode read(byte[] body) throws InvalidBody {
    if (body.length < MAGIC.length
        || !Arrays.equals(body, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
      throw new InvalidBody("the request is not Kubernetes' protobuf: it does not begin with k8s");
    }
    try {
      Runtime.Unknown envelope =
          Runtime.Unknown.parseFrom(
              ByteString.copyFrom(body, MAGIC.length, body.length - MAGIC.length));
      String apiVersion = envelope.getTypeMeta().getApiVersion();
      String kind = envelope.getTypeMeta().getKind();
      Descriptor type =
          Types.of(apiVersion, kind)
              .orElseThrow(
                  () ->
                      new InvalidBody(
                          "no kind \""
                              + kind
                              + "\" of \""
                              + apiVersion
                              + "\" is known in protobuf; send JSON"));
      ObjectNode object = JsonNodeFactory.instance.objectNode();
      object.put("apiVersion", apiVersion).put("kind", kind);
      object.setAll(MessageJson.of(DynamicMessage.parseFrom(type, envelope.getRaw())));
      return object;
    } catch (InvalidProtocolBufferException e) {
      throw new InvalidBody("the request is no valid protobuf: " + e.getMessage());
    }
  }
}
