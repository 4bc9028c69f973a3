package dev.jctl.controller.protobuf;

import static com.google.protobuf.DescriptorProtos.FieldDescriptorProto.Label.LABEL_OPTIONAL;
import static com.google.protobuf.DescriptorProtos.FieldDescriptorProto.Label.LABEL_REPEATED;
import static com.google.protobuf.DescriptorProtos.FieldDescriptorProto.Type.TYPE_BOOL;
import static com.google.protobuf.DescriptorProtos.FieldDescriptorProto.Type.TYPE_INT32;
import static com.google.protobuf.DescriptorProtos.FieldDescriptorProto.Type.TYPE_MESSAGE;
import static com.google.protobuf.DescriptorProtos.FieldDescriptorProto.Type.TYPE_STRING;

import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.Descriptors.DescriptorValidationException;
import com.google.protobuf.Descriptors.FileDescriptor;
import io.kubernetes.client.proto.Meta;
import io.kubernetes.client.proto.V1;
import java.util.List;

/**
 * Messages of groups that client-java-proto leaves out, as the {@code generated.proto} of {@code
 * k8s.io/api} has them: clients written in Go elect their leaders by Leases in protobuf.
 */
final class AddedMessages {
  private static final String META = "." + Meta.getDescriptor().getPackage() + ".";
  private static final String CORE = "." + V1.getDescriptor().getPackage() + ".";

  private AddedMessages() {}

  static FileDescriptor coordination() {
    return file(
        "coordination",
        message("Lease", one(1, "metadata", META + "ObjectMeta"), one(2, "spec", "LeaseSpec")),
        message(
            "LeaseSpec",
            one(1, "holderIdentity", TYPE_STRING),
            one(2, "leaseDurationSeconds", TYPE_INT32),
            one(3, "acquireTime", META + "MicroTime"),
            one(4, "renewTime", META + "MicroTime"),
            one(5, "leaseTransitions", TYPE_INT32),
            one(6, "strategy", TYPE_STRING),
            one(7, "preferredHolder", TYPE_STRING)));
  }

  static FileDescriptor discovery() {
    return file(
        "discovery",
        message(
            "EndpointSlice",
            one(1, "metadata", META + "ObjectMeta"),
            many(2, "endpoints", "Endpoint"),
            many(3, "ports", "EndpointPort"),
            one(4, "addressType", TYPE_STRING)),
        message(
            "Endpoint",
            one(1, "addresses", TYPE_STRING).setLabel(LABEL_REPEATED),
            one(2, "conditions", "EndpointConditions"),
            one(3, "hostname", TYPE_STRING),
            one(4, "targetRef", CORE + "ObjectReference"),
            one(6, "nodeName", TYPE_STRING),
            one(7, "zone", TYPE_STRING),
            one(8, "hints", "EndpointHints")),
        message(
            "EndpointConditions",
            one(1, "ready", TYPE_BOOL),
            one(2, "serving", TYPE_BOOL),
            one(3, "terminating", TYPE_BOOL)),
        message("EndpointHints", many(1, "forZones", "ForZone")),
        message("ForZone", one(1, "name", TYPE_STRING)),
        message(
            "EndpointPort",
            one(1, "name", TYPE_STRING),
            one(2, "protocol", TYPE_STRING),
            one(3, "port", TYPE_INT32),
            one(4, "appProtocol", TYPE_STRING)));
  }

  static FileDescriptor events() {
    return file(
        "events",
        message(
            "Event",
            one(1, "metadata", META + "ObjectMeta"),
            one(2, "eventTime", META + "MicroTime"),
            one(3, "series", "EventSeries"),
            one(4, "reportingController", TYPE_STRING),
            one(5, "reportingInstance", TYPE_STRING),
            one(6, "action", TYPE_STRING),
            one(7, "reason", TYPE_STRING),
            one(8, "regarding", CORE + "ObjectReference"),
            one(9, "related", CORE + "ObjectReference"),
            one(10, "note", TYPE_STRING),
            one(11, "type", TYPE_STRING),
            one(12, "deprecatedSource", CORE + "EventSource"),
            one(13, "deprecatedFirstTimestamp", META + "Time"),
            one(14, "deprecatedLastTimestamp", META + "Time"),
            one(15, "deprecatedCount", TYPE_INT32)),
        message(
            "EventSeries",
            one(1, "count", TYPE_INT32),
            one(2, "lastObservedTime", META + "MicroTime")));
  }

  private static FileDescriptor file(String group, DescriptorProto... messages) {
    FileDescriptor[] used = {Meta.getDescriptor(), V1.getDescriptor()};
    FileDescriptorProto file =
        FileDescriptorProto.newBuilder()
            .setName(group + ".proto")
            .setPackage("k8s.io.api." + group + ".v1")
            .addDependency(used[0].getName())
            .addDependency(used[1].getName())
            .addAllMessageType(List.of(messages))
            .build();
    try {
      return FileDescriptor.buildFrom(file, used);
    } catch (DescriptorValidationException e) {
      throw new IllegalStateException(e);
    }
  }

  private static DescriptorProto message(String name, FieldDescriptorProto.Builder... fields) {
    DescriptorProto.Builder message = DescriptorProto.newBuilder().setName(name);
    for (FieldDescriptorProto.Builder field : fields) {
      message.addField(field);
    }
    return message.build();
  }

  private static FieldDescriptorProto.Builder one(
      int number, String name, FieldDescriptorProto.Type type) {
    return FieldDescriptorProto.newBuilder()
        .setNumber(number)
        .setName(name)
        .setType(type)
        .setLabel(LABEL_OPTIONAL);
  }

  private static FieldDescriptorProto.Builder one(int number, String name, String message) {
    return one(number, name, TYPE_MESSAGE).setTypeName(message);
  }

  private static FieldDescriptorProto.Builder many(int number, String name, String message) {
    return one(number, name, message).setLabel(LABEL_REPEATED);
  }
}
